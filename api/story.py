"""GET /v1/orders/{no}: everything a desk needs on one page, each part for those who may see it."""

from __future__ import annotations

from collections.abc import Sequence

from api.act_names import text_en, text_zh
from api.auth import Staff
from api.case_views import case_of_order
from api.house import House
from api.masking import masked, seen
from api.order_views import order_view
from api.problems import NotThere
from api.schemas.orders import OrderView, ParcelView, TraceView
from api.schemas.story import BuyerHistory, CaseOfOrder, OrderStory
from api.scope import within
from api.temporal_ui import temporal_ui
from domain.case_progress import kinds_seen_by
from domain.permissions import Permission
from domain.personal import PersonField, form_of
from models.order import workflow_id
from store import cases, contacts, review, risk, traces, views
from store.contacts import Person
from store.pool import Connection
from store.traces import Told


async def tell(house: House, order_no: str, by: Staff) -> OrderStory:
    """The whole story; raises :class:`NotThere`."""
    told = await _told(house, order_no, by)
    return told.model_copy(update={"temporal_ui": temporal_ui(house, by).page(workflow_id(order_no))})


async def _told(house: House, order_no: str, by: Staff) -> OrderStory:
    async with house.pool.connection() as conn:
        gathered = await views.gather(conn, order_no)
        if gathered is None:
            raise NotThere(f"there is no order {order_no}")
        view = order_view(gathered, await views.timeline(conn, order_no))
        known = await _cases(conn, order_no, by) if by.may(Permission.CASE_READ) else None
        if not by.may(Permission.CONTACT_MASKED):
            return _story(view, await traces.of_order(conn, order_no), known, by)
        return await _with_buyer(conn, house, view, gathered.order["contact_id"], known, by)


async def _with_buyer(
    conn: Connection, house: House, view: OrderView, contact_id: str, known: Sequence[CaseOfOrder] | None, by: Staff
) -> OrderStory:
    """As posts see it who may see a buyer, masked (R21)."""
    person = await _person(conn, house, contact_id)
    events = await traces.in_full(conn, house.vault, view.order_no, contact_id)
    shown: dict[str, object] = {"contact": masked(person, by.permissions) if person else None}
    if form_of(PersonField.HISTORY, Permission.CONTACT_MASKED, by.permissions):
        shown["buyer"] = await _history(conn, house, view.order_no, contact_id)
    return _story(view, events, known, by, person).model_copy(update=shown)


def _story(
    view: OrderView, events: Sequence[Told], known: Sequence[CaseOfOrder] | None, by: Staff,
    person: Person | None = None,
) -> OrderStory:  # fmt: skip
    parcels = [_with_trace(parcel, events, by, person) for parcel in view.parcels]
    plain = {name: getattr(view, name) for name in OrderView.model_fields}
    return OrderStory(**{**plain, "parcels": parcels, "cases": known})


def _with_trace(parcel: ParcelView, events: Sequence[Told], by: Staff, person: Person | None) -> ParcelView:
    told = [_event(event, by, person) for event in events if event.parcel_no == parcel.parcel_no]
    return parcel.model_copy(update={"trace": told})


def _event(event: Told, by: Staff, person: Person | None) -> TraceView:
    act = f"parcel_{event.state}"
    # The text of an erased person's trace is not shown: nobody could say what in it is theirs.
    text = seen(PersonField.TRACE, Permission.CONTACT_MASKED, by.permissions, event.text, person) if person else None
    return TraceView(at=event.at, state=event.state, code=event.code, en=text_en(act), zh=text_zh(act), text=text)


async def _cases(conn: Connection, order_no: str, by: Staff) -> list[CaseOfOrder]:
    found = await cases.of_order(conn, order_no, kinds=sorted(kinds_seen_by(by.role)), within=within(by))
    return [case_of_order(row, clocks) for row, clocks in found]


async def _person(conn: Connection, house: House, contact_id: str) -> Person | None:
    """None for an erased person."""
    try:
        return await contacts.reveal(conn, house.vault, contact_id)
    except contacts.UnknownContact:
        return None


async def _history(conn: Connection, house: House, order_no: str, contact_id: str) -> BuyerHistory:
    listed = await risk.listed(conn, contact_id, house.now())
    counts = await review.buyer_history(conn, order_no)
    marked = sorted({event for event, _ in listed.marked})
    return BuyerHistory(**counts, blacklisted=list(listed.blacklisted), marked=marked)

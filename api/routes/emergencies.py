"""Emergencies: bulk holds, peak mode, broadcasts, and the daily digest (R7, R25, T17)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from api.auth import Staff, allowed, denied_outside
from api.emergencies import (
    Beginning,
    begin,
    broadcast_view,
    end_broadcast,
    hold_view,
    id_for,
    release_hold,
    within_own,
)
from api.house import House, InHouse
from api.once import Asking, Key, once
from api.pages import Cursor, Limit, cursor_of, key_of
from api.problems import REFUSALS, Faulty, NotThere, Responses, among
from api.schemas.emergencies import (
    Accepted,
    BroadcastEnd,
    BroadcastPage,
    BroadcastView,
    DigestPage,
    DigestView,
    HoldPage,
    HoldRelease,
    HoldResult,
    HoldResults,
    HoldView,
    NewBroadcast,
    NewHold,
    NewPeak,
    PeakView,
    Warehouse,
)
from api.schemas.orders import OrderCount
from api.schemas.texts import ChannelName
from api.scope import within
from domain.holds import HoldScope
from domain.intake import Fault
from domain.permissions import Permission, Role
from models import workflow_names as names
from models.emergencies import Broadcast, OpenHold, OpenPeak, ReleaseHold
from store import broadcasts, digests, holds, peak, scopes
from store.order_lists import COUNTED_TO
from store.pool import Connection, Row

router = APIRouter(prefix="/v1", tags=["emergencies"])

BroadcastId = Annotated[str, Path(pattern=r"^B-[A-Z2-7]{12}$", examples=["B-7Q2MXYZ4B3TA"])]
HoldId = Annotated[str, Path(pattern=r"^H-[A-Z2-7]{12}$", examples=["H-7Q2MXYZ4B3TA"])]
Reader = Annotated[Staff, Depends(allowed(Permission.HOLD_READ))]
_BEGUN: Responses = {**REFUSALS, **among(503), 202: {"model": Accepted, "description": "taken; on record soon"}}
_SELECTED = {"warehouse": HoldScope.WAREHOUSE, "channel": HoldScope.CHANNEL, "orders": HoldScope.ORDERS}


@router.post(
    "/holds", summary="Hold the orders of a warehouse, a channel or a list", status_code=201,
    response_model=HoldView, responses=_BEGUN,
)  # fmt: skip
async def open_hold(
    body: NewHold, key: Key, request: Request, house: InHouse,
    by: Annotated[Staff, Depends(allowed(Permission.HOLD_BULK))],
) -> Response:  # fmt: skip
    """Every order is asked and its answer kept. Orders that come in meanwhile are held as well, until the release."""
    hold_id = id_for("hold", by, key)
    scope, chosen = _selection(body)
    await within_own(request, house, by, scope, chosen)
    clocks = body.clocks or house.settings.hold_clocks
    opening = OpenHold(hold_id=hold_id, scope=scope, names=chosen, reason=body.reason, clocks=clocks, by=by.actor)
    beginning = Beginning(names.BULK_HOLD_WORKFLOW, f"hold-{hold_id}", opening, f"批量掛起 held: {body.reason}")

    async def look(conn: Connection) -> HoldView | None:
        row = await holds.view(conn, hold_id)
        return hold_view(row) if row else None

    asking = Asking.by(by.id, key, request, body)
    return await once(house, asking, lambda: begin(house, beginning, look, f"/v1/holds/{hold_id}"))


@router.post("/holds/{hold_id}/release", summary="Release them together", response_model=HoldView,
             responses={**REFUSALS, **among(404, 409, 503)})  # fmt: skip
async def release(
    hold_id: HoldId, body: HoldRelease, key: Key, request: Request, house: InHouse,
    by: Annotated[Staff, Depends(allowed(Permission.HOLD_BULK))],
) -> Response:  # fmt: skip
    """Stopped clocks go on with what was left. An order that somebody else holds too stays held."""
    async with house.pool.connection() as conn:
        held = await holds.view(conn, hold_id)
    if held is not None:
        await within_own(request, house, by, HoldScope(held["scope"]), held["names"])
    asked = ReleaseHold(by=by.actor, reason=body.reason, key=key)
    return await once(house, Asking.by(by.id, key, request, body), lambda: release_hold(house, hold_id, asked))


@router.get("/holds", summary="Emergencies, the newest first", responses=REFUSALS)
async def list_holds(house: InHouse, by: Reader, limit: Limit = 50, cursor: Cursor = None) -> HoldPage:
    """With how far each has come."""
    key = cast("tuple[datetime, str] | None", key_of(cursor, datetime, str))
    async with house.pool.connection() as conn:
        rows = await holds.page(conn, before=key, limit=limit + 1, within=within(by))
    following = _following(rows, limit, "opened_at", "hold_id")
    return HoldPage(items=[hold_view(row) for row in rows[:limit]], next_cursor=following)


@router.get("/holds/reach", summary="How many orders a hold would reach now", responses=REFUSALS)
async def show_reach(
    request: Request,
    house: InHouse,
    by: Annotated[Staff, Depends(allowed(Permission.HOLD_BULK))],
    warehouse: Annotated[Warehouse | None, Query()] = None,
    channel: Annotated[ChannelName | None, Query()] = None,
) -> OrderCount:
    """Those of a warehouse or of a channel, before anything is done; exact up to 10,000."""
    given = [(_SELECTED[name], value) for name, value in (("warehouse", warehouse), ("channel", channel)) if value]
    if len(given) != 1:
        raise Faulty([Fault("query.warehouse", "give exactly one of warehouse and channel")])
    [(scope, name)] = given
    await within_own(request, house, by, scope, [name])
    async with house.pool.connection() as conn:
        found = await holds.reach(conn, scope, [name], COUNTED_TO + 1)
    return OrderCount.of(found, COUNTED_TO)


@router.get("/holds/{hold_id}", summary="One emergency", responses={**REFUSALS, **among(404)})
async def show_hold(request: Request, hold_id: HoldId, house: InHouse, by: Reader) -> HoldView:
    """How it stands."""
    return hold_view(await _own_hold(request, house, by, hold_id))


@router.get("/holds/{hold_id}/orders", summary="What became of each order", responses=REFUSALS | among(404))
async def list_results(
    request: Request, hold_id: HoldId, house: InHouse, by: Reader, limit: Limit = 50, cursor: Cursor = None
) -> HoldResults:
    """By order number, in keyset pages."""
    await _own_hold(request, house, by, hold_id)
    key = cast("tuple[str] | None", key_of(cursor, str))
    async with house.pool.connection() as conn:
        rows = await holds.results(conn, hold_id, after=key[0] if key else "", limit=limit + 1)
    return HoldResults(
        items=[HoldResult(**row) for row in rows[:limit]], next_cursor=_following(rows, limit, "order_no")
    )


async def _own_hold(request: Request, house: House, by: Staff, hold_id: str) -> Row:
    """The emergency, if all that it holds lies within; raises NotThere, on record where it is another's."""
    async with denied_outside(request, house, by) as conn:
        row, own = await holds.view(conn, hold_id), within(by)
        if row is None or (own is not None and not await scopes.has_hold(conn, own, hold_id)):
            raise NotThere(f"there is no hold {hold_id}")
    return row


@router.post("/peak", summary="Set peak mode", status_code=201, response_model=PeakView, responses=_BEGUN)
async def set_peak(
    body: NewPeak, key: Key, request: Request, house: InHouse,
    by: Annotated[Staff, Depends(allowed(Permission.PEAK_SET))],
) -> Response:  # fmt: skip
    """T2 and T3 last `factor` times their duration: for orders that enter review from now on, and, counted from the
    instant they entered, for those that wait there (R7).
    """
    peak_id = id_for("peak", by, key)
    opening = OpenPeak(peak_id=peak_id, factor=body.factor, reason=body.reason, by=by.actor)
    beginning = Beginning(names.PEAK_WORKFLOW, f"peak-{peak_id}", opening, f"高峰模式 peak ×{body.factor}")

    async def look(conn: Connection) -> PeakView | None:
        row = await peak.of_id(conn, peak_id)
        return _peak(row) if row else None

    return await once(house, Asking.by(by.id, key, request, body), lambda: begin(house, beginning, look, "/v1/peak"))


@router.get("/peak", summary="Peak mode as it stands", responses=REFUSALS)
async def show_peak(house: InHouse, by: Annotated[Staff, Depends(allowed(Permission.PEAK_READ))]) -> PeakView:
    """The newest setting; where nobody set one, the shop's own factor."""
    del by
    async with house.pool.connection() as conn:
        row = await peak.row_in_force(conn)
    own = PeakView(factor=house.settings.peak_factor, reason="the shop's setting", set_by=None, set_at=None)
    return _peak(row) if row else own


@router.post("/broadcasts", summary="Tell everybody at once", status_code=201, response_model=BroadcastView,
             responses=_BEGUN)  # fmt: skip
async def send_broadcast(
    body: NewBroadcast, key: Key, request: Request, house: InHouse,
    by: Annotated[Staff, Depends(allowed(Permission.BROADCAST_SEND))],
) -> Response:  # fmt: skip
    """On the desks at once, and in the company's WeCom group 企業微信群; it cannot be taken back."""
    number = id_for("broadcast", by, key)
    told = tuple(role.value for role in body.departments)
    sent = Broadcast(broadcast_id=number, severity=body.severity, text=body.text, departments=told, by=by.actor)
    beginning = Beginning(names.BROADCAST_WORKFLOW, f"broadcast-{number}", sent, f"緊急通告 broadcast: {body.severity}")

    async def look(conn: Connection) -> BroadcastView | None:
        row = await broadcasts.of_id(conn, number)
        return broadcast_view(row, house.now()) if row else None

    return await once(
        house, Asking.by(by.id, key, request, body), lambda: begin(house, beginning, look, "/v1/broadcasts")
    )


@router.post("/broadcasts/{broadcast_id}/end", summary="Take a broadcast from the desks", response_model=BroadcastView,
             responses={**REFUSALS, **among(404, 409)})  # fmt: skip
async def end_standing(
    broadcast_id: BroadcastId, body: BroadcastEnd, key: Key, request: Request, house: InHouse,
    by: Annotated[Staff, Depends(allowed(Permission.BROADCAST_SEND))],
) -> Response:  # fmt: skip
    """The emergency is over. The group chat keeps what was said there; send another to say so."""
    asking = Asking.by(by.id, key, request, body)
    return await once(house, asking, lambda: end_broadcast(house, broadcast_id, by.actor, body.reason))


@router.get("/broadcasts", summary="Broadcasts, the newest first", responses=REFUSALS)
async def list_broadcasts(
    house: InHouse,
    by: Annotated[Staff, Depends(allowed(Permission.BROADCAST_READ))],
    department: Annotated[Role | None, Query(description="Those for this department, and those for everybody")] = None,
    standing: Annotated[bool, Query(description="Only those that stand before the desks now")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> BroadcastPage:
    """What was told to whom, and whether the chat has it."""
    del by
    key = cast("tuple[datetime, str] | None", key_of(cursor, datetime, str))
    now = house.now()
    async with house.pool.connection() as conn:
        rows = await broadcasts.page(
            conn, department=department, before=key, limit=limit + 1, standing_at=now if standing else None
        )
    following = _following(rows, limit, "sent_at", "broadcast_id")
    return BroadcastPage(items=[broadcast_view(row, now) for row in rows[:limit]], next_cursor=following)


@router.get("/digests", summary="Daily digests, the newest first", responses=REFUSALS)
async def list_digests(
    house: InHouse,
    by: Annotated[Staff, Depends(allowed(Permission.DIGEST_READ))],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> DigestPage:
    """One for each day, made at 09:00 of the next (T17)."""
    del by
    key = cast("tuple[int] | None", key_of(cursor, int))
    async with house.pool.connection() as conn:
        rows = await digests.page(conn, before=_day_of(key[0]) if key else None, limit=limit + 1)
    following = cursor_of(rows[limit - 1]["day"].toordinal()) if len(rows) > limit else None
    return DigestPage(items=[_digest(row) for row in rows[:limit]], next_cursor=following)


@router.get("/digests/{day}", summary="The digest of one day", responses={**REFUSALS, **among(404)})
async def show_digest(
    day: date, house: InHouse, by: Annotated[Staff, Depends(allowed(Permission.DIGEST_READ))]
) -> DigestView:
    """As it was kept; later changes do not rewrite it."""
    del by
    async with house.pool.connection() as conn:
        row = await digests.of_day(conn, day)
    if row is None:
        raise NotThere(f"there is no digest of {day}")
    return _digest(row)


def _selection(body: NewHold) -> tuple[HoldScope, tuple[str, ...]]:
    given = next(name for name in _SELECTED if getattr(body, name))
    chosen = getattr(body, given)
    return _SELECTED[given], tuple(chosen) if isinstance(chosen, list) else (chosen,)


def _following(rows: list[Row], limit: int, *names_of_key: str) -> str | None:
    return cursor_of(*(rows[limit - 1][name] for name in names_of_key)) if len(rows) > limit else None


def _peak(row: Row) -> PeakView:
    return PeakView(factor=row["factor"], reason=row["reason"], set_by=row["set_by"], set_at=row["set_at"])


def _day_of(ordinal: int) -> date:
    if not 1 <= ordinal <= date.max.toordinal():
        raise Faulty([Fault("query.cursor", "is not a cursor of this list")])
    return date.fromordinal(ordinal)


def _digest(row: Row) -> DigestView:
    kept = {name: row[name] for name in ("day", "made_at", "posted_at", "refused")}
    return DigestView(**row["content"], **kept)

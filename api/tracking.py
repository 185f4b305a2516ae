"""The buyer's page of an order, by a link of their own (R12, R29)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from api.act_names import text_en, text_zh
from api.auth import Staff
from api.house import House
from api.order_views import order_view
from api.problems import NotThere
from api.schemas.orders import OrderView, ParcelView
from api.schemas.tracking import TrackedEvent, TrackedParcel, TrackingLink, TrackingPage, WhatIsNext
from domain.board import ON_TIME
from domain.buyers_next import BUYERS_NEXT
from domain.order_status import OrderStatus
from runtime.settings import Settings
from store import traces, tracking_links, views
from store.traces import Told

_NOT_ON_ITS_WAY = frozenset({"to_pick", "packed", "booked", "cancelled"})


async def make_link(house: House, order_no: str, valid_days: int, *, key: str, by: Staff) -> TrackingLink:
    """A link for the buyer; raises :class:`NotThere`."""
    now = house.now()
    async with house.pool.connection() as conn:
        if not await views.exists(conn, order_no):
            raise NotThere(f"there is no order {order_no}")
        link = await tracking_links.make(
            conn, house.vault, order_no, key=key, by=by.actor, at=now, expires_at=now + timedelta(days=valid_days)
        )
    url = _url(house.settings, link.token)
    return TrackingLink(order_no=order_no, token=link.token, url=url, expires_at=link.expires_at)


def _url(settings: Settings, token: str) -> str:
    if settings.console_public_url is not None:
        return f"{settings.console_public_url.rstrip('/')}/track/{token}"
    return f"{settings.public_url.rstrip('/')}/v1/tracking/{token}"


async def revoke_links(house: House, order_no: str, by: Staff) -> None:
    """No link of the order holds any more; raises :class:`NotThere`."""
    async with house.pool.connection() as conn:
        if not await views.exists(conn, order_no):
            raise NotThere(f"there is no order {order_no}")
        await tracking_links.revoke(conn, order_no, by=by.actor, at=house.now())


async def read_page(house: House, token: str) -> TrackingPage:
    """What the link's order shows; one answer for every link that does not hold, which says nothing of why."""
    async with house.pool.connection() as conn:
        order_no = await tracking_links.order_of(conn, token, house.now())
        gathered = await views.gather(conn, order_no) if order_no else None
        if gathered is None or order_no is None:
            raise NotThere("this link does not hold, or holds no longer; ask the shop for a new one")
        return _page(order_view(gathered), await traces.of_order(conn, order_no), house.now())


def _page(order: OrderView, events: Sequence[Told], now: datetime) -> TrackingPage:
    return TrackingPage(
        order_no=order.order_no,
        status=order.status,
        payment_status=order.money.status,
        next=_next(order, now),
        parcels=[_parcel(parcel, events) for parcel in order.parcels if parcel.state not in _NOT_ON_ITS_WAY],
        placed_at=order.placed_at,
        updated_at=order.updated_at,
        terms_version=order.terms_version,
        terms=f"/v1/terms/{order.terms_version}",
    )


def _next(order: OrderView, now: datetime) -> WhatIsNext:
    told = BUYERS_NEXT[OrderStatus(order.status.code)]
    running = {clock.deadline: clock.due_at for clock in order.waits.deadlines}
    by = running.get(told.until) if told.until else _expected(order, now)
    return WhatIsNext(en=told.english, zh=told.chinese, by=by)


def _expected(order: OrderView, now: datetime) -> datetime | None:
    """By when the last parcel on its way comes, at the speed the order promised; None when that is over already."""
    left = [parcel.handed_over_at for parcel in order.parcels if parcel.handed_over_at and not parcel.signed_at]
    longest = ON_TIME.get(order.promised_speed)
    by = max(left) + longest if left and longest else None
    return by if by and by > now else None


def _parcel(parcel: ParcelView, events: Sequence[Told]) -> TrackedParcel:
    trace = [
        TrackedEvent(at=event.at, en=text_en(f"parcel_{event.state}"), zh=text_zh(f"parcel_{event.state}"))
        for event in events
        if event.parcel_no == parcel.parcel_no
    ]
    return TrackedParcel(
        carrier=parcel.carrier, tracking_no=parcel.tracking_no, signed_at=parcel.signed_at, trace=trace
    )  # fmt: skip

"""Phase five: follow the parcels until they are signed for (R12–R14)."""

from __future__ import annotations

from domain.deadlines import DeadlineId
from domain.money import PaymentMethod
from domain.order_status import OrderStatus
from domain.waits import WAITS
from models.base import Actor, clock_actor
from models.news import CarrierNews, CarrierState
from models.state import Parcel, ParcelState
from models.steps import MoveParcel
from workflows import calls, clocks, open_cases
from workflows.life import Life

ON_THE_WAY = frozenset({OrderStatus.SHIPPED, OrderStatus.PARTLY_SIGNED})

# A carrier may speak of a parcel while its booking is still on the way back to us.
HEARD = ON_THE_WAY | {OrderStatus.PACKED, OrderStatus.PARTLY_SHIPPED}

MEANS = {
    CarrierState.PICKED_UP: ParcelState.HANDED_OVER,
    CarrierState.IN_TRANSIT: ParcelState.HANDED_OVER,
    CarrierState.OUT_FOR_DELIVERY: ParcelState.OUT_FOR_DELIVERY,
    CarrierState.SIGNED: ParcelState.SIGNED,
    CarrierState.PROBLEM: ParcelState.PROBLEM,
    CarrierState.RETURNING: ParcelState.PROBLEM,
    CarrierState.REFUSED: ParcelState.PROBLEM,
    CarrierState.RETURNED: ParcelState.RETURNED,
}

NOT_YET_GONE = frozenset({ParcelState.TO_PICK, ParcelState.PACKED, ParcelState.BOOKED})


async def follow_to_signature(order: Life) -> None:
    """Wait for the carriers' news; a parcel silent for T6 is put before people (R13)."""
    while order.status in ON_THE_WAY:
        passed = await order.until(lambda: order.status not in ON_THE_WAY)
        if passed is not None:
            await put_before_people(order, passed)


async def put_before_people(order: Life, passed: DeadlineId) -> None:
    """T6 passed: no carrier has said anything for too long; logistics are told and get a case (R13)."""
    await calls.take_step(order.step("parcel_silent", by=clock_actor(passed), passed=(passed,)))
    await open_cases.silence(order)


async def track(order: Life, news: CarrierNews, by: Actor | None = None) -> None:
    """A tracking event. The first signature counts; repeats and latecomers change nothing (R14).

    ``by`` is who says so when it is not the carrier (R22).
    """
    parcel = order.parcel(news.parcel_no)
    if parcel is None or order.status not in HEARD or parcel.state in {ParcelState.SIGNED, ParcelState.RETURNED}:
        return
    # An event older than the newest known must not turn the parcel back (accident 8).
    if parcel.last_event_at is not None and news.at < parcel.last_event_at and news.state is not CarrierState.SIGNED:
        return
    parcel.state, parcel.last_event_at = MEANS[news.state], news.at
    to = status_of(order)
    if to is None and DeadlineId.T6 in WAITS[order.status].clocks:
        watch_silence(order)
    step = order.step(
        f"parcel_{news.state}",
        by=by or Actor(id=parcel.carrier or "carrier", role="carrier"),
        to=to,
        details={"parcel": parcel.parcel_no, "code": news.code},
    )
    request = MoveParcel(
        step=step,
        parcel_no=parcel.parcel_no,
        parcel_state=parcel.state,
        event_id=news.event_id,
        collected=collected(order, parcel, news),
    )
    await calls.move_parcel(request)
    await open_cases.parcel_news(order, news)


def watch_silence(order: Life) -> None:
    """T6 starts again with every event, while any parcel is with its carrier (R13)."""
    if any(parcel.state in open_cases.WITH_THE_CARRIER for parcel in order.state.parcels):
        order.start_clock(DeadlineId.T6)
    else:
        clocks.end(order.state, DeadlineId.T6)


def status_of(order: Life) -> OrderStatus | None:
    """What the parcels together say of the order; None: nothing to move."""
    states, more_to_come = [parcel.state for parcel in order.state.parcels], bool(order.state.backorder)
    if all(state is ParcelState.SIGNED for state in states) and not more_to_come:
        return _by_way_of_shipped(order, OrderStatus.SIGNED)
    if more_to_come or any(state in NOT_YET_GONE for state in states):
        return OrderStatus.PARTLY_SHIPPED if order.status is OrderStatus.PACKED else None
    if any(state is ParcelState.SIGNED for state in states):
        return _by_way_of_shipped(order, OrderStatus.PARTLY_SIGNED)
    return OrderStatus.SHIPPED if order.status in {OrderStatus.PACKED, OrderStatus.PARTLY_SHIPPED} else None


def _by_way_of_shipped(order: Life, target: OrderStatus) -> OrderStatus:
    """A signature may be the first news of a parcel: then it was shipped, too."""
    if order.status in {OrderStatus.PACKED, OrderStatus.PARTLY_SHIPPED}:
        order.enter(OrderStatus.SHIPPED)
    return target


def collected(order: Life, parcel: Parcel, news: CarrierNews) -> int | None:
    """What the carrier took at the door for this parcel of a cash-on-delivery order, at its signature (R14)."""
    terms = order.state.order
    if terms.payment_method is not PaymentMethod.CASH_ON_DELIVERY or news.state is not CarrierState.SIGNED:
        return None
    due = parcel.collect
    if due is None and order.status is OrderStatus.SIGNED:
        due = terms.total - order.state.captured
    amount = due if news.collected is None else news.collected
    if not amount:
        return None
    order.state.captured += amount
    return amount

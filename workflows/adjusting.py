"""The operations' hand: a status is adjusted, and everything that belongs to it is made to fit (R22)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from temporalio import workflow

from domain.adjusting import Road, Standing, road_to
from domain.deadlines import DeadlineId
from domain.errors import MissingReason, NotWaitingForThis, SamePerson
from domain.order_status import OrderStatus
from models.commands import AdjustStatus, Command, ConsentForce
from models.news import CarrierNews, CarrierState
from models.state import ForceAsked, OrderState, ParcelState, StockState
from models.steps import Step
from workflows import calls, clocks, delivery
from workflows.life import Life

_OUT = frozenset({ParcelState.HANDED_OVER, ParcelState.OUT_FOR_DELIVERY, ParcelState.SIGNED, ParcelState.PROBLEM})
_DONE = frozenset({ParcelState.SIGNED, ParcelState.RETURNED})


def standing_of(state: OrderState) -> Standing:
    """What domain.adjusting looks at."""
    parcels = state.parcels
    return Standing(
        status=state.status,
        missing_fields=tuple(state.missing_fields),
        without_waybill=tuple(one.parcel_no for one in parcels if one.tracking_no is None),
        out=tuple(one.parcel_no for one in parcels if one.state in _OUT),
        returned=tuple(one.parcel_no for one in parcels if one.state is ParcelState.RETURNED),
        held=state.held is not None,
        open_cases=tuple(state.open_cases),
        window_open=DeadlineId.T9 in clocks.names(state),
    )


# --- rules ---------------------------------------------------------------------


def may_adjust(state: OrderState, command: AdjustStatus) -> None:
    """A hopeless request is refused at once, also a forced one that would wait for consent."""
    if not command.reason and not command.note_id:
        raise MissingReason("give a reason: it is kept with the act")
    road_to(command.to, standing_of(state), forced=command.force)


def may_consent(state: OrderState, command: ConsentForce) -> None:
    """Another person, the same request, and an order that stands where it stood."""
    asked = state.force_asked
    if asked is None or asked.id != command.request or asked.asked_in is not state.status:
        raise NotWaitingForThis("no forced adjustment of that number waits for consent; the order may have moved since")
    if not command.consent:
        return
    if asked.by.id == command.by.id:
        raise SamePerson(f"{asked.by.id} asked for it: another person must consent")
    road_to(asked.to, standing_of(state), forced=True)


# --- acts ----------------------------------------------------------------------


async def adjust(order: Life, command: AdjustStatus) -> None:
    """Adjust along the table, or put the forced adjustment before a second person."""
    if not command.force:
        await walk(order, command, command.to, command.reason)
        return
    number = order.state.acts.get("force_requested", 0) + 1
    asked = ForceAsked(
        id=f"F{number}", to=command.to, by=command.by, reason=command.reason, asked_in=order.state.status
    )
    order.state.force_asked = asked
    await calls.take_step(order.step("force_requested", command=command, details={"request": asked.id, "to": asked.to}))


async def consent(order: Life, command: ConsentForce) -> None:
    """Two persons agree: the order is adjusted past the table; or the request is off the table."""
    asked = order.state.force_asked
    assert asked is not None, "the rule was checked just before"
    order.state.force_asked = None
    details: dict[str, str | int | bool | None] = {"request": asked.id, "to": asked.to, "asked_by": asked.by.id}
    if not command.consent:
        await calls.take_step(order.step("force_declined", command=command, details=details))
        return
    await walk(order, command, asked.to, asked.reason, details)


async def walk(
    order: Life, command: Command, to: OrderStatus, why: str, forced: dict[str, str | int | bool | None] | None = None
) -> None:
    """Go the road that makes the status whole; ``forced`` tells of the first person, and lets it pass the table."""
    road = road_to(to, standing_of(order.state), forced=forced is not None)
    act = "status_adjusted" if forced is None else "status_forced"
    details: dict[str, str | int | bool | None] = {**(forced or {}), "to": to}

    def step(moving: OrderStatus | None) -> Step:
        return order.step(act, command=command, to=moving, force=forced is not None, why=why, details=details)

    await ROADS[road](order, step, to, command)


Recorded = Callable[[OrderStatus | None], Step]


async def _end_early(_order: Life, step: Recorded, to: OrderStatus, _command: Command) -> None:
    """Goods and money go back as at every early end: ``ending.settle`` does it when the life is over (R3)."""
    await calls.take_step(step(to))


async def _send_back(order: Life, step: Recorded, to: OrderStatus, _command: Command) -> None:
    """Picking stops and the goods are let go; approved again, the order reserves them again."""
    order.state.stock = StockState.RELEASED
    order.state.approved = to is not OrderStatus.MANUAL_REVIEW
    await calls.release_stock(step(to))


async def _approve(order: Life, step: Recorded, to: OrderStatus, command: Command) -> None:
    """From review as a reviewer's approval; from picking the warehouse starts afresh."""
    if order.status is not OrderStatus.MANUAL_REVIEW:
        await _send_back(order, step, to, command)
        return
    order.state.approved = True
    await calls.take_step(step(to))


async def _ship(order: Life, step: Recorded, _to: OrderStatus, command: Command) -> None:
    """Every booked parcel counts as handed over, which takes its goods off the stock (R12)."""
    await calls.take_step(step(None))
    await _say(order, command, CarrierState.PICKED_UP, frozenset({ParcelState.PACKED, ParcelState.BOOKED}))


async def _sign(order: Life, step: Recorded, _to: OrderStatus, command: Command) -> None:
    """Every parcel counts as signed for: T9 starts, cash on delivery counts as collected (R14)."""
    await calls.take_step(step(None))
    await _say(order, command, CarrierState.SIGNED, frozenset(ParcelState) - _DONE)


async def _close_window(order: Life, step: Recorded, _to: OrderStatus, command: Command) -> None:
    """T9 is waived; with nothing open the order archives itself (R18, T18)."""
    await calls.take_step(step(None))
    clocks.end(order.state, DeadlineId.T9)
    await calls.take_step(order.step("deadline_waived", command=command, details={"deadline": DeadlineId.T9}))


async def _say(order: Life, command: Command, state: CarrierState, of: frozenset[ParcelState]) -> None:
    """Tell the order of each of those parcels what the carrier did not, by the same road as the carrier's news."""
    for parcel in [one for one in order.state.parcels if one.state in of]:
        news = CarrierNews(
            event_id=f"hand:{order.state.steps}:{parcel.parcel_no}",
            parcel_no=parcel.parcel_no,
            tracking_no=parcel.tracking_no or "",
            state=state,
            code="by_hand",
            at=workflow.now(),
        )
        await delivery.track(order, news, command.by)


ROADS: Mapping[Road, Callable[[Life, Recorded, OrderStatus, Command], Awaitable[None]]] = MappingProxyType(
    {
        Road.END_EARLY: _end_early,
        Road.SEND_BACK: _send_back,
        Road.APPROVE: _approve,
        Road.SHIP: _ship,
        Road.SIGN: _sign,
        Road.CLOSE_WINDOW: _close_window,
    }
)

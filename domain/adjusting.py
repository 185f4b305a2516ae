"""Adjusting an order's status by hand: which adjustments there are, and when one would be whole (R22).

An adjustment along the table of moves needs a reason; one past the table, or one that takes
something from the buyer, needs a second person's consent as well. What would leave the order
half of one thing and half of another is refused, whoever asks: the text says what to do instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from domain.errors import ConsentNeeded, IllegalMove, NotWhole
from domain.order_status import BEFORE_HAND_OVER, NEXT, OrderStatus, both_names


class Road(StrEnum):
    """What makes the target status whole."""

    END_EARLY = "end_early"
    SEND_BACK = "send_back"
    APPROVE = "approve"
    SHIP = "ship"
    SIGN = "sign"
    CLOSE_WINDOW = "close_window"


@dataclass(frozen=True)
class Standing:
    """What an adjustment looks at. Parcels are named by their numbers."""

    status: OrderStatus
    missing_fields: tuple[str, ...] = ()
    without_waybill: tuple[str, ...] = ()
    out: tuple[str, ...] = ()
    returned: tuple[str, ...] = ()
    held: bool = False
    open_cases: tuple[str, ...] = ()
    window_open: bool = False


Check = Callable[[Standing], None]


@dataclass(frozen=True)
class Adjustment:
    """From where a status can be reached by hand, by which road, and what forbids it."""

    sources: frozenset[OrderStatus]
    road: Road
    check: Check


def _nothing_out(standing: Standing) -> None:
    if standing.out:
        raise NotWhole(f"{', '.join(standing.out)} has left the house: have it come back first, or open a return")


def _complete(standing: Standing) -> None:
    if standing.missing_fields:
        raise NotWhole(f"correct first what is missing: {', '.join(standing.missing_fields)}")


def _all_booked(standing: Standing) -> None:
    if standing.without_waybill:
        raise NotWhole(f"no carrier is booked for {', '.join(standing.without_waybill)}: it cannot be on its way")
    if standing.returned:
        raise NotWhole(f"{', '.join(standing.returned)} came back: settle its case instead")


def _nothing_open(standing: Standing) -> None:
    if standing.held:
        raise NotWhole("release the order first")
    if standing.open_cases:
        raise NotWhole(f"close first: {', '.join(standing.open_cases)}")


def _always(_standing: Standing) -> None:
    """Nothing forbids it."""


_S = OrderStatus
_UNDER_WAY = frozenset({_S.PARTLY_SHIPPED, _S.SHIPPED, _S.PARTLY_SIGNED})
_IN_HOUSE = frozenset({_S.PACKED, _S.PARTLY_SHIPPED})

ADJUSTMENTS: Mapping[OrderStatus, Adjustment] = MappingProxyType(
    {
        _S.CANCELLED: Adjustment(BEFORE_HAND_OVER | _UNDER_WAY, Road.END_EARLY, _nothing_out),
        _S.REJECTED: Adjustment(BEFORE_HAND_OVER, Road.END_EARLY, _nothing_out),
        _S.INTERCEPTED: Adjustment(BEFORE_HAND_OVER, Road.END_EARLY, _nothing_out),
        _S.MANUAL_REVIEW: Adjustment(frozenset({_S.APPROVED, _S.PICKING, _S.SHORTAGE}), Road.SEND_BACK, _always),
        _S.SHORTAGE: Adjustment(frozenset({_S.APPROVED, _S.PICKING}), Road.SEND_BACK, _always),
        _S.APPROVED: Adjustment(frozenset({_S.MANUAL_REVIEW, _S.PICKING}), Road.APPROVE, _complete),
        _S.SHIPPED: Adjustment(_IN_HOUSE, Road.SHIP, _all_booked),
        _S.SIGNED: Adjustment(_IN_HOUSE | _UNDER_WAY, Road.SIGN, _all_booked),
        _S.ARCHIVED: Adjustment(frozenset({_S.SIGNED}), Road.CLOSE_WINDOW, _nothing_open),
    }
)

INSTEAD: Mapping[OrderStatus, str] = MappingProxyType(
    {
        _S.AWAITING_PAYMENT: "what was paid or approved cannot be unmade: cancel the order, or send it back to review",
        _S.PAID: "paid is what the ledger says: the provider's notice makes it so",
        _S.PICKING: "an approved order goes to picking by itself: approve it, release it, or try the stock again",
        _S.PACKED: "the warehouse's scans and recheck pack a parcel",
        _S.PARTLY_SHIPPED: "the parcels' own events say so",
        _S.PARTLY_SIGNED: "the parcels' own events say so",
    }
)
"""What to do for a status that no hand can give."""


def road_to(target: OrderStatus, standing: Standing, *, forced: bool) -> Road:
    """By which road the order comes to ``target``.

    Raises IllegalMove from an end or to where it stands, NotWhole with what to do instead,
    ConsentNeeded where a second person must agree.
    """
    if target is standing.status or not NEXT[standing.status]:
        raise IllegalMove(standing.status, target)
    adjustment = ADJUSTMENTS.get(target)
    if adjustment is None or standing.status not in adjustment.sources:
        instead = INSTEAD.get(target, f"there is no way there from {both_names(standing.status)}")
        raise NotWhole(f"cannot be made {both_names(target)} by hand: {instead}")
    adjustment.check(standing)
    if not forced and (target not in NEXT[standing.status] or standing.window_open):
        raise ConsentNeeded(f"{both_names(target)} needs force and a second person's consent")
    return adjustment.road

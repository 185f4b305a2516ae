"""Which warehouse gives what: all lines or none (R5).

One warehouse that can fill the whole order is taken (one parcel, one journey); only if
there is none is the order split over as few warehouses as a simple rule finds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Shelf:
    """How many pieces of a SKU are free (on hand less reserved) in a warehouse."""

    warehouse: str
    sku: str
    free: int


@dataclass(frozen=True)
class Share:
    """What one warehouse gives."""

    warehouse: str
    sku: str
    quantity: int


@dataclass(frozen=True)
class Shortfall:
    """A SKU of which there is not enough; ``known`` says whether any warehouse lists it."""

    sku: str
    wanted: int
    available: int
    known: bool


@dataclass(frozen=True)
class Allocation:
    """Shares for everything, or the shortfalls: without any share, unless part of it was asked for."""

    shares: tuple[Share, ...] = ()
    short: tuple[Shortfall, ...] = ()


def add_up(lines: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Pieces wanted by SKU, in sorted order: two lines of one SKU add up (accident 1)."""
    wants: dict[str, int] = {}
    for sku, quantity in lines:
        wants[sku] = wants.get(sku, 0) + quantity
    return dict(sorted(wants.items()))


def allocate(wants: Mapping[str, int], shelves: Sequence[Shelf]) -> Allocation:
    """Share the wants out over the shelves, all or none."""
    if short := _shortfalls(wants, shelves):
        return Allocation(short=short)
    shares: list[Share] = []
    open_wants, open_shelves = dict(wants), list(shelves)
    while open_wants:
        given = _best(open_wants, open_shelves)
        shares += given
        open_shelves = [shelf for shelf in open_shelves if shelf.warehouse != given[0].warehouse]
        for share in given:
            open_wants[share.sku] -= share.quantity
        open_wants = {sku: quantity for sku, quantity in open_wants.items() if quantity}
    return Allocation(shares=tuple(sorted(shares, key=lambda share: (share.sku, share.warehouse))))


def allocate_what_is_there(wants: Mapping[str, int], shelves: Sequence[Shelf]) -> Allocation:
    """Share out as much of the wants as there is; what is missing is named beside the shares (R9)."""
    short = _shortfalls(wants, shelves)
    lacking = {line.sku: line.wanted - line.available for line in short}
    there = {sku: pieces - lacking.get(sku, 0) for sku, pieces in wants.items()}
    shares = allocate({sku: pieces for sku, pieces in there.items() if pieces}, shelves).shares
    return Allocation(shares=shares, short=short)


def _shortfalls(wants: Mapping[str, int], shelves: Sequence[Shelf]) -> tuple[Shortfall, ...]:
    free: dict[str, int] = {}
    for shelf in shelves:
        free[shelf.sku] = free.get(shelf.sku, 0) + shelf.free
    return tuple(
        Shortfall(sku, quantity, free.get(sku, 0), sku in free)
        for sku, quantity in wants.items()
        if free.get(sku, 0) < quantity
    )


def _best(wants: Mapping[str, int], shelves: Sequence[Shelf]) -> list[Share]:
    """What the warehouse that covers most of the open wants gives; the first by name among equals."""
    offers = {house: _offer(house, wants, shelves) for house in sorted({shelf.warehouse for shelf in shelves})}
    return max(offers.values(), key=lambda offer: sum(share.quantity for share in offer))


def _offer(warehouse: str, wants: Mapping[str, int], shelves: Sequence[Shelf]) -> list[Share]:
    return [
        Share(warehouse, shelf.sku, min(shelf.free, wants[shelf.sku]))
        for shelf in shelves
        if shelf.warehouse == warehouse and shelf.sku in wants and shelf.free > 0
    ]

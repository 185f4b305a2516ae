"""An order whose lines change after it was placed: lines leave it, others come in their place (R9).

Amounts are minor units. The order's own discount and tax belong to its goods: when the goods
become worth less, both shrink in proportion, so that nobody is given back what was never paid.

OrderRuleError
├── NoSuchLine      the order has no such line, or not so many pieces that can still change
├── NothingLeft     no goods would be left: cancel the order instead
└── DifferenceOwed  the buyer would owe more than was paid: collect it first, or waive it
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from domain.errors import OrderRuleError


class NoSuchLine(OrderRuleError):
    """The order has no such line, or not so many pieces of it that can still change."""


class NothingLeft(OrderRuleError):
    """An order without goods is a cancelled one: cancel it."""


class DifferenceOwed(OrderRuleError):
    """A dearer substitute is paid first, or the shop waives the difference by name."""


@dataclass(frozen=True)
class Sold:
    """A line of an order: ``unit_price`` each, ``discount`` on the whole line."""

    line_no: int
    sku: str
    title: str
    quantity: int
    unit_price: int
    discount: int = 0

    @property
    def net(self) -> int:
        """What the line comes to."""
        return self.quantity * self.unit_price - self.discount


@dataclass(frozen=True)
class Bill:
    """What an order comes to: Σ lines + shipping + tax − discount."""

    lines: tuple[Sold, ...]
    shipping: int = 0
    tax: int = 0
    discount: int = 0

    @property
    def goods(self) -> int:
        """What the lines come to."""
        return sum(line.net for line in self.lines)

    @property
    def total(self) -> int:
        """What the buyer owes in all."""
        return self.goods + self.shipping + self.tax - self.discount


@dataclass(frozen=True)
class Change:
    """``pieces`` of a line leave the order (None: all that can); with a ``sku`` that one comes in their place.

    ``quantity`` and ``unit_price`` of what comes are those of what leaves, unless agreed otherwise.
    """

    line_no: int
    pieces: int | None = None
    sku: str | None = None
    title: str = ""
    quantity: int | None = None
    unit_price: int | None = None


def amend(bill: Bill, changes: Sequence[Change], movable: Mapping[str, int] | None = None) -> Bill:
    """The bill after the changes. ``movable`` limits the pieces by SKU that can still change; None: all.

    Raises NoSuchLine and NothingLeft.
    """
    lines = {line.line_no: line for line in bill.lines}
    left = dict(movable) if movable is not None else None
    for change in changes:
        line = _line(lines, change)
        pieces = _pieces(line, change, left)
        if left is not None:
            left[line.sku] -= pieces
        _take_out(lines, line, pieces)
        if change.sku is not None:
            new = _substitute(max([*lines, *(one.line_no for one in bill.lines)]) + 1, line, change, pieces)
            lines[new.line_no] = new
    if not lines:
        raise NothingLeft("no goods would be left: settle by cancel_all, which gives all the money back")
    return _in_proportion(bill, tuple(lines[number] for number in sorted(lines)))


def pieces_gone(before: Bill, after: Bill) -> dict[str, int]:
    """Pieces by SKU that the order no longer asks for."""
    return {sku: pieces for sku, pieces in _by_sku(before, after).items() if pieces > 0}


def pieces_come(before: Bill, after: Bill) -> dict[str, int]:
    """Pieces by SKU that the order asks for now and did not before."""
    return {sku: -pieces for sku, pieces in _by_sku(before, after).items() if pieces < 0}


def without(bill: Bill, pieces: Mapping[str, int]) -> Bill:
    """The bill without these pieces by SKU: what is due for goods that ship before them.

    Raises NothingLeft where they are all there is.
    """
    left, changes = dict(pieces), []
    for line in bill.lines:
        taken = min(line.quantity, left.get(line.sku, 0))
        if taken:
            left[line.sku] -= taken
            changes.append(Change(line.line_no, taken))
    return amend(bill, changes)


def waive_difference(before: Bill, after: Bill) -> Bill:
    """The same goods at no more than before: the difference is a discount on the lines that came."""
    known = {line.line_no for line in before.lines}
    over, lines = after.total - before.total, []
    for line in after.lines:
        off = min(line.net, max(0, over)) if line.line_no not in known else 0
        lines.append(replace(line, discount=line.discount + off))
        over -= off
    return replace(after, lines=tuple(lines))


def check_paid(bill: Bill, paid: int) -> None:
    """Raise DifferenceOwed unless ``paid`` covers the bill."""
    if bill.total > paid:
        raise DifferenceOwed(
            f"the buyer owes {bill.total - paid} minor units more: "
            "have them paid for the order first, or waive the difference (waive_difference)"
        )


def _line(lines: Mapping[int, Sold], change: Change) -> Sold:
    if change.line_no not in lines:
        raise NoSuchLine(f"the order has no line {change.line_no} (it has: {', '.join(map(str, sorted(lines)))})")
    return lines[change.line_no]


def _pieces(line: Sold, change: Change, movable: Mapping[str, int] | None) -> int:
    can = line.quantity if movable is None else min(line.quantity, movable.get(line.sku, 0))
    pieces = can if change.pieces is None else change.pieces
    if not 1 <= pieces <= can:
        raise NoSuchLine(f"of line {line.line_no} ({line.sku}) {can} pieces can still change, not {pieces}")
    return pieces


def _take_out(lines: dict[int, Sold], line: Sold, pieces: int) -> None:
    if pieces == line.quantity:
        del lines[line.line_no]
        return
    kept = line.discount - line.discount * pieces // line.quantity
    lines[line.line_no] = replace(line, quantity=line.quantity - pieces, discount=kept)


def _substitute(number: int, line: Sold, change: Change, pieces: int) -> Sold:
    """At the agreed price; without one it costs what was paid for the pieces that it stands in for."""
    quantity = change.quantity or pieces
    price = line.unit_price if change.unit_price is None else change.unit_price
    share = line.discount * pieces // line.quantity if change.unit_price is None else 0
    assert change.sku is not None
    return Sold(number, change.sku, change.title, quantity, price, min(share, quantity * price))


def _in_proportion(bill: Bill, lines: tuple[Sold, ...]) -> Bill:
    before, after = bill.goods, sum(line.net for line in lines)
    if after >= before:
        return replace(bill, lines=lines)
    # Rounded so that the shop keeps the odd fen neither of the discount nor of the tax.
    discount = bill.discount - bill.discount * (before - after) // before
    return replace(bill, lines=lines, discount=discount, tax=bill.tax * after // before)


def _by_sku(before: Bill, after: Bill) -> dict[str, int]:
    pieces: dict[str, int] = {}
    for sign, lines in ((1, before.lines), (-1, after.lines)):
        for line in lines:
            pieces[line.sku] = pieces.get(line.sku, 0) + sign * line.quantity
    return pieces

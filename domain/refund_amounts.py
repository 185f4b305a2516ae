"""What the pieces of an order are worth when they go back (R16).

The order's own discount and tax are shared out over its lines by value, so that all lines and
the shipping together come to the total exactly, and so do the pieces of a line, in whatever
portions they go back. Integers only: minor units.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.errors import MoreThanLeft


@dataclass(frozen=True)
class Bought:
    """One line: ``net`` is quantity × price less the line's own discount, in minor units."""

    line_no: int
    sku: str
    quantity: int
    net: int


@dataclass(frozen=True)
class Bill:
    """What was billed; ``extra`` is tax less the order's own discount, in minor units."""

    lines: Sequence[Bought]
    shipping: int
    extra: int


def worth(bill: Bill) -> tuple[dict[int, int], int]:
    """(line_no → worth, worth of the shipping): together the order's total."""
    goods = sum(line.net for line in bill.lines)
    # A discount beyond the goods (free shipping) is a discount on the shipping.
    on_goods = max(bill.extra, -goods) if goods else 0
    shares: dict[int, int] = {}
    seen = 0
    for line in bill.lines:
        before = on_goods * seen // goods if goods else 0
        seen += line.net
        shares[line.line_no] = line.net + (on_goods * seen // goods if goods else 0) - before
    return shares, bill.shipping + bill.extra - on_goods


def pieces(bill: Bill, gone: Mapping[int, int], wanted: Sequence[tuple[str, int]]) -> dict[int, int]:
    """(SKU, pieces) as line_no → pieces; ``gone`` went back before. Raises MoreThanLeft."""
    taken: dict[int, int] = {}
    for sku, quantity in wanted:
        missing = quantity
        for line in bill.lines:
            if line.sku == sku:
                free = line.quantity - gone.get(line.line_no, 0) - taken.get(line.line_no, 0)
                take = min(free, missing)
                if take > 0:
                    taken[line.line_no] = taken.get(line.line_no, 0) + take
                    missing -= take
        if missing:
            raise MoreThanLeft(f"only {quantity - missing} of {sku} are left to refund")
    return taken


def amount_of(bill: Bill, gone: Mapping[int, int], taken: Mapping[int, int]) -> int:
    """What these pieces are worth; portions of a line add up to the line."""
    shares, _ = worth(bill)
    total = 0
    for line in bill.lines:
        if line.line_no in taken:
            before, share = gone.get(line.line_no, 0), shares[line.line_no]
            after = before + taken[line.line_no]
            total += share * after // line.quantity - share * before // line.quantity
    return total


def needs_second_person(amount: int, alone: int, limit: int) -> bool:
    """Whether ``amount`` waits: with what went out of this order on one person's word, it is over the limit.

    Counting together keeps a large refund from being cut into small ones (four eyes).
    """
    return amount + alone > limit

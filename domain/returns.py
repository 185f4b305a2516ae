"""What may come back, and what it is worth: the rules of return and exchange (R16, T9).

Two kinds of no. A *fault* is what cannot be (no such line, more pieces than were bought): the
door refuses it. A *finding* is what the rules speak against (the window has closed): customer
service see it and decide, for the shop may be kinder than its rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from domain.intake import Fault


class ReturnReason(StrEnum):
    """Why the buyer wants to give goods back (R16)."""

    QUALITY = "quality"
    NOT_AS_DESCRIBED = "not_as_described"
    NO_REASON = "no_reason"
    WRONG_SIZE = "wrong_size"
    OTHER = "other"


class Liable(StrEnum):
    """At whose fault goods come back: who bears the shipping."""

    SHOP = "shop"
    BUYER = "buyer"


class Wish(StrEnum):
    """What the buyer wants for the goods."""

    REFUND = "refund"
    EXCHANGE = "exchange"


class Grade(StrEnum):
    """What the warehouse finds a returned piece to be."""

    RESELL = "resell"
    SECOND = "second"
    SCRAP = "scrap"


GRADE_CHINESE: Mapping[Grade, str] = MappingProxyType(
    {Grade.RESELL: "可再售", Grade.SECOND: "次品", Grade.SCRAP: "報廢"}
)

TROUBLE_WINDOW = timedelta(days=15)
"""How long after signing goods with a defect come back; ours, after the fifteen days of 三包."""


@dataclass(frozen=True)
class ReasonRule:
    """One row: who bears the shipping, how long it can be claimed (None: T9), and whether for all goods."""

    chinese: str
    liable: Liable
    window: timedelta | None
    any_goods: bool


_R = ReturnReason

RULES: Mapping[ReturnReason, ReasonRule] = MappingProxyType(
    {
        _R.QUALITY: ReasonRule("質量問題", Liable.SHOP, TROUBLE_WINDOW, any_goods=True),
        _R.NOT_AS_DESCRIBED: ReasonRule("與描述不符", Liable.SHOP, TROUBLE_WINDOW, any_goods=True),
        _R.NO_REASON: ReasonRule("七天無理由", Liable.BUYER, None, any_goods=False),
        _R.WRONG_SIZE: ReasonRule("尺寸不合", Liable.BUYER, None, any_goods=False),
        _R.OTHER: ReasonRule("其他", Liable.BUYER, None, any_goods=False),
    }
)


class Finding(StrEnum):
    """What the rules speak against a return; customer service decide."""

    WINDOW_CLOSED = "window_closed"
    NOT_RETURNABLE = "not_returnable_without_reason"


@dataclass(frozen=True)
class Bought:
    """A line as it was bought. ``net`` is the whole line's price in minor units after its discount.

    ``returned`` are pieces that went back or are on their way; ``returnable`` says whether the
    goods may come back without a reason.
    """

    line_no: int
    quantity: int
    net: int
    returned: int = 0
    returnable: bool = True


@dataclass(frozen=True)
class Sale:
    """What the rules need to know of an order; amounts in minor units."""

    lines: Sequence[Bought]
    shipping: int = 0
    tax: int = 0
    discount: int = 0
    signed_at: datetime | None = None

    def line(self, line_no: int) -> Bought | None:
        """The line of that number."""
        return next((line for line in self.lines if line.line_no == line_no), None)


@dataclass(frozen=True)
class Piece:
    """So many pieces of a line."""

    line_no: int
    quantity: int


def faults(sale: Sale, wanted: Sequence[Piece]) -> list[Fault]:
    """Everything that cannot be about this return, at once (R16)."""
    if sale.signed_at is None:
        return [Fault("order_no", "is not signed for yet: there is nothing to return")]
    return [
        Fault(f"lines.{at}", problem)
        for at, piece in enumerate(wanted)
        if (problem := _problem(sale.line(piece.line_no), piece, wanted[:at]))
    ]


def _problem(line: Bought | None, piece: Piece, before: Sequence[Piece]) -> str:
    if line is None:
        return f"the order has no line {piece.line_no}"
    if any(earlier.line_no == piece.line_no for earlier in before):
        return f"names line {piece.line_no} twice"
    if piece.quantity > line.quantity - line.returned:
        return f"{line.quantity - line.returned} of line {piece.line_no} are left to return"
    return ""


def findings(
    sale: Sale, wanted: Sequence[Piece], reason: ReturnReason, now: datetime, no_reason_window: timedelta
) -> tuple[Finding, ...]:
    """What the rules speak against it: the window (T9), goods that need a reason."""
    rule = RULES[reason]
    window = no_reason_window if rule.window is None else max(rule.window, no_reason_window)
    found = []
    if sale.signed_at is None or now > sale.signed_at + window:
        found.append(Finding.WINDOW_CLOSED)
    kept = {line.line_no for line in sale.lines if not line.returnable}
    if not rule.any_goods and any(piece.line_no in kept for piece in wanted):
        found.append(Finding.NOT_RETURNABLE)
    return tuple(found)


def worth(sale: Sale, wanted: Sequence[Piece], liable: Liable) -> int:
    """What goes back for these pieces, in minor units.

    Their price with its share of the order's discount and tax; of the shipping only where the
    shop is to blame. Shares are counted over all that went back so far, so that the returns of
    an order, piece by piece, come to exactly what was paid.
    """
    whole = sum(line.net for line in sale.lines)
    before = sum(_value(line, line.returned) for line in sale.lines)
    more = {piece.line_no: piece.quantity for piece in wanted}
    after = sum(_value(line, line.returned + more.get(line.line_no, 0)) for line in sale.lines)
    shipping = sale.shipping if liable is Liable.SHOP else 0
    beside = sum(_share(sum_, before, after, whole) for sum_ in (shipping, sale.tax))
    return max(0, after - before + beside - _share(sale.discount, before, after, whole))


def _value(line: Bought, pieces: int) -> int:
    return line.net * min(pieces, line.quantity) // line.quantity


def _share(amount: int, before: int, after: int, whole: int) -> int:
    return amount * after // whole - amount * before // whole if whole else 0


@dataclass(frozen=True)
class Graded:
    """So many pieces of a line, as the warehouse found them."""

    line_no: int
    grade: Grade
    quantity: int


def inspection_problem(wanted: Sequence[Piece], graded: Sequence[Graded], *, passed: bool) -> str:
    """What is wrong with an inspection; empty when it stands. Passed means: everything is there."""
    asked = {piece.line_no: piece.quantity for piece in wanted}
    seen: dict[int, int] = {}
    for one in graded:
        seen[one.line_no] = seen.get(one.line_no, 0) + one.quantity
    if foreign := sorted(set(seen) - set(asked)):
        return f"the ticket has no line {foreign[0]}"
    if over := sorted(line for line, pieces in seen.items() if pieces > asked[line]):
        return f"line {over[0]}: more pieces than the ticket names; report the rest as a mistake"
    if passed and seen != asked:
        return "pieces are missing: grade them all, or let the inspection fail"
    return ""

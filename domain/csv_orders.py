"""A sales ledger as CSV, read as orders: each invoice is one order, or is refused with every reason (R2, R19).

The format is that of the UCI Online Retail set: InvoiceNo, StockCode, Description, Quantity,
InvoiceDate, UnitPrice, CustomerID, Country; a row is a line of an invoice, and what it says
of the invoice stands in each of its rows. Amounts are decimal text of one currency, times
are local. No reason ever holds a value of the file: reports leave the house (R21).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import TypeVar

from domain import intake
from domain.countries import alpha2
from domain.money import minor_units

COLUMNS = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country")
MOST_LINES = 10_000
"""Of one invoice. A running order has fewer (``intake.MOST_LINES``); a record of the past need not."""

T = TypeVar("T")

_INVOICE = re.compile(r"[0-9]{1,20}")
_WHOLE = re.compile(r"(-?[0-9]{1,12})(?:\.0+)?")
_ACCOUNT = re.compile(r"([A-Za-z0-9._-]{1,64}?)(?:\.0+)?")
_DECIMAL = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,10})?")


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it was written; ``line`` is its number in the file, the header being line 1."""

    line: int
    values: tuple[str, ...]

    @property
    def invoice(self) -> str:
        """The invoice it belongs to; empty where it names none."""
        return self.values[0].strip() if self.values else ""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an invoice is refused: the row, the column, and what is wrong there."""

    line: int
    field: str
    problem: str


@dataclass(frozen=True)
class Refusal:
    """An invoice that is no order, with every reason, in order of its rows."""

    invoice: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class SoldLine:
    """One line; ``unit_price`` in minor units."""

    sku: str
    title: str
    quantity: int
    unit_price: int


@dataclass(frozen=True)
class SoldOrder:
    """An order of the past. ``account`` is the shop's id of the buyer; ``country`` alpha-2, or empty if unknown."""

    channel_order_id: str
    account: str
    country: str
    placed_at: datetime
    currency: str
    lines: tuple[SoldLine, ...]

    @property
    def total(self) -> int:
        """What all lines come to, in minor units."""
        return sum(line.quantity * line.unit_price for line in self.lines)


@dataclass(frozen=True)
class Ledger:
    """What the file itself does not say: its currency, and the zone of its times."""

    currency: str
    zone: tzinfo


def read(rows: Sequence[Row], ledger: Ledger) -> SoldOrder | Refusal:
    """One invoice from all of its rows, which need not stand together in the file."""
    reading = _Reading(ledger)
    reading.reasons += _about_invoice(rows)
    whole = [row for row in rows if len(row.values) == len(COLUMNS)]
    lines = tuple(reading.line(row) for row in whole)
    placed = [reading.placed(row) for row in whole]
    if sum(line.quantity * line.unit_price for line in lines) > intake.LARGEST_AMOUNT:
        reading.reasons.append(Reason(rows[0].line, "UnitPrice", "comes to more than any order can"))
    if reading.reasons:
        return Refusal(rows[0].invoice, tuple(sorted(reading.reasons, key=lambda reason: reason.line)))
    account, country = whole[0].values[6:]
    # The rows of one invoice may differ by the minutes of its typing: it was placed with the first.
    return SoldOrder(rows[0].invoice, _account(account), alpha2(country.strip()), min(placed), ledger.currency, lines)


class _Reading:
    """Reads rows, and notes what cannot be read."""

    def __init__(self, ledger: Ledger) -> None:
        self.reasons: list[Reason] = []
        self._ledger = ledger

    def line(self, row: Row) -> SoldLine:
        """What was sold in this row."""
        sku, title, quantity, price = (row.values[place].strip() for place in (1, 2, 3, 5))
        return SoldLine(
            self._take(row, "StockCode", _sku, sku, ""),
            _title(title),
            self._take(row, "Quantity", _quantity, quantity, 0),
            self._take(row, "UnitPrice", lambda text: _price(text, self._ledger.currency), price, 0),
        )

    def placed(self, row: Row) -> datetime:
        """When this row was written, in the ledger's zone."""
        return self._take(row, "InvoiceDate", lambda text: _moment(text, self._ledger.zone), row.values[4], _NEVER)

    def _take(self, row: Row, field: str, read_it: Callable[[str], T], text: str, otherwise: T) -> T:
        try:
            return read_it(text)
        except _Unfit as unfit:
            self.reasons.append(Reason(row.line, field, str(unfit)))
            return otherwise


class _Unfit(ValueError):
    """A value that cannot be taken; its text is the problem, never the value."""


_NEVER = datetime(1, 1, 1, tzinfo=UTC)


def _about_invoice(rows: Sequence[Row]) -> Iterator[Reason]:
    """What is wrong with the invoice as a whole, told of its first row; and rows that are none."""
    first = rows[0].line
    if problem := _number_problem(rows[0].invoice):
        yield Reason(first, "InvoiceNo", problem)
    if len(rows) > MOST_LINES:
        yield Reason(first, "InvoiceNo", f"has more than {MOST_LINES} rows")
    if problem := _buyer_problem({row.values[6].strip() for row in rows if len(row.values) > 6}):
        yield Reason(first, "CustomerID", problem)
    if len({row.values[7].strip() for row in rows if len(row.values) > 7}) > 1:
        yield Reason(first, "Country", "is not the same in all rows of the invoice")
    for row in rows:
        if len(row.values) != len(COLUMNS):
            yield Reason(row.line, "row", f"has {len(row.values)} columns instead of {len(COLUMNS)}")


def _number_problem(invoice: str) -> str:
    if not invoice:
        return "is missing"
    if _INVOICE.fullmatch(invoice):
        return ""
    if invoice[0] in "Cc" and _INVOICE.fullmatch(invoice[1:]):
        return "is a credit note, which does not say what order it takes back"
    if invoice[0].isalpha() and _INVOICE.fullmatch(invoice[1:]):
        return "is an adjustment of the books, not an order"
    return "is no invoice number"


def _buyer_problem(accounts: set[str]) -> str:
    if len(accounts) > 1:
        return "is not the same in all rows of the invoice"
    account = next(iter(accounts), "")
    if not account:
        return "is missing: an order has a buyer"
    return "" if _ACCOUNT.fullmatch(account) else "is no customer's id"


def _account(text: str) -> str:
    """The buyer's id: spreadsheets turn 17850 into 17850.0."""
    found = _ACCOUNT.fullmatch(text.strip())
    return found[1] if found else ""


def _sku(text: str) -> str:
    if not text:
        raise _Unfit("is missing")
    if len(text) > intake.LONGEST_SKU or not text.isprintable():
        raise _Unfit("is too long, or holds control signs")
    return text


def _title(text: str) -> str:
    readable = text if text.isprintable() else "".join(sign if sign.isprintable() else " " for sign in text)
    return readable[: intake.LONGEST_TITLE]


def _quantity(text: str) -> int:
    number = _WHOLE.fullmatch(text)
    if number is None:
        raise _Unfit("is not a whole number")
    quantity = int(number[1])
    if quantity < 0:
        raise _Unfit("is negative: goods came back, or were written off")
    if quantity == 0 or quantity > intake.LARGEST_QUANTITY:
        raise _Unfit("is nothing" if quantity == 0 else "is more than any order can hold")
    return quantity


@lru_cache(maxsize=10_000)
def _price(text: str, currency: str) -> int:
    if not _DECIMAL.fullmatch(text):
        raise _Unfit("is not an amount")
    if text.startswith("-"):
        raise _Unfit("is negative: the books were adjusted")
    try:
        return minor_units(text, currency)
    except ValueError:
        raise _Unfit("is finer than the currency's smallest unit") from None


@lru_cache(maxsize=10_000)
def _moment(text: str, zone: tzinfo) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise _Unfit("is no date and time like 2011-12-09 12:50:00") from None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=zone).astimezone(UTC)

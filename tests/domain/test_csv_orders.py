"""Rows of a sales ledger become orders, or refusals with every reason (R2, R19)."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from domain import intake
from domain.csv_orders import MOST_LINES, Ledger, Refusal, Row, SoldOrder, read

LEDGER = Ledger("GBP", ZoneInfo("Europe/London"))
SOLD = ("536365", "MUG", "MUG WITH HANDLE", "6", "2010-12-01 08:26:00", "2.55", "17850.0", "United Kingdom")
PLACES = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country")


def row(line: int = 2, **changes: str) -> Row:
    return Row(line, tuple(changes.get(name, value) for name, value in zip(PLACES, SOLD, strict=True)))


def order(*rows: Row) -> SoldOrder:
    found = read(rows, LEDGER)
    assert isinstance(found, SoldOrder), found
    return found


def faults(*rows: Row) -> list[tuple[int, str]]:
    found = read(rows, LEDGER)
    assert isinstance(found, Refusal), found
    return [(reason.line, reason.field) for reason in found.reasons]


def test_the_rows_of_an_invoice_become_the_lines_of_one_order() -> None:
    found = order(row(2), row(9, StockCode="LAMP", Quantity="1", UnitPrice="10"))
    assert (found.channel_order_id, found.account, found.country, found.currency) == ("536365", "17850", "GB", "GBP")
    assert [(line.sku, line.quantity, line.unit_price) for line in found.lines] == [("MUG", 6, 255), ("LAMP", 1, 1000)]
    assert found.total == 6 * 255 + 1000


def test_a_local_time_is_read_in_the_ledgers_zone_summer_and_winter() -> None:
    assert order(row()).placed_at == datetime(2010, 12, 1, 8, 26, tzinfo=UTC)
    assert order(row(InvoiceDate="2011-06-01 08:26:00")).placed_at == datetime(2011, 6, 1, 7, 26, tzinfo=UTC)


def test_an_order_typed_over_two_minutes_was_placed_with_its_first_row() -> None:
    found = order(row(3, InvoiceDate="2010-12-01 08:27:00"), row(4))
    assert found.placed_at == datetime(2010, 12, 1, 8, 26, tzinfo=UTC)


def test_a_line_at_no_price_is_a_gift_and_imported() -> None:
    assert order(row(UnitPrice="0.0")).total == 0


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("StockCode", " "),
        ("StockCode", "S" * (intake.LONGEST_SKU + 1)),
        ("Quantity", "-6"),
        ("Quantity", "0"),
        ("Quantity", "1.5"),
        ("Quantity", ""),
        ("Quantity", "1e3"),
        ("Quantity", str(intake.LARGEST_QUANTITY + 1)),
        ("UnitPrice", "-2.55"),
        ("UnitPrice", "2.555"),
        ("UnitPrice", ""),
        ("UnitPrice", "2,55"),
        ("UnitPrice", "NaN"),
        ("InvoiceDate", "12/1/2010 8:26"),
        ("InvoiceDate", ""),
        ("CustomerID", ""),
        ("CustomerID", "a person's name"),
        ("InvoiceNo", "C536365"),
        ("InvoiceNo", "A536365"),
        ("InvoiceNo", ""),
        ("InvoiceNo", "53 63"),
    ],
)
def test_what_is_no_order_is_refused_in_the_column_that_says_so(column: str, value: str) -> None:
    assert faults(row(7, **{column: value})) == [(7, column)]


@pytest.mark.parametrize("text", ["6", "6.0", " 6 "])
def test_a_whole_number_may_come_as_a_spreadsheet_writes_it(text: str) -> None:
    assert order(row(Quantity=text)).lines[0].quantity == 6


def test_every_reason_is_told_at_once_row_by_row() -> None:
    rows = (row(5, Quantity="-1", UnitPrice="x", CustomerID=""), row(4, StockCode="", CustomerID=""))
    assert faults(*rows) == [(4, "StockCode"), (5, "CustomerID"), (5, "Quantity"), (5, "UnitPrice")]


def test_rows_that_disagree_about_their_invoice_are_refused() -> None:
    assert faults(row(2), row(3, CustomerID="17851")) == [(2, "CustomerID")]
    assert faults(row(2), row(3, Country="France")) == [(2, "Country")]


def test_a_row_with_too_few_or_too_many_columns_is_refused_and_the_others_are_still_looked_at() -> None:
    assert faults(row(2, Quantity="0"), Row(3, SOLD[:5]), Row(4, (*SOLD, "more"))) == [
        (2, "Quantity"),
        (3, "row"),
        (4, "row"),
    ]


def test_a_row_of_nothing_but_its_invoice_is_refused() -> None:
    assert (2, "row") in faults(Row(2, ("536365",)))


def test_an_invoice_of_absurd_length_or_worth_is_refused() -> None:
    assert faults(*(row(line) for line in range(MOST_LINES + 1))) == [(0, "InvoiceNo")]
    rows = [row(line, Quantity="100000", UnitPrice="999999999999") for line in range(2)]
    assert faults(*rows) == [(0, "UnitPrice")]


def test_a_reason_never_holds_a_value_of_the_file() -> None:
    secret = "Testa-Probe-1"
    found = read([Row(2, (secret, "", secret, secret, secret, secret, "Testa Probe", secret))], LEDGER)
    assert isinstance(found, Refusal)
    assert not [reason for reason in found.reasons if secret in reason.problem]


@pytest.mark.parametrize(
    ("name", "code"),
    [("EIRE", "IE"), ("uk", "GB"), ("de", "DE"), ("Channel Islands", ""), ("Unspecified", ""), ("", "")],
)
def test_a_country_nobody_knows_is_unknown_and_not_wrong(name: str, code: str) -> None:
    assert order(row(Country=name)).country == code


def test_control_signs_do_not_reach_a_title() -> None:
    assert order(row(Description="MUG\x1b[2J\n")).lines[0].title == "MUG [2J"

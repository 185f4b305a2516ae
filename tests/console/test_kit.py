"""Amounts as people write them, and as the API has them."""

from __future__ import annotations

import pytest

from console.kit import minor, money


@pytest.mark.parametrize(
    ("words", "currency", "amount"),
    [("408", "CNY", 40_800), (" 1,408.05 ", "CNY", 140_805), ("408", "JPY", 408), ("0.5", "EUR", 50)],
)
def test_an_amount_is_read_in_minor_units(words: str, currency: str, amount: int) -> None:
    assert minor(words, currency) == amount


@pytest.mark.parametrize("words", ["", "cheap", "1.005", "NaN", "Infinity", "1e-9", "1e16", "1e400000", "1e999999"])
def test_what_is_no_amount_of_the_currency_is_none(words: str) -> None:
    assert minor(words, "CNY") is None
    assert minor("0.5", "JPY") is None


def test_what_is_shown_is_read_again_as_the_same() -> None:
    for currency in ("CNY", "JPY"):
        assert minor(money(123_456, currency).removeprefix(currency), currency) == 123_456

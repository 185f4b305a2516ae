"""Money is counted in minor units and decided from sums (accidents 4 and 5)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.money import EXPONENT, PAYMENT_CHINESE, PaymentStatus, decimal_text, is_paid, minor_units, payment_status
from domain.refunds import Capture, Given, refund_plan

P = PaymentStatus


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [("2629.95", "CNY", 262995), ("19", "USD", 1900), ("0", "CNY", 0), ("1500", "JPY", 1500), ("1.234", "KWD", 1234)],
)
def test_a_decimal_text_is_read_exactly(text: str, currency: str, minor: int) -> None:
    assert minor_units(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "currency"), [("1.005", "CNY"), ("1.5", "JPY"), ("abc", "CNY"), ("NaN", "CNY"), ("1", "XXX")]
)
def test_what_is_no_exact_amount_is_refused(text: str, currency: str) -> None:
    with pytest.raises(ValueError, match=r"amount|decimals|currency"):
        minor_units(text, currency)


@given(st.integers(0, 10**15), st.sampled_from(sorted(EXPONENT)))
def test_writing_and_reading_an_amount_changes_nothing(minor: int, currency: str) -> None:
    assert minor_units(decimal_text(minor, currency), currency) == minor


@pytest.mark.parametrize(
    ("total", "captured", "refunded", "expected"),
    [
        (1000, 0, 0, P.UNPAID),
        (1000, 999, 0, P.UNPAID),
        (1000, 1000, 0, P.PAID),
        (1000, 2000, 0, P.PAID),
        (0, 0, 0, P.NOTHING_DUE),
        (1000, 1000, 1, P.PARTLY_REFUNDED),
        (1000, 1000, 1000, P.REFUNDED),
        (1000, 2000, 1000, P.PARTLY_REFUNDED),
    ],
)
def test_what_the_money_amounts_to_is_decided_from_sums(
    total: int, captured: int, refunded: int, expected: PaymentStatus
) -> None:
    assert payment_status(total, captured, refunded) is expected


def test_every_payment_status_has_a_chinese_name() -> None:
    assert set(PAYMENT_CHINESE) == set(P)


def captures(*amounts: int) -> list[Capture]:
    return [Capture("stripe", f"pi_{index}", amount, "CNY") for index, amount in enumerate(amounts)]


def test_a_refund_goes_to_the_oldest_capture_first() -> None:
    plan = refund_plan(captures(1500, 500), [], 1600)
    assert [(part.reference, part.amount) for part in plan] == [("pi_0", 1500), ("pi_1", 100)]


def test_what_went_back_of_a_capture_is_not_taken_from_it_again() -> None:
    plan = refund_plan(captures(1500, 500), [Given("stripe", "pi_0", 1500)], 2000)
    assert [(part.reference, part.amount) for part in plan] == [("pi_1", 500)]


def test_a_refund_nobody_attributed_is_taken_from_wherever_there_is_room() -> None:
    plan = refund_plan(captures(1500, 500), [Given(None, None, 1700)], 2000)
    assert [(part.reference, part.amount) for part in plan] == [("pi_1", 300)]


@given(
    st.lists(st.integers(0, 50), max_size=4),
    st.lists(st.tuples(st.sampled_from([None, "pi_0", "pi_1", "pi_9"]), st.integers(0, 40)), max_size=4),
    st.integers(0, 200),
)
def test_never_more_goes_back_than_is_left(taken: list[int], back: list[tuple[str | None, int]], amount: int) -> None:
    given_back = [Given("stripe" if reference else None, reference, value) for reference, value in back]
    plan = refund_plan(captures(*taken), given_back, amount)
    left = max(0, sum(taken) - sum(value for _, value in back))
    assert sum(part.amount for part in plan) == min(amount, left)
    assert all(part.amount > 0 for part in plan)


@pytest.mark.parametrize(
    ("captured", "refunded", "paid"),
    [(0, 0, False), (99, 0, False), (100, 0, True), (100, 20, True), (100, 100, False), (200, 100, True)],
)
def test_who_has_paid_all_has_paid_until_all_of_it_went_back(captured: int, refunded: int, paid: bool) -> None:
    assert is_paid(100, captured, refunded) is paid
    assert is_paid(0, 0, 0)

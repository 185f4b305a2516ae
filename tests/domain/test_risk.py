"""The review's rules as configuration: what may be changed, what is refused, and what then counts (R6, R27)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.order_status import OrderStatus as S
from domain.review import Facts, Severity, review
from domain.risk import (
    BUILT_IN,
    COUNTED_BY,
    RULES,
    BuyerIndex,
    RiskEvent,
    RuleSet,
    WrongRules,
    changed,
    event_of,
    read_change,
)

GOOD = Facts(total=19_900, currency="CNY", pays_online=True, captured=19_900, captured_currencies=("CNY",))
EVERYTHING_WRONG = Facts(
    total=900_000,
    currency="CNY",
    pays_online=True,
    captured=1,
    captured_currencies=("USD",),
    oversold=("A",),
    unknown_skus=("B",),
    below_safety_stock=("C",),
    missing_fields=("name",),
    address_faults=("a",),
    phone_faults=("p",),
    blacklisted=("phone",),
    marked=(("cancellation", "phone"), ("refund", "phone"), ("fake_address", "address")),
)


def found(rules: RuleSet, facts: Facts) -> dict[str, Severity]:
    return {finding.rule: finding.severity for finding in rules.review(facts)}


facts = st.builds(
    Facts,
    total=st.integers(0, 10**7),
    currency=st.just("CNY"),
    pays_online=st.booleans(),
    captured=st.integers(0, 10**7),
    captured_currencies=st.sampled_from([(), ("CNY",), ("USD",)]),
    oversold=st.sampled_from([(), ("A",)]),
    missing_fields=st.sampled_from([(), ("phone",)]),
    blacklisted=st.sampled_from([(), ("account", "phone")]),
    marked=st.sampled_from([(), (("refund", "phone"),)]),
    orders_before=st.integers(0, 9),
    cancelled_before=st.integers(0, 9),
)


@given(facts)
def test_the_built_in_rules_judge_as_the_rules_themselves_do(facts: Facts) -> None:
    assert BUILT_IN.review(facts) == review(facts)


def test_every_finding_belongs_to_a_rule_that_can_be_configured() -> None:
    cancelled = replace(GOOD, orders_before=4, cancelled_before=4)
    paid_wrong = replace(GOOD, captured=1)
    names = {one.rule for facts in (EVERYTHING_WRONG, cancelled, paid_wrong) for one in review(facts)}
    assert names == set(RULES)


@pytest.mark.parametrize("rule", [name for name, spec in RULES.items() if not spec.always])
def test_a_rule_that_is_switched_off_finds_nothing(rule: str) -> None:
    rules = changed(BUILT_IN, {rule: {"enabled": False}})
    facts = replace(EVERYTHING_WRONG, orders_before=4, cancelled_before=4) if rule == "often_cancelled" else None
    facts = facts or EVERYTHING_WRONG
    assert rule in found(BUILT_IN, facts)
    assert set(found(BUILT_IN, facts)) - set(found(rules, facts)) == {rule}


@pytest.mark.parametrize("rule", [name for name, spec in RULES.items() if spec.always])
def test_a_rule_that_guards_a_promise_cannot_be_switched_off(rule: str) -> None:
    with pytest.raises(WrongRules, match="cannot be switched off"):
        changed(BUILT_IN, {rule: {"enabled": False}})
    tampered = RuleSet(1, {rule: {"enabled": False}})
    assert tampered.setting(rule).enabled, "not even by a row that somebody wrote by hand"


def test_a_severity_is_what_the_shop_says() -> None:
    rules = changed(BUILT_IN, {"blacklist": {"severity": "review"}, "phone": {"severity": "block"}})
    assert found(rules, EVERYTHING_WRONG)["blacklist"] is Severity.REVIEW
    assert found(rules, EVERYTHING_WRONG)["phone"] is Severity.BLOCK
    with pytest.raises(WrongRules, match=r"oversold\.severity: must be block"):
        changed(BUILT_IN, {"oversold": {"severity": "review"}})


@pytest.mark.parametrize(("total", "doubted"), [(9_999, False), (10_000, True)])
def test_an_amount_is_what_the_shop_says(total: int, doubted: bool) -> None:
    rules = changed(BUILT_IN, {"large_first_order": {"amount": 10_000}})
    paid = replace(GOOD, total=total, captured=total)
    assert ("large_first_order" in found(rules, paid)) is doubted


@pytest.mark.parametrize(
    ("wanted", "field", "problem"),
    [
        ({"larg_first_order": {"amount": 1}}, "larg_first_order", "no such rule"),
        ({"phone": {"amount": 1}}, "phone.amount", "no such parameter"),
        ({"phone": {"enabled": 1}}, "phone.enabled", "true or false"),
        ({"phone": {"severity": "maybe"}}, "phone.severity", "must be review or block"),
        ({"large_first_order": {"amount": "1000"}}, "large_first_order.amount", "whole number of minor units"),
        ({"large_first_order": {"amount": True}}, "large_first_order.amount", "whole number"),
        ({"large_first_order": {"amount": -1}}, "large_first_order.amount", "from 0"),
        ({"large_first_order": {"amount": 1.5}}, "large_first_order.amount", "whole number"),
        ({"often_cancelled": {"share": 101}}, "often_cancelled.share", "percent from 1 to 100"),
        ({"often_cancelled": {"of": 0}}, "often_cancelled.of", "count from 1"),
        ({"marked_refund": {"window_days": 366}}, "marked_refund.window_days", "days from 1 to 365"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(wanted: Any, field: str, problem: str) -> None:
    with pytest.raises(WrongRules) as refused:
        changed(BUILT_IN, wanted)
    (fault,) = refused.value.faults
    assert fault.field == field
    assert problem in fault.problem


def test_all_that_is_wrong_is_named_at_once() -> None:
    with pytest.raises(WrongRules) as refused:
        changed(BUILT_IN, {"nonsense": {"a": 1}, "phone": {"enabled": "no", "colour": "red"}})
    assert [fault.field for fault in refused.value.faults] == ["nonsense", "phone.enabled", "phone.colour"]


def test_changes_add_up_and_going_back_to_the_built_in_value_is_no_change() -> None:
    first = changed(BUILT_IN, {"large_first_order": {"amount": 1}, "phone": {"enabled": False}}, version=1)
    second = changed(first, {"phone": {"enabled": True}, "large_first_order": {"severity": "block"}}, version=2)
    assert (second.version, second.changes) == (2, {"large_first_order": {"amount": 1, "severity": "block"}})


def test_what_a_later_program_no_longer_knows_is_passed_over() -> None:
    old = RuleSet(3, {"a_rule_of_old": {"enabled": False}, "phone": {"enabled": False, "loudness": 11}})
    assert not old.setting("phone").enabled
    assert "phone" not in found(old, EVERYTHING_WRONG)
    assert changed(old, {}).changes == {"phone": {"enabled": False}}


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("large_first_order.amount=300000", ("large_first_order", "amount", 300_000)),
        ("phone.enabled = false", ("phone", "enabled", False)),
        ("blacklist.severity=review", ("blacklist", "severity", "review")),
        ("large_first_order.amount=-5", ("large_first_order", "amount", -5)),
    ],
)
def test_a_change_is_written_in_one_word(text: str, read: tuple[str, str, Any]) -> None:
    rule, what, value = read_change(text.replace(" = ", "="))
    assert (rule, what, value) == read
    assert type(value) is type(read[2])


@pytest.mark.parametrize("text", ["phone", "phone=1", "phone.enabled", ".x=1", "phone.=1"])
def test_a_change_that_cannot_be_read_says_how_to_write_it(text: str) -> None:
    with pytest.raises(WrongRules, match=r"RULE\.WHAT=VALUE"):
        read_change(text)


@pytest.mark.parametrize(
    ("act", "before", "after", "why", "event"),
    [
        ("cancelled", S.PAID, S.CANCELLED, "buyer_asked", RiskEvent.CANCELLATION),
        ("cancelled", S.AWAITING_PAYMENT, S.CANCELLED, "not paid in time", RiskEvent.CANCELLATION),
        ("cancelled", S.PAID, S.CANCELLED, "power_cut", None),
        ("cancelled", S.SHORTAGE, S.CANCELLED, "buyer_asked", None),
        ("goods_released", S.CANCELLED, S.CANCELLED, "", None),
        ("rejected", S.MANUAL_REVIEW, S.REJECTED, "fake_address", RiskEvent.FAKE_ADDRESS),
        ("rejected", S.MANUAL_REVIEW, S.REJECTED, "suspected_fraud", None),
        ("payment_refunded", S.SIGNED, S.SIGNED, "", RiskEvent.REFUND),
        ("late_payment_refunded", None, None, "", RiskEvent.REFUND),
        ("payment_captured", S.PAID, S.PAID, "", None),
        ("late_payment_captured", None, None, "", None),
    ],
)
def test_what_counts_against_a_buyer(act: str, before: S, after: S, why: str, event: RiskEvent | None) -> None:
    assert event_of(act, before, after, why) is event


def test_an_address_that_many_share_is_marked_for_fakes_only() -> None:
    shared = {event for event, kinds in COUNTED_BY.items() if BuyerIndex.ADDRESS in kinds}
    assert shared == {RiskEvent.FAKE_ADDRESS}

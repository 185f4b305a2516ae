"""Each rule of the automatic review, at the edge where it begins to find something (R6, R27)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.review import Facts, RiskLimits, Severity, review, risk_level, verdict

GOOD = Facts(total=1000, currency="CNY", pays_online=True, captured=1000, captured_currencies=("CNY",), orders_before=1)


def found(**changes: object) -> list[tuple[str, Severity]]:
    return [(finding.rule, finding.severity) for finding in review(replace(GOOD, **changes))]  # type: ignore[arg-type]


def test_nothing_is_found_at_a_good_order() -> None:
    assert review(GOOD) == []
    assert (verdict([]), risk_level([])) == (None, "none")


@pytest.mark.parametrize(
    ("changes", "rule", "severity"),
    [
        ({"oversold": ("TEA",)}, "oversold", Severity.BLOCK),
        ({"unknown_skus": ("GHOST",)}, "unknown_sku", Severity.REVIEW),
        ({"below_safety_stock": ("TEA",)}, "safety_stock", Severity.REVIEW),
        ({"missing_fields": ("phone",)}, "incomplete", Severity.REVIEW),
        ({"address_faults": ("city is not in that region",)}, "address", Severity.REVIEW),
        ({"phone_faults": ("phone has the wrong length",)}, "phone", Severity.REVIEW),
        ({"captured": 999}, "payment_amount", Severity.REVIEW),
        ({"captured": 1001}, "payment_amount", Severity.REVIEW),
        ({"captured_currencies": ("CNY", "USD")}, "payment_currency", Severity.REVIEW),
        ({"blacklisted": ("phone",)}, "blacklist", Severity.BLOCK),
        ({"orders_before": 4, "cancelled_before": 2}, "often_cancelled", Severity.REVIEW),
        ({"orders_before": 0, "total": 500_000, "captured": 500_000}, "large_first_order", Severity.REVIEW),
    ],
)
def test_each_rule_finds_its_own(changes: dict[str, object], rule: str, severity: Severity) -> None:
    assert found(**changes) == [(rule, severity)]


@pytest.mark.parametrize(
    "changes",
    [
        {"orders_before": 2, "cancelled_before": 2},
        {"orders_before": 5, "cancelled_before": 2},
        {"orders_before": 0, "total": 499_999, "captured": 499_999},
        {"orders_before": 1, "total": 500_000, "captured": 500_000},
        {"pays_online": False, "captured": 0, "captured_currencies": ()},
        {"total": 0, "captured": 0, "captured_currencies": ()},
    ],
)
def test_just_before_the_edge_nothing_is_found(changes: dict[str, object]) -> None:
    assert found(**changes) == []


def test_the_heaviest_finding_decides() -> None:
    findings = review(replace(GOOD, phone_faults=("x",), blacklisted=("account",)))
    assert (verdict(findings), risk_level(findings)) == (Severity.BLOCK, "block")
    findings = review(replace(GOOD, phone_faults=("x",)))
    assert (verdict(findings), risk_level(findings)) == (Severity.REVIEW, "review")


def test_the_shop_sets_the_limits() -> None:
    first = replace(GOOD, orders_before=0)
    assert [finding.rule for finding in review(first, RiskLimits(large_first_order=1000))] == ["large_first_order"]

"""The automatic review: rules that answer with findings (R6).

A rule looks at facts and returns the findings it has. No finding: approved. Any
``block``: intercepted. Else ``review``: a person decides. A clock never does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """What a finding means for the order."""

    REVIEW = "review"
    BLOCK = "block"


@dataclass(frozen=True)
class Finding:
    """What a rule found: evidence is for the reviewer, without personal data (R21)."""

    rule: str
    severity: Severity
    evidence: str


@dataclass(frozen=True)
class Facts:
    """All that the rules look at. Amounts are minor units of ``currency``.

    ``oversold`` and ``unknown_skus`` name SKUs that could not be reserved. ``marked`` are
    (what was counted, on what) of a buyer whom a counter put on the blacklist.
    """

    total: int
    currency: str
    pays_online: bool
    captured: int
    captured_currencies: tuple[str, ...]
    oversold: tuple[str, ...] = ()
    unknown_skus: tuple[str, ...] = ()
    below_safety_stock: tuple[str, ...] = ()
    missing_fields: tuple[str, ...] = ()
    address_faults: tuple[str, ...] = ()
    phone_faults: tuple[str, ...] = ()
    blacklisted: tuple[str, ...] = ()
    marked: tuple[tuple[str, str], ...] = ()
    orders_before: int = 0
    cancelled_before: int = 0


@dataclass(frozen=True)
class RiskLimits:
    """Parameters of the account rules; a shop configures them.

    ``large_first_order`` is in minor units; ``cancelled_share`` in percent of at least
    ``cancelled_of`` orders.
    """

    large_first_order: int = 500_000
    cancelled_share: int = 50
    cancelled_of: int = 3


Rule = Callable[[Facts, RiskLimits], list[Finding]]


def oversold(facts: Facts, _limits: RiskLimits) -> list[Finding]:
    """Goods that we list but do not have: the order is intercepted (R6)."""
    return [Finding("oversold", Severity.BLOCK, f"not enough stock of {sku}") for sku in facts.oversold]


def unknown_sku(facts: Facts, _limits: RiskLimits) -> list[Finding]:
    """A SKU that no warehouse lists is a gap in our data, not an oversale: a person looks."""
    return [Finding("unknown_sku", Severity.REVIEW, f"no warehouse lists {sku}") for sku in facts.unknown_skus]


def safety_stock(facts: Facts, _limits: RiskLimits) -> list[Finding]:
    """The stock threshold: reserved, but below what the shop wants to keep (R6)."""
    return [
        Finding("safety_stock", Severity.REVIEW, f"{sku} fell below its safety threshold")
        for sku in facts.below_safety_stock
    ]


def address(facts: Facts, _limits: RiskLimits) -> list[Finding]:
    """Is the address real? Checked against postal data, see runtime.postal (R6)."""
    missing = [Finding("incomplete", Severity.REVIEW, f"{name} is missing") for name in facts.missing_fields]
    doubtful = [Finding("address", Severity.REVIEW, fault) for fault in facts.address_faults]
    return missing + doubtful


def phone(facts: Facts, _limits: RiskLimits) -> list[Finding]:
    """Can the carrier call? Checked against numbering plans (R6)."""
    return [Finding("phone", Severity.REVIEW, fault) for fault in facts.phone_faults]


def payment_match(facts: Facts, _limits: RiskLimits) -> list[Finding]:
    """Amount and currency of the captures against the order's (R6)."""
    if not facts.pays_online or facts.total == 0:
        return []
    if strange := [code for code in facts.captured_currencies if code != facts.currency]:
        return [Finding("payment_currency", Severity.REVIEW, f"paid in {', '.join(strange)}, due in {facts.currency}")]
    if facts.captured != facts.total:
        return [Finding("payment_amount", Severity.REVIEW, f"captured {facts.captured}, due {facts.total} minor units")]
    return []


def account_risk(facts: Facts, limits: RiskLimits) -> list[Finding]:
    """Blacklisted account, phone or address blocks; habits are for a person to weigh (R6, R27)."""
    found = [Finding("blacklist", Severity.BLOCK, f"{kind} is on the blacklist") for kind in facts.blacklisted]
    if facts.orders_before == 0 and facts.total >= limits.large_first_order:
        found.append(Finding("large_first_order", Severity.REVIEW, f"first order, {facts.total} minor units"))
    often = facts.orders_before >= limits.cancelled_of
    if often and facts.cancelled_before * 100 >= facts.orders_before * limits.cancelled_share:
        evidence = f"{facts.cancelled_before} of {facts.orders_before} earlier orders cancelled"
        found.append(Finding("often_cancelled", Severity.REVIEW, evidence))
    return found


def marked(facts: Facts, _limits: RiskLimits) -> list[Finding]:
    """A buyer whom a counter marked: a person looks there first (R27)."""
    return [
        Finding(f"marked_{counted}", Severity.REVIEW, f"{kind} is marked by the counter of {counted}")
        for counted, kind in facts.marked
    ]


RULES: Sequence[Rule] = (oversold, unknown_sku, safety_stock, address, phone, payment_match, account_risk, marked)


def review(facts: Facts, limits: RiskLimits | None = None) -> list[Finding]:
    """Every finding of every rule, in the table's order."""
    limits = limits or RiskLimits()
    return [finding for rule in RULES for finding in rule(facts, limits)]


def verdict(findings: Sequence[Finding]) -> Severity | None:
    """The heaviest severity found; None means approved."""
    severities = {finding.severity for finding in findings}
    return next((severity for severity in (Severity.BLOCK, Severity.REVIEW) if severity in severities), None)


def risk_level(findings: Sequence[Finding]) -> str:
    """``none``, ``review`` or ``block``: the search attribute RiskLevel."""
    found = verdict(findings)
    return found.value if found else "none"

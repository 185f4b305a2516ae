"""Phase three: the review (R6, R7). Rules first; where they doubt, a person decides, never a clock."""

from __future__ import annotations

from domain.deadlines import DeadlineId
from domain.money import PaymentMethod
from domain.order_status import OrderStatus
from domain.review import Facts, Finding, Severity, risk_level, verdict
from domain.risk import BUILT_IN, RuleSet
from models.base import clock_actor
from models.state import StockState
from models.steps import FindingMessage, OpenReview, ReviewFacts
from workflows import calls, peak
from workflows.life import Life

LEADS_TO = {
    None: OrderStatus.APPROVED,
    Severity.REVIEW: OrderStatus.MANUAL_REVIEW,
    Severity.BLOCK: OrderStatus.INTERCEPTED,
}

# What a review clock does when it passes: it tells people, and decides nothing (R7).
TELLS = {DeadlineId.T2: "review_reminded", DeadlineId.T3: "review_escalated"}


async def decide(order: Life) -> None:
    """Let the rules look, then wait for a person where they found something to look at."""
    if order.status in {OrderStatus.AWAITING_PAYMENT, OrderStatus.PAID}:
        await apply_rules(order)
    while order.status is OrderStatus.MANUAL_REVIEW:
        passed = await order.until(lambda: order.status is not OrderStatus.MANUAL_REVIEW)
        if passed is not None:
            await calls.take_step(order.step(TELLS[passed], by=clock_actor(passed), passed=(passed,)))


async def apply_rules(order: Life) -> None:
    """Automatic review: findings decide where the order goes (R6)."""
    facts = await calls.gather_facts(order.state.order.order_no)
    if facts.peak is not None and facts.peak.peak_no > order.state.peak_no:
        peak.stretch(order.state, facts.peak.factor, facts.peak.peak_no)
    seen, rules = facts_of(order, facts), rules_of(facts)
    findings = rules.review(seen)
    order.state.missing_fields = list(facts.missing_fields)
    order.state.risk = risk_level(findings)
    to = LEADS_TO[verdict(findings)]
    order.state.approved = to is OrderStatus.APPROVED
    step = order.step("auto_reviewed", to=to, why=said(findings), details={"rules": rules.version})
    found = tuple(FindingMessage.of(finding) for finding in findings)
    await calls.open_review(OpenReview(step=step, findings=found, facts=seen, rules=rules.version))


async def look_again(order: Life) -> None:
    """The contact was corrected: learn what is still missing."""
    facts = await calls.gather_facts(order.state.order.order_no)
    order.state.missing_fields = list(facts.missing_fields)


def said(findings: list[Finding]) -> str:
    """The findings' rules in a few words, for the record."""
    return ", ".join(sorted({finding.rule for finding in findings})) or "no finding"


def rules_of(facts: ReviewFacts) -> RuleSet:
    """The rules that were in force when the facts were gathered; they travel in the order's history."""
    return RuleSet(facts.rules.version, facts.rules.changes) if facts.rules else BUILT_IN


def facts_of(order: Life, facts: ReviewFacts) -> Facts:
    """Join what the database knows with what the order knows of itself."""
    state, terms = order.state, order.state.order
    return Facts(
        total=terms.total,
        currency=terms.currency,
        pays_online=terms.payment_method is PaymentMethod.ONLINE and state.stock is not StockState.SHORT,
        captured=state.captured,
        captured_currencies=facts.captured_currencies,
        oversold=tuple(state.short_skus),
        unknown_skus=tuple(state.unknown_skus),
        below_safety_stock=facts.below_safety_stock,
        missing_fields=facts.missing_fields,
        address_faults=facts.address_faults,
        phone_faults=facts.phone_faults,
        blacklisted=facts.blacklisted,
        marked=facts.marked,
        orders_before=facts.orders_before,
        cancelled_before=facts.cancelled_before,
    )

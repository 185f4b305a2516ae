"""What goes wrong after hand-over, and what comes back: one order for each kind of case (R13 to R17, R24, R26)."""

from __future__ import annotations

from dev.catalogue import BOOK, CUP, OOLONG, POT, PUER, ROBOT_WAREHOUSE, SCARF
from dev.demo.acts import passes, pays, until
from dev.demo.casework import applies, case_closes, in_case, is_carried_out, opens
from dev.demo.desk import OPERATIONS, SERVICE, WAREHOUSE
from dev.demo.placing import at_our_shop, one
from dev.demo.scenario import ARCHIVED_PAID, ARCHIVED_PARTLY_REFUNDED, ARCHIVED_REFUNDED, Act, Scenario
from domain.deadlines import DeadlineId
from domain.order_status import OrderStatus

SIGNED = (pays(), until(OrderStatus.SIGNED))
GOES_TO_THE_ARCHIVE = passes(DeadlineId.T9, "archived")


def comes_back(grade: str) -> tuple[Act, ...]:
    """Accepted, sent, received and graded by the warehouse; passed."""
    graded = [{"line_no": 1, "quantity": 1, "grade": grade}]
    return (
        in_case("decision", accept=True, reason="by_the_rules"),
        in_case("receipt", WAREHOUSE, warehouse=ROBOT_WAREHOUSE),
        in_case("inspection", WAREHOUSE, passed=True, lines=graded),
    )


SCENARIOS = (
    Scenario(
        "returned", "site", "a cup is broken: returned, graded as scrap, refunded",
        at_our_shop(one(CUP)),
        (*SIGNED, applies("quality", "refund"), *comes_back("scrap"), case_closes, GOES_TO_THE_ARCHIVE),
        ARCHIVED_REFUNDED,
    ),
    Scenario(
        "exchanged", "app", "wrong size: exchanged, a linked order at no charge is delivered",
        at_our_shop(one(SCARF)),
        (*SIGNED, applies("wrong_size", "exchange"), *comes_back("resell"), case_closes, GOES_TO_THE_ARCHIVE),
        ARCHIVED_PAID,
    ),
    Scenario(
        "return-withdrawn", "site", "a return is accepted, then the buyer keeps the goods",
        at_our_shop(one(PUER)),
        (
            *SIGNED, applies("no_reason", "refund"), in_case("decision", accept=True),
            in_case("settle", settlement="withdrawn", reason="buyer_keeps_it"), case_closes, GOES_TO_THE_ARCHIVE,
        ),
        ARCHIVED_PAID,
    ),
    Scenario(
        "complaint", "app", "a complaint: answered (T10), settled with a coupon",
        at_our_shop(one(OOLONG)),
        (
            *SIGNED, opens("complaint"), in_case("claim"), in_case("stage", stage="answer", reason="apologised"),
            in_case("settle", settlement="coupon", amount=1_000, reason="goodwill"), case_closes, GOES_TO_THE_ARCHIVE,
        ),
        ARCHIVED_PAID,
    ),
    Scenario(
        "mistake", "site", "an item left out: reported (T14) by the warehouse, sent, cause and prevention written down",
        at_our_shop(one(POT)),
        (
            *SIGNED, opens("mistake", WAREHOUSE), in_case("stage", WAREHOUSE, stage="report", reason="left_out"),
            in_case("settle", settlement="reship", lines=[{"line_no": 1, "pieces": 1}], reason="left_out"),
            is_carried_out,
            in_case("close", cause="two boxes look alike", prevention="they stand in different aisles now"),
            case_closes, GOES_TO_THE_ARCHIVE,
        ),
        ARCHIVED_PAID,
    ),
    Scenario(
        "signature-dispute", "app", "signed, but I have nothing: the carrier's proof, then a compensation (T7)",
        at_our_shop(one(BOOK)),
        (
            *SIGNED, opens("signature_dispute"),
            in_case("stage", stage="evidence_requested", reason="asked_the_carrier"),
            in_case("evidence", what="photo", reference="carrier/sample/1"),
            in_case("settle", settlement="compensation", amount=500, reason="carrier_unsure"), case_closes,
            GOES_TO_THE_ARCHIVE,
        ),
        ARCHIVED_PARTLY_REFUNDED,
    ),
    Scenario(
        "parcel-exception", "site", "a parcel that its buyer could not find: found, delivered after all (T5)",
        at_our_shop(one(OOLONG)),
        (
            *SIGNED, opens("parcel_exception", parcel=True),
            in_case("stage", stage="carrier_contacted", reason="called"),
            in_case("settle", settlement="delivered_after_all", reason="at_the_neighbours"), in_case("close"),
            case_closes, GOES_TO_THE_ARCHIVE,
        ),
        ARCHIVED_PAID,
    ),
    Scenario(
        "cross-department", "app", "departments meet over an order: minutes and plan (T15)",
        at_our_shop(one(CUP)),
        (
            *SIGNED, opens("cross_department", OPERATIONS, participants=["warehouse", "finance"]),
            in_case("stage", SERVICE, stage="minutes", reason="met"),
            in_case("stage", SERVICE, stage="plan", reason="agreed"),
            in_case("settle", OPERATIONS, settlement="resolved", reason="done"), in_case("close", OPERATIONS),
            case_closes, GOES_TO_THE_ARCHIVE,
        ),
        ARCHIVED_PAID,
    ),
)  # fmt: skip

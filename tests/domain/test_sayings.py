"""What departments are told: every kind has its sentence, and its facts (R7, R21)."""

from __future__ import annotations

import json

import pytest

from domain import case_reasons, sayings
from domain.alert_kinds import AlertKind, Asked, Saying
from domain.case_kinds import KINDS
from domain.case_reasons import ReasonCode
from domain.case_shapes import CaseKind, Kind
from domain.deadlines import PLANNED, DeadlineId
from tests.domain.every_saying import REASONS, SAYINGS


def test_every_kind_of_alert_has_one_sentence_and_every_reason_its_words() -> None:
    assert sorted(saying.kind for saying in SAYINGS) == sorted(AlertKind)
    assert {reason.code for reason in REASONS} == set(ReasonCode)


@pytest.mark.parametrize("saying", SAYINGS, ids=lambda saying: saying.kind)
def test_an_alert_has_facts_that_travel_as_json(saying: Saying) -> None:
    assert saying.facts, "an alert without facts would be taken for one from before there were any"
    assert json.loads(json.dumps(saying.facts)) == saying.facts


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_whatever_clock_of_a_case_passes_can_be_told(kind: Kind) -> None:
    clocks = {stage.deadline for stage in (*kind.stages, *kind.major)} | {kind.settle_by}
    # The goods that never came are told of in words of their own (T20).
    told = [deadline for deadline in clocks if deadline and deadline not in PLANNED | {DeadlineId.T20}]
    assert [sayings.passed(deadline, "K-1").kind.value for deadline in told] == [deadline.value for deadline in told]


def test_facts_stay_short_whatever_an_order_lacks() -> None:
    many = [f"SKU-{number}" for number in range(400)]
    assert case_reasons.no_stock(many).facts["skus"] == f"{', '.join(many[:8])} …"
    assert case_reasons.no_stock(many[:8]).facts["skus"] == ", ".join(many[:8])


def test_a_reason_of_the_system_lies_in_the_alert_of_its_case() -> None:
    told = sayings.case_opened(CaseKind.SHORTAGE, "缺貨", "web-1-C1", case_reasons.pieces_missing("TEA", 2))
    assert told.text == "缺貨 shortage web-1-C1: 2 of TEA missing"
    reason = {"reason": "2 of TEA missing", "reason_code": "pieces_missing", "sku": "TEA", "missing": 2}
    assert told.facts == reason | {"case_no": "web-1-C1"}


@pytest.mark.parametrize(
    ("asked", "words"), [(Asked.CLOSE_PAYMENT, "close the payment"), (Asked.VOID_BOOKING, "void SF1")]
)
def test_a_refusal_says_what_was_asked(asked: Asked, words: str) -> None:
    assert sayings.refused_outside(asked, "SF1", "Refused, sf: gone").text == f"{words}: Refused, sf: gone"

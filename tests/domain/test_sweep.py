"""What counts as a difference between an order and its workflow, and what is said about each kind (accident 9)."""

from __future__ import annotations

import pytest

from domain.order_status import ENDED, OrderStatus
from domain.sweep import MEANINGS, Difference, Repair, SeenWorkflow, workflow_difference

S = OrderStatus


def kind_of(status: OrderStatus, seen: SeenWorkflow | None) -> Difference | None:
    found = workflow_difference(status, seen)
    return found[0] if found else None


@pytest.mark.parametrize("status", sorted(set(S) - ENDED))
def test_an_order_that_has_not_ended_needs_a_running_workflow_that_says_the_same(status: OrderStatus) -> None:
    assert kind_of(status, SeenWorkflow(None, status)) is None
    assert kind_of(status, None) is Difference.WORKFLOW_MISSING
    assert kind_of(status, SeenWorkflow("terminated", status)) is Difference.WORKFLOW_ENDED_EARLY


@pytest.mark.parametrize("status", sorted(ENDED))
def test_an_ended_order_needs_a_workflow_that_has_ended_or_is_forgotten(status: OrderStatus) -> None:
    assert kind_of(status, SeenWorkflow("completed", status)) is None
    assert kind_of(status, None) is None, "Temporal forgets ended workflows after its retention"
    assert kind_of(status, SeenWorkflow(None, status)) is Difference.WORKFLOW_STILL_RUNNING


@pytest.mark.parametrize("end", [None, "completed"])
def test_row_and_workflow_that_name_different_statuses_differ(end: str | None) -> None:
    assert kind_of(S.ARCHIVED, SeenWorkflow(end, S.SIGNED)) is Difference.STATUS_DIFFERS


def test_a_workflow_without_a_status_yet_is_no_difference() -> None:
    assert kind_of(S.AWAITING_PAYMENT, SeenWorkflow(None, None)) is None


def test_every_kind_says_what_it_means_in_both_languages_and_what_to_do() -> None:
    assert set(MEANINGS) == set(Difference)
    assert all(one.says and one.chinese and one.suggestion and one.department for one in MEANINGS.values())


def test_no_repair_stands_unused_and_none_moves_money() -> None:
    assert {one.repair for one in MEANINGS.values() if one.repair} == set(Repair)
    money = (Difference.MONEY_KEPT, Difference.REFUND_PENDING, Difference.PAID_TOO_MUCH, Difference.SHIPPED_UNPAID)
    assert [MEANINGS[kind].repair for kind in money] == [None] * 4

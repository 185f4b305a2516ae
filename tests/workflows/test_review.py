"""The review (R6, R7): rules first; where they doubt, a person decides, never a clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from models import workflow_names as names
from models.base import Actor
from models.commands import Approve, Cancel, ChangeDeadline, Claim, CorrectAddress, Hold, Reject, Release, Unhold
from models.order import Policy
from store import contacts
from tests.workflows.shop import ADDRESS, GOOD, OPERATIONS, OTHER_REVIEWER, REVIEWER, SERVICE, Handle, Shop, order_no

SECOND = timedelta(seconds=1)
DOUBTFUL = replace(GOOD, address=replace(ADDRESS, postcode="99"))
NOWHERE = contacts.Person(name="测试乙")


async def in_review(shop: Shop, person: contacts.Person = DOUBTFUL) -> Handle:
    """A paid order that the rules put before a person."""
    handle = await shop.place(person=person)
    await shop.pay(handle)
    await shop.reaches(handle, "manual_review")
    return handle


async def test_no_finding_is_an_approval(shop: Shop) -> None:
    handle = await shop.place()
    await shop.pay(handle)
    await shop.reaches(handle, "picking")
    assert await shop.all("SELECT 1 FROM review_findings") == []


async def test_a_doubtful_address_waits_for_a_person_with_its_evidence(shop: Shop) -> None:
    handle = await in_review(shop)
    findings = await shop.all("SELECT rule, severity FROM review_findings WHERE order_no = %s", order_no(handle))
    assert [(row["rule"], row["severity"]) for row in findings] == [("address", "review")]


async def test_t2_reminds_and_t3_escalates_and_the_order_stays_decidable(shop: Shop) -> None:
    handle = await in_review(shop)
    await shop.forward_to(handle, "T2", SECOND)
    await shop.until(lambda: alert(shop, handle, "reviewer"), lambda row: row is not None)
    await shop.forward_to(handle, "T3", SECOND)
    await shop.until(lambda: alert(shop, handle, "operations"), lambda row: row is not None)
    await shop.forward(handle, timedelta(days=3))
    row = await shop.row(handle)
    assert row is not None
    assert row["status"] == "manual_review", "a clock never decides"
    await shop.ask(handle, names.APPROVE, Approve(by=OPERATIONS, key="late"))
    await shop.reaches(handle, "picking")


async def test_one_second_before_t3_nothing_is_escalated(shop: Shop) -> None:
    handle = await in_review(shop)
    await shop.forward_to(handle, "T3", -SECOND)
    assert await alert(shop, handle, "operations") is None


async def test_peak_mode_stretches_t2_and_t3(shop: Shop) -> None:
    handle = await shop.place(person=DOUBTFUL, policy=Policy(peak_factor=3))
    await shop.pay(handle)
    await shop.reaches(handle, "manual_review")
    assert await shop.due(handle, "T3") - await shop.due(handle, "T2") == timedelta(hours=3)


async def test_a_rejected_order_gives_the_money_back(shop: Shop) -> None:
    handle = await in_review(shop)
    assert await shop.refused(handle, names.REJECT, Reject(by=REVIEWER)) == "MissingReason"
    await shop.ask(handle, names.REJECT, Reject(by=REVIEWER, reason="fake_address"))
    assert await handle.result() == "rejected"
    assert await shop.money(handle) == (19_900, 19_900)
    assert await shop.stock() == (10, 0)


async def test_a_claimed_order_is_decided_by_who_claimed_it(shop: Shop) -> None:
    handle = await in_review(shop)
    await shop.ask(handle, names.CLAIM, Claim(by=REVIEWER))
    assert await shop.refused(handle, names.APPROVE, Approve(by=OTHER_REVIEWER)) == "AlreadyClaimed"
    assert await shop.refused(handle, names.RELEASE, Release(by=OTHER_REVIEWER)) == "AlreadyClaimed"
    await shop.ask(handle, names.RELEASE, Release(by=REVIEWER))
    await shop.ask(handle, names.APPROVE, Approve(by=OTHER_REVIEWER))
    await shop.reaches(handle, "picking")


async def test_a_refusal_leaves_no_trace_in_the_history(shop: Shop) -> None:
    handle = await in_review(shop)
    # An answered command means that the loop is at rest: nothing of the review is still on its way.
    await shop.ask(handle, names.CLAIM, Claim(by=REVIEWER))
    await shop.ask(handle, names.RELEASE, Release(by=REVIEWER))
    before = (await handle.describe()).history_length
    assert await shop.refused(handle, names.APPROVE, Approve(by=Actor(id="s", role="sales"))) == "NotAllowed"
    assert (await handle.describe()).history_length == before
    assert not [act for act in await shop.acts(handle) if "refused" in act]


async def test_approve_and_reject_are_signals_too(shop: Shop) -> None:
    approved, rejected = await in_review(shop), await in_review(shop)
    await approved.signal(names.APPROVE, {"by": {"id": "r1", "role": "reviewer"}})
    await rejected.signal(names.REJECT, {"by": {"id": "r1", "role": "reviewer"}, "reason": "suspected_fraud"})
    await shop.reaches(approved, "picking")
    assert await rejected.result() == "rejected"


async def test_a_signal_that_is_not_allowed_is_refused_on_record(shop: Shop) -> None:
    handle = await in_review(shop)
    await handle.signal(names.REJECT, {"by": {"id": "x", "role": "sales"}, "reason": "no"})
    refused = "SELECT * FROM audit_entries WHERE order_no = %s AND act = 'refused_reject'"
    row = await shop.until(lambda: shop.one(refused, order_no(handle)), lambda row: row is not None)
    assert row is not None
    assert (row["actor"], row["before"], row["after"]) == ("x", "manual_review", "manual_review")


@pytest.mark.parametrize(
    ("name", "said", "act"),
    [
        ("aprove", {"by": {"id": "13800138000", "role": "reviewer"}}, "refused_unheard"),
        (names.HOLD, {"by": {"id": "x", "role": "operations"}}, "refused_unheard"),
        (names.CANCEL, {}, "refused_unsigned"),
        (names.APPROVE, {"reason": "known_buyer"}, "refused_unsigned"),
        (names.REJECT, {"by": "13800138000"}, "refused_unsigned"),
        (names.ADJUST_STATUS, {"by": {"id": "x", "role": "operations"}}, "refused_unsigned"),
        (names.CANCEL, {"by": {"id": "", "role": "customer_service"}, "reason": "buyer_asked"}, "refused_cancel"),
        (names.CANCEL, {"by": {"id": "x", "role": "customer_service"}}, "refused_cancel"),
    ],
)
async def test_a_signal_that_does_not_say_who_or_why_is_refused_on_record(
    shop: Shop, name: str, said: dict[str, Any], act: str
) -> None:
    handle = await in_review(shop)
    await handle.signal(name, said)
    found = "SELECT * FROM audit_entries WHERE order_no = %s AND act = %s"
    row = await shop.until(lambda: shop.one(found, order_no(handle), act), lambda row: row is not None)
    assert row is not None
    assert (row["before"], row["after"]) == ("manual_review", "manual_review")
    assert "13800138000" not in f"{row}", "what such a signal holds is kept nowhere"


@pytest.mark.parametrize("said", [[], [None], ["operator"], [[1]]])
@pytest.mark.parametrize(
    "name", [names.CANCEL, names.PAYMENT, names.CARRIER, names.CASE_CLOSED, names.REFUNDED_ELSEWHERE]
)
async def test_a_signal_that_says_nothing_at_all_is_refused_on_record_and_jams_nothing(
    shop: Shop, name: str, said: list[Any]
) -> None:
    handle = await in_review(shop)
    await handle.signal(name, args=said)
    found = "SELECT * FROM audit_entries WHERE order_no = %s AND act = 'refused_unsigned'"
    await shop.until(lambda: shop.one(found, order_no(handle)), lambda row: row is not None)
    await shop.ask(handle, names.CLAIM, Claim(by=REVIEWER))


async def test_an_order_without_an_address_cannot_be_approved_until_it_is_corrected(shop: Shop) -> None:
    handle = await in_review(shop, NOWHERE)
    assert await shop.refused(handle, names.APPROVE, Approve(by=REVIEWER)) == "IncompleteOrder"
    row = await shop.row(handle)
    assert row is not None
    async with shop.pool.connection() as conn:
        await contacts.correct(conn, shop.vault, row["contact_id"], GOOD)
    await shop.ask(handle, names.CORRECT_ADDRESS, CorrectAddress(by=SERVICE, contact_id=row["contact_id"]))
    await shop.ask(handle, names.APPROVE, Approve(by=REVIEWER))
    await shop.reaches(handle, "picking")


async def test_too_little_stock_intercepts_before_anybody_pays(shop: Shop) -> None:
    line = ({"line_no": 1, "sku": "TEA", "quantity": 11, "unit_price": 100},)
    handle = await shop.place(lines=line, total=1_100)
    assert await handle.result() == "intercepted"
    assert await shop.stock() == (10, 0)
    assert (await shop.bank(handle))["status"] == "canceled"


async def test_two_lines_of_one_sku_add_up(shop: Shop) -> None:
    lines = tuple({"line_no": n, "sku": "TEA", "quantity": 6, "unit_price": 100} for n in (1, 2))
    handle = await shop.place(lines=lines, total=1_200)
    assert await handle.result() == "intercepted"
    assert await shop.stock() == (10, 0)


async def test_a_deadline_is_extended_with_a_reason_and_keeps_the_order_alive(shop: Shop) -> None:
    handle = await shop.place()
    longer = ChangeDeadline(by=OPERATIONS, deadline="T1", extend_by=timedelta(hours=12))
    assert await shop.refused(handle, names.CHANGE_DEADLINE, longer) == "MissingReason"
    due = await shop.due(handle, "T1")
    await shop.ask(handle, names.CHANGE_DEADLINE, longer.model_copy(update={"reason": "bank_outage"}))
    assert await shop.due(handle, "T1") == due + timedelta(hours=12)
    await shop.forward(handle, timedelta(hours=30))
    row = await shop.row(handle)
    assert row is not None
    assert row["status"] == "awaiting_payment"
    await shop.forward_to(handle, "T1", SECOND)
    assert await handle.result() == "cancelled"


async def test_a_waived_deadline_no_longer_runs(shop: Shop) -> None:
    handle = await in_review(shop)
    waive = ChangeDeadline(by=OPERATIONS, deadline="T3", reason="agreed_with_buyer")
    await shop.ask(handle, names.CHANGE_DEADLINE, waive)
    again = waive.model_copy(update={"deadline": "T3"})
    assert await shop.refused(handle, names.CHANGE_DEADLINE, again) == "NothingToExtend"
    await shop.forward(handle, timedelta(hours=3))
    assert await alert(shop, handle, "operations") is None


async def test_a_held_order_is_not_released_to_the_warehouse(shop: Shop) -> None:
    handle = await in_review(shop)
    await shop.ask(handle, names.HOLD, Hold(by=OPERATIONS, reason="power_cut"))
    await shop.ask(handle, names.APPROVE, Approve(by=REVIEWER))
    await shop.reaches(handle, "approved")
    assert await shop.all("SELECT 1 FROM pick_tasks") == []
    await shop.ask(handle, names.UNHOLD, Unhold(by=OPERATIONS))
    await shop.reaches(handle, "picking")


async def test_cancelling_from_review_refunds(shop: Shop) -> None:
    handle = await in_review(shop)
    await shop.ask(handle, names.CANCEL, Cancel(by=OPERATIONS, reason="buyer_asked"))
    assert await handle.result() == "cancelled"
    assert await shop.money(handle) == (19_900, 19_900)


async def alert(shop: Shop, handle: Handle, department: str) -> dict[str, object] | None:
    """The first alert to a department about this order."""
    return await shop.one("SELECT * FROM alerts WHERE order_no = %s AND department = %s", order_no(handle), department)

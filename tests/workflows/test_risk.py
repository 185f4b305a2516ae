"""Rules and marks as living orders meet them (R6, R27)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from domain.risk import BUILT_IN, BuyerIndex, changed
from models import workflow_names as names
from models.base import Actor
from models.commands import Approve, Cancel, Reject
from store import blacklist, rules
from tests.workflows.shop import ADDRESS, GOOD, OPERATIONS, REVIEWER, Handle, Shop, order_no

OPERATOR = Actor(id="operator-1", role="operations")
BUYER = replace(GOOD, account="test-buyer-7")


async def put_in_force(shop: Shop, **wanted: dict[str, Any]) -> None:
    async with shop.pool.connection() as conn:
        await rules.put_in_force(conn, wanted, by=OPERATOR, why="for the test", at=datetime.now(UTC))


async def findings(shop: Shop, handle: Handle) -> list[tuple[str, str]]:
    query = "SELECT rule, severity FROM review_findings WHERE order_no = %s ORDER BY ord"
    rows = await shop.all(query, order_no(handle))
    return [(row["rule"], row["severity"]) for row in rows]


async def version_of(shop: Shop, handle: Handle) -> int:
    """The version of the rules that the order's review names."""
    query = "SELECT details FROM audit_entries WHERE order_no = %s AND act = 'auto_reviewed'"
    (row,) = await shop.all(query, order_no(handle))
    return int(row["details"]["rules"])


async def test_an_order_is_judged_by_the_rules_in_force_and_names_their_version(shop: Shop) -> None:
    before = await shop.place(person=BUYER)
    await shop.pay(before)
    await shop.reaches(before, "picking")
    await put_in_force(shop, large_first_order={"amount": 10_000})
    first = await shop.place()
    other = await shop.place(person=replace(GOOD, phone="+8613900139000"))
    await shop.pay(other)
    await shop.reaches(other, "manual_review")
    await shop.pay(first)
    await shop.reaches(first, "picking")
    assert [await version_of(shop, one) for one in (before, first, other)] == [0, 1, 1]
    assert await findings(shop, other) == [("large_first_order", "review")]


async def test_a_rule_may_intercept_what_a_person_looked_at_before(shop: Shop) -> None:
    await put_in_force(shop, address={"severity": "block"})
    handle = await shop.place(person=replace(GOOD, address=replace(ADDRESS, postcode="99")))
    await shop.pay(handle)
    assert await handle.result() == "intercepted"
    assert await shop.money(handle) == (19_900, 19_900)


async def test_frequent_cancelling_brings_the_next_order_before_a_person(shop: Shop) -> None:
    await put_in_force(shop, marked_cancellation={"threshold": 2}, often_cancelled={"enabled": False})
    orders = [await shop.place(person=BUYER) for _ in range(2)]
    for cancelled in orders:
        await shop.ask(cancelled, names.CANCEL, Cancel(by=OPERATIONS, reason="buyer_asked"))
        await cancelled.result()
    handle = await shop.place(person=BUYER)
    await shop.pay(handle)
    await shop.reaches(handle, "manual_review")
    assert await findings(shop, handle) == [("marked_cancellation", "review")] * 2
    assert ["buyer_marked" in await shop.acts(one) for one in orders] == [False, True]
    await shop.ask(handle, names.APPROVE, Approve(by=REVIEWER))
    await shop.reaches(handle, "picking")


async def test_fake_addresses_are_counted_from_the_reviewers_reason(shop: Shop) -> None:
    await put_in_force(shop, marked_fake_address={"threshold": 1, "severity": "block"})
    doubtful = replace(BUYER, address=replace(ADDRESS, postcode="99"))
    rejected = await shop.place(person=doubtful)
    await shop.pay(rejected)
    await shop.reaches(rejected, "manual_review")
    await shop.ask(rejected, names.REJECT, Reject(by=REVIEWER, reason="fake_address"))
    await rejected.result()
    again = await shop.place(person=BUYER)
    await shop.pay(again)
    assert await again.result() == "intercepted"
    assert ("marked_fake_address", "block") in await findings(shop, again)


async def test_a_buyer_whom_a_person_blacklisted_is_intercepted(shop: Shop) -> None:
    value = blacklist.Value(BuyerIndex.ACCOUNT, "test-buyer-7")
    async with shop.pool.connection() as conn:
        await blacklist.add(
            conn, shop.vault, value, reason="abusive", by=OPERATOR, at=datetime.now(UTC), expires_at=None
        )
    handle = await shop.place(person=BUYER)
    await shop.pay(handle)
    assert await handle.result() == "intercepted"
    assert await findings(shop, handle) == [("blacklist", "block")]


async def test_changed_rules_are_tried_on_the_facts_that_living_orders_left(shop: Shop) -> None:
    handle = await shop.place()
    await shop.pay(handle)
    await shop.reaches(handle, "picking")
    stricter = changed(BUILT_IN, {"large_first_order": {"amount": 19_900, "severity": "block"}})
    async with shop.pool.connection() as conn:
        trial = await rules.try_on(conn, stricter, 10)
    assert trial.moves == {("approved", "intercepted"): 1}
    assert [(one.order_no, one.status) for one in trial.others] == [(order_no(handle), "picking")]
    assert (await shop.row(handle) or {})["status"] == "picking"

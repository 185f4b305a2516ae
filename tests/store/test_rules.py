"""The review's rules are versions on record, and can be tried on past orders without effect (R6)."""

from __future__ import annotations

import asyncio

import pytest

from domain.review import Facts, Finding, Severity
from domain.risk import BUILT_IN, WrongRules, changed
from models.base import Actor
from models.steps import FindingMessage, OpenReview
from store import audit, orders, rules
from store.pool import Connection, Pool
from tests.fixtures.orders import NOON, a_step, an_order

OPERATOR = Actor(id="operator-1", role="operations")


async def set_rules(conn: Connection, **wanted: dict[str, bool | int | str]) -> None:
    async with conn.transaction():
        await rules.put_in_force(conn, wanted, by=OPERATOR, why="for the test", at=NOON)


async def test_each_change_is_a_version_on_record(conn: Connection) -> None:
    assert await rules.current(conn) == BUILT_IN
    await set_rules(conn, phone={"enabled": False})
    await set_rules(conn, large_first_order={"amount": 7})
    now = await rules.current(conn)
    assert (now.version, now.changes) == (2, {"large_first_order": {"amount": 7}, "phone": {"enabled": False}})
    entries = await audit.page(conn, audit.Wanted(act="rules_set"))
    assert [(one["before"], one["after"]) for one in entries] == [("0", "1"), ("1", "2")]
    assert entries[1]["details"] == {"before": {"phone": {"enabled": False}}, "after": now.changes}


async def test_wrong_rules_change_nothing(conn: Connection) -> None:
    with pytest.raises(WrongRules):
        await set_rules(conn, phone={"enabled": "perhaps"})
    assert await rules.current(conn) == BUILT_IN
    assert await audit.page(conn, audit.Wanted(act="rules_set")) == []


async def test_two_people_changing_rules_at_once_make_two_versions(pool: Pool, conn: Connection) -> None:
    async def one(name: str) -> None:
        async with pool.connection() as transaction:
            await rules.put_in_force(transaction, {name: {"enabled": False}}, by=OPERATOR, why="x", at=NOON)

    await asyncio.gather(one("phone"), one("address"))
    now = await rules.current(conn)
    assert (now.version, sorted(now.changes)) == (2, ["address", "phone"])


# --- trying them --------------------------------------------------------------------


async def reviewed(pool: Pool, number: str, *findings: Finding, **changes: object) -> None:
    """An order with the facts of its review on record."""
    facts = Facts(total=1_000, currency="CNY", pays_online=True, captured=1_000, captured_currencies=("CNY",))
    known = Facts(**{**vars(facts), **changes})
    async with pool.connection() as conn:
        await orders.record(conn, an_order(number), status="approved", at=NOON)
        found = tuple(FindingMessage.of(finding) for finding in findings)
        await rules.keep_facts(conn, OpenReview(step=a_step(number, 2), findings=found, facts=known))


async def test_a_trial_says_which_past_orders_would_have_gone_elsewhere(pool: Pool, conn: Connection) -> None:
    await reviewed(pool, "web-1")
    await reviewed(pool, "web-2", total=6_000, captured=6_000)
    doubt = Finding("phone", Severity.REVIEW, "phone is in no numbering plan")
    await reviewed(pool, "web-3", doubt, phone_faults=("phone is in no numbering plan",))
    wanted = changed(BUILT_IN, {"large_first_order": {"amount": 5_000}, "phone": {"enabled": False}})
    async with pool.connection() as transaction:
        trial = await rules.try_on(transaction, wanted, 100)
    assert (trial.orders, trial.unknown) == (3, 0)
    assert trial.moves == {("approved", "manual_review"): 1, ("manual_review", "approved"): 1}
    assert {other.order_no: (other.would, other.because) for other in trial.others} == {
        "web-2": ("manual_review", ("large_first_order",)),
        "web-3": ("approved", ()),
    }
    assert await rules.current(conn) == BUILT_IN, "a trial changes nothing"


async def test_the_rules_as_they_were_lead_every_order_where_it_went(pool: Pool) -> None:
    await reviewed(pool, "web-1")
    await reviewed(pool, "web-2", Finding("blacklist", Severity.BLOCK, "x"), blacklisted=("phone",))
    async with pool.connection() as transaction:
        assert (await rules.try_on(transaction, BUILT_IN, 100)).others == []


async def test_a_trial_looks_at_so_many_orders_as_it_is_asked_for(pool: Pool) -> None:
    for n in range(4):
        await reviewed(pool, f"web-{n}")
    async with pool.connection() as transaction:
        assert (await rules.try_on(transaction, BUILT_IN, 3)).orders == 3

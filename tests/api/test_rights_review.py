"""Every month the rights of all accounts are reviewed, each under a name; what is late escalates (R22, T16)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError
from temporalio.testing import TimeSkipper
from temporalio.worker import Worker

from activities.rights import Rights
from domain.deadlines import DeadlineId
from domain.permissions import GRANTS, Role
from models import workflow_names as names
from models.commands import ChangeDeadline
from models.temporal_names import ORDERS
from store import audit, rights_reviews
from store.pool import Connection, Pool, Row
from tests.api.caller import Caller
from tests.api.staff import act, an_account, session_of, who
from tests.api.test_scope import machine
from tests.workflows.shop import OPERATIONS, REVIEWER
from workflows.rights import ReviewRights

NOW = datetime(2026, 11, 1, 1, tzinfo=UTC)


async def opened(api: Caller) -> str:
    async with api.pool.connection() as conn:
        await rights_reviews.open_review(conn, "2026-11", at=NOW, workflow_id="review-rights")
    return "/v1/rights-reviews/2026-11"


async def test_a_review_shows_each_right_with_its_last_use_and_marks_the_unused(api: Caller) -> None:
    staff_id, username = await an_account(api, Role.ADMINISTRATOR)
    headers = await session_of(api, username)
    await api.http.get("/v1/accounts", headers=headers)
    door = await opened(api)
    [item] = (await api.http.get(door, headers=headers)).json()["items"]
    assert item["staff_id"] == staff_id
    assert {right["permission"] for right in item["rights"]} == {str(one) for one in GRANTS[Role.ADMINISTRATOR]}
    assert "account.manage" not in item["unused"]
    assert "token.manage" in item["unused"]


async def test_each_account_is_decided_once_by_another_person_and_the_last_one_closes_it(api: Caller) -> None:
    (first, name), (second, other) = await an_account(api, Role.ADMINISTRATOR), await an_account(api, Role.OPERATIONS)
    door, mine, theirs = await opened(api), await session_of(api, name), await session_of(api, other)
    confirm = {"decision": "confirmed", "why": "still needed"}
    own = await act(api, f"{door}/accounts/{first}", confirm, mine)
    assert (own.status_code, "their own" in own.text) == (403, True)
    done = await act(api, f"{door}/accounts/{first}", confirm, theirs)
    assert (done.status_code, done.json().get("decided_by")) == (200, second), done.text
    assert (await act(api, f"{door}/accounts/{first}", confirm, theirs)).status_code == 409
    changed = {"decision": "changed", "role": "reviewer", "why": "moved to another desk"}
    assert (await act(api, f"{door}/accounts/{second}", changed, mine)).status_code == 200
    assert (await api.http.get(door, headers=theirs)).status_code == 401, "another role ends every session"
    report = (await api.http.get(door, headers=mine)).json()
    assert (report["decided"], report["closed_at"] is not None) == (2, True)
    async with api.pool.connection() as conn:
        entries = await audit.page(conn, audit.Wanted(subject="rights"))
        assert await audit.verify(conn, subject="rights") is None
    assert [entry["act"] for entry in entries] == ["rights_review_opened", "rights_reviewed", "rights_reviewed"]
    assert (await api.get("/v1/deadlines")).json()["items"] == []


async def test_revoked_rights_are_gone_at_the_next_request(api: Caller) -> None:
    (_, name), (gone, other) = await an_account(api, Role.ADMINISTRATOR), await an_account(api, Role.REVIEWER)
    door, mine, theirs = await opened(api), await session_of(api, name), await session_of(api, other)
    body = {"decision": "revoked", "why": "left the company"}
    assert (await act(api, f"{door}/accounts/{gone}", body, mine)).status_code == 200
    assert (await api.http.get("/v1/orders", headers=theirs)).status_code == 401


async def test_a_verdict_that_makes_no_sense_changes_nothing(api: Caller) -> None:
    (_, name), (other, _) = await an_account(api, Role.ADMINISTRATOR), await an_account(api)
    door, mine = await opened(api), await session_of(api, name)
    for body in ({"decision": "changed", "why": "x"}, {"decision": "confirmed", "role": "sales", "why": "x"}):
        assert (await act(api, f"{door}/accounts/{other}", body, mine)).status_code == 422
    nobody = await act(api, f"{door}/accounts/staff-00000000", {"decision": "confirmed", "why": "x"}, mine)
    assert nobody.status_code == 404
    assert (await api.http.get(door, headers=mine)).json()["decided"] == 0


@pytest.fixture
async def clock(time_skipper: TimeSkipper, pool: Pool) -> AsyncIterator[TimeSkipper]:
    """A worker that follows the review."""
    hands = Rights(pool, "Asia/Shanghai")
    async with Worker(
        time_skipper.client,
        task_queue=ORDERS,
        workflows=[ReviewRights],
        activities=[hands.open_rights_review, hands.change_rights_deadline, hands.conclude_rights_review],
    ):
        yield time_skipper


async def a_review_runs(clock: TimeSkipper, api: Caller, conn: Connection) -> WorkflowHandle[ReviewRights, Any]:
    """One account is up for review, and T16 runs."""
    await an_account(api, Role.REVIEWER)
    handle = await clock.client.start_workflow(ReviewRights.run, id="test-review-rights", task_queue=ORDERS)
    while not await (await conn.execute("SELECT FROM deadlines WHERE deadline = 'T16'")).fetchall():  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    return handle


async def t16(conn: Connection) -> Row:
    """The clock of the review."""
    row = await (await conn.execute("SELECT * FROM deadlines WHERE deadline = 'T16'")).fetchone()
    assert row is not None
    return row


LONGER = ChangeDeadline(
    by=OPERATIONS, deadline=DeadlineId.T16, extend_by=timedelta(days=3), reason="half the house is ill", key="k-1"
)


async def test_t16_extended_escalates_at_its_new_instant_and_not_before(
    clock: TimeSkipper, api: Caller, conn: Connection
) -> None:
    handle = await a_review_runs(clock, api, conn)
    for _ in range(2):
        await handle.execute_update(names.CHANGE_DEADLINE, LONGER, id=LONGER.key)
    extended = await t16(conn)
    assert extended["due_at"] - extended["started_at"] == timedelta(days=10), "one key extends once"
    await clock.fast_forward(handle, timedelta(days=10) - timedelta(seconds=2))
    assert (await t16(conn))["state"] == "running"
    await clock.fast_forward(handle, timedelta(seconds=3))
    assert (await handle.result()).open == 1
    acts = await audit.page(conn, audit.Wanted(subject="rights"))
    assert [(entry["act"], entry["actor"]) for entry in acts][1:] == [
        ("rights_deadline_extended", "operations-1"), ("rights_review_late", "T16"),
    ]  # fmt: skip


async def test_t16_waived_escalates_nothing_and_only_a_permitted_person_waives_it(
    clock: TimeSkipper, api: Caller, conn: Connection
) -> None:
    handle = await a_review_runs(clock, api, conn)
    waive = LONGER.model_copy(update={"extend_by": None})
    with pytest.raises(WorkflowUpdateFailedError):
        await handle.execute_update(names.CHANGE_DEADLINE, waive.model_copy(update={"by": REVIEWER}))
    await handle.execute_update(names.CHANGE_DEADLINE, waive)
    assert (await handle.result()).open == 0
    assert (await t16(conn))["state"] == "waived"
    assert await (await conn.execute("SELECT FROM alerts WHERE kind = 'T16'")).fetchall() == []


async def test_t16_escalates_what_nobody_reviewed_at_its_instant(
    clock: TimeSkipper,
    api: Caller,
    conn: Connection,
) -> None:
    await an_account(api, Role.REVIEWER)
    handle = await clock.client.start_workflow(ReviewRights.run, id="test-review-rights", task_queue=ORDERS)
    await clock.fast_forward(handle, timedelta(days=7, seconds=1))
    assert (await handle.result()).open == 1
    [deadline] = await (await conn.execute("SELECT * FROM deadlines WHERE deadline = 'T16'")).fetchall()
    assert deadline["state"] == "passed"
    assert deadline["due_at"] - deadline["started_at"] == timedelta(days=7)
    told = await (await conn.execute("SELECT department FROM alerts WHERE kind = 'T16'")).fetchall()
    assert {row["department"] for row in told} == {"administrator", "operations"}
    [review] = (await api.get("/v1/rights-reviews", "auditor")).json()["items"]
    assert (review["t16"], review["closed_at"]) == ("passed", None), "it is late by its own clock, whatever the wall's"


# --- machines -------------------------------------------------------------------------

READS_ONLY = {"channels": ["site"], "permissions": ["order.read", "stock.read"]}


async def reviewing(api: Caller) -> dict[str, str]:
    """The header of somebody who may review, and issued nothing."""
    _, name = await an_account(api, Role.OPERATIONS)
    return await session_of(api, name)


async def test_each_machines_token_is_listed_with_its_scope_and_last_use_and_the_unused_is_marked(api: Caller) -> None:
    busy, _ = await machine(api, **READS_ONLY), await machine(api)
    assert (await api.http.get("/v1/orders", headers=busy)).status_code == 200
    revoked = (await who(api, await machine(api))).json()["staff"]["id"]
    assert (await api.http.delete(f"/v1/tokens/{revoked}", headers=api.token("administrator"))).status_code == 200
    report = (await api.http.get(await opened(api), headers=await reviewing(api))).json()
    assert (report["tokens"], report["tokens_decided"]) == (2, 0)
    used, never = sorted(report["machines"], key=lambda one: one["last_used_at"] is None)
    assert (used["channels"], used["unused"], used["issued_by"]) == (["site"], ["stock.read"], "administrator-1")
    assert [right["permission"] for right in used["rights"]] == ["order.read", "stock.read"]
    assert (never["last_used_at"], never["channels"]) == (None, [])
    assert never["unused"] == sorted(str(one) for one in GRANTS[Role.INTEGRATOR])


async def test_a_token_is_confirmed_or_revoked_once_by_somebody_else_and_the_last_one_closes_the_review(
    api: Caller,
) -> None:
    kept, gone = await machine(api), await machine(api)
    ids = [(await who(api, headers)).json()["staff"]["id"] for headers in (kept, gone)]
    door, issuer = await opened(api), api.token("administrator")
    theirs = await reviewing(api)
    confirm = {"decision": "confirmed", "why": "the shop's own"}
    own = await act(api, f"{door}/tokens/{ids[0]}", confirm, issuer)
    assert (own.status_code, "own issuing" in own.text) == (403, True)
    done = await act(api, f"{door}/tokens/{ids[0]}", confirm, theirs)
    assert (done.status_code, done.json().get("decision")) == (200, "confirmed"), done.text
    assert (await act(api, f"{door}/tokens/{ids[0]}", confirm, theirs)).status_code == 409
    revoke = {"decision": "revoked", "why": "nobody knows it"}
    assert (await act(api, f"{door}/tokens/{ids[1]}", revoke, issuer)).status_code == 200
    assert [(await who(api, headers)).status_code for headers in (kept, gone)] == [200, 401]
    assert (await act(api, f"{door}/tokens/machine-00000000", confirm, theirs)).status_code == 404
    assert (await act(api, f"{door}/tokens/{ids[0]}", {**confirm, "decision": "changed"}, theirs)).status_code == 422
    report = (await api.http.get(door, headers=issuer)).json()
    assert (report["tokens_decided"], report["closed_at"] is not None) == (2, True)
    async with api.pool.connection() as conn:
        entries = await audit.page(conn, audit.Wanted(subject="rights"))
        assert await audit.verify(conn, subject="rights") is None
    decided = [(entry["details"]["token"], entry["details"]["decision"]) for entry in entries[1:]]
    assert sorted(decided) == sorted([(ids[0], "confirmed"), (ids[1], "revoked")])


async def test_a_token_that_was_revoked_meanwhile_can_be_decided(api: Caller) -> None:
    token_id = (await who(api, await machine(api))).json()["staff"]["id"]
    door, theirs = await opened(api), await reviewing(api)
    assert (await api.http.delete(f"/v1/tokens/{token_id}", headers=api.token("administrator"))).status_code == 200
    answer = await act(api, f"{door}/tokens/{token_id}", {"decision": "revoked", "why": "gone"}, theirs)
    assert (answer.status_code, answer.json()["decision"]) == (200, "revoked")


async def test_a_token_that_nobody_reviewed_escalates_with_the_accounts(
    clock: TimeSkipper, api: Caller, conn: Connection
) -> None:
    await machine(api)
    handle = await a_review_runs(clock, api, conn)
    await clock.fast_forward(handle, timedelta(days=7, seconds=1))
    assert (await handle.result()).open == 2
    rows = await (await conn.execute("SELECT text FROM alerts WHERE kind = 'T16'")).fetchall()
    assert {row["text"] for row in rows} == {"2 accounts and tokens of " + await month(conn) + " were not reviewed in"
                                             " time (T16)"}  # fmt: skip


async def month(conn: Connection) -> str:
    row = await (await conn.execute("SELECT review_id FROM rights_reviews")).fetchone()
    assert row is not None
    return str(row["review_id"])

"""The inbox: nothing is lost while Temporal is away, and nothing is done twice (DESIGN, idea 3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode

from activities.inbox import InboxActivities
from models.inbox import RedeliverInbox
from runtime.crypto import vault_of
from store import forwarding, inbox, receiving
from store.pool import Pool
from tests.api.caller import Caller, an_order, order_no, paid
from tests.fixtures.temporal import connect, start_server


def later() -> datetime:
    """A moment at which everything in the inbox is due again."""
    return datetime.now(UTC) + timedelta(hours=1)


async def signals(handle: WorkflowHandle[Any, Any]) -> list[str]:
    """The names of the signals that the workflow got."""
    events = [event async for event in handle.fetch_history_events()]
    kind = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED
    return [e.workflow_execution_signaled_event_attributes.signal_name for e in events if e.event_type == kind]


async def test_what_came_while_temporal_was_away_is_delivered_when_it_is_back(
    api: Caller, pool: Pool, temporal: Client
) -> None:
    order = an_order()
    number = order_no(order)
    assert (await api.stripe(paid(number, order["total"], order["payment"]["reference"]))).status_code == 200
    assert (await api.place(order)).status_code == 202
    await api.app.state.house.errands.finish()
    assert await api.value("SELECT count(*) FROM inbox WHERE state = 'received'") == 2
    assert (await api.get(f"/v1/orders/{number}")).status_code == 404

    hands = InboxActivities(temporal, pool, vault_of(api.settings))
    # The payment came first and finds nobody; the order, once started, has it delivered too.
    assert await hands.redeliver(RedeliverInbox(at=later())) >= 1
    handle = temporal.get_workflow_handle(f"order-{number}")
    described = await handle.describe()
    assert described.workflow_type == "OrderWorkflow"
    assert await signals(handle) == ["payment"]
    assert await api.value("SELECT count(*) FROM inbox WHERE state = 'forwarded'") == 2
    assert await hands.redeliver(RedeliverInbox(at=later())) == 0


async def test_a_start_says_in_the_temporal_ui_what_it_is_and_holds_no_person(
    api: Caller, pool: Pool, temporal: Client
) -> None:
    sample = an_order()
    await api.place(sample)
    await api.app.state.house.errands.finish()
    await forwarding.forward_due(temporal, pool, vault_of(api.settings), later(), 10)
    handle = temporal.get_workflow_handle(f"order-{order_no(sample)}")
    described = await handle.describe()
    assert await described.static_summary() == f"site order {order_no(sample)}"
    assert "TEA" in str(await described.static_details())
    attributes = {pair.key.name: pair.value for pair in described.typed_search_attributes}
    due = attributes.pop("DueAt")
    assert isinstance(due, datetime)
    assert timedelta(hours=23) < due - datetime.now(UTC) <= timedelta(hours=24), "T1, from the start on"
    assert attributes == {
        "OrderStatus": "awaiting_payment", "OrderChannel": "site", "WaitingFor": "payment", "RiskLevel": "none",
    }  # fmt: skip
    history = (await handle.fetch_history()).to_json()
    assert "王測試" not in history
    assert "13800138000" not in history


async def test_forwarding_the_same_message_twice_starts_one_order(api: Caller, pool: Pool, temporal: Client) -> None:
    order = an_order()
    await api.place(order)
    await api.app.state.house.errands.finish()
    vault = vault_of(api.settings)
    assert await forwarding.forward_due(temporal, pool, vault, later(), 10) == 1
    first = (await temporal.get_workflow_handle(f"order-{order_no(order)}").describe()).run_id
    async with pool.connection() as conn:
        await conn.execute("UPDATE inbox SET state = 'received', next_attempt_at = received_at")
    assert await forwarding.forward_due(temporal, pool, vault, later(), 10) == 1
    handle = temporal.get_workflow_handle(f"order-{order_no(order)}")
    assert (await handle.describe()).run_id == first
    assert await signals(handle) == []


async def test_each_attempt_waits_longer_up_to_ten_minutes(api: Caller, pool: Pool) -> None:
    await api.stripe(paid("site-unheard-of", 100, "pi_unheard_of"))
    await api.app.state.house.errands.finish()
    message_id, at, waits = await api.value("UPDATE inbox SET attempts = 0 RETURNING message_id"), later(), []
    for _ in range(11):
        async with pool.connection() as conn:
            await inbox.take(conn, vault_of(api.settings), message_id, at)
        waits.append(await api.value("SELECT extract(epoch FROM next_attempt_at - %s)::int FROM inbox", at))
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]


async def test_money_that_finds_no_order_is_put_before_people_once(api: Caller, pool: Pool, temporal: Client) -> None:
    await api.stripe(paid("site-unheard-of", 100, "pi_unheard_of"))
    await api.app.state.house.errands.finish()
    message_id = await api.value("SELECT message_id FROM inbox")
    for _ in range(12):
        assert await forwarding.forward(temporal, pool, vault_of(api.settings), message_id) is False
    assert await api.value("SELECT count(*) FROM alerts WHERE department = 'finance'") == 1
    assert await api.value("SELECT state FROM inbox") == "received"


async def test_an_order_on_record_is_not_started_again_after_temporal_forgot_it(shop: Caller, pool: Pool) -> None:
    number = await shop.placed()
    async with pool.connection() as conn:
        await conn.execute("UPDATE inbox SET state = 'received', next_attempt_at = received_at")
    # A server that never heard of the order knows as little as one whose retention is over.
    with start_server() as forgetful:
        client = await connect(forgetful)
        assert await forwarding.forward_due(client, pool, vault_of(shop.settings), later(), 10) == 1
        with pytest.raises(RPCError) as unknown:
            await client.get_workflow_handle(f"order-{number}").describe()
    assert unknown.value.status is RPCStatusCode.NOT_FOUND


async def test_a_message_moved_to_another_row_does_not_open(api: Caller, pool: Pool) -> None:
    for _ in range(2):
        await api.place(an_order())
    vault = vault_of(api.settings)
    async with pool.connection() as conn:
        await conn.execute("UPDATE inbox SET sealed = (SELECT sealed FROM inbox ORDER BY message_id LIMIT 1)")
        newest = await api.value("SELECT max(message_id) FROM inbox")
        await conn.commit()
        with pytest.raises(inbox.Unreadable):
            await inbox.take(conn, vault, newest, datetime.now(UTC))


def test_message_ids_sort_by_their_time_and_are_uuids_of_version_7() -> None:
    moments = [datetime(2030, 1, 1, tzinfo=UTC) + timedelta(seconds=second) for second in range(5)]
    ids = [receiving.new_message_id(moment) for moment in moments]
    assert ids == sorted(ids)
    assert {(text[14], text[19] in "89ab") for text in ids} == {("7", True)}

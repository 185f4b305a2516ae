"""A message that nobody can forward comes to an end: parked with a reason, before people, emptied at last (R29)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio.client import Client

from domain.retention import PARKED_MESSAGES_KEPT, TRIED_FOR
from runtime.crypto import vault_of
from store import audit, erasure, forwarding
from store.pool import Pool
from tests.api.caller import Caller, an_order, order_no, paid

DAY = timedelta(days=1)
NUMBER = "site-unheard-of"


async def came(api: Caller, ago: timedelta, event_id: str = "evt_lost") -> str:
    """A payment for an order that nobody knows came so long ago; its message id."""
    assert (await api.stripe(paid(NUMBER, 100, "pi_unheard_of", event_id))).status_code == 200
    await api.app.state.house.errands.finish()
    async with api.pool.connection() as conn:
        await conn.execute("UPDATE inbox SET received_at = %s", (datetime.now(UTC) - ago,))
    return str(await api.value("SELECT message_id FROM inbox"))


async def tried(api: Caller, temporal: Client, message_id: str) -> str:
    """The state in which the message is after another attempt."""
    await forwarding.forward(temporal, api.pool, vault_of(api.settings), message_id)
    return str(await api.value("SELECT state FROM inbox WHERE message_id = %s", message_id))


async def shown(api: Caller, kind: str = "parked") -> list[dict[str, Any]]:
    """What stands on the page of stuck work."""
    found: list[dict[str, Any]] = (await api.get("/v1/stuck")).json()[kind]
    return found


async def test_what_finds_no_order_for_two_weeks_is_parked_with_its_reason_and_not_before(
    api: Caller, temporal: Client
) -> None:
    message_id = await came(api, TRIED_FOR - timedelta(minutes=5))
    assert (await tried(api, temporal, message_id), await shown(api)) == ("received", [])
    async with api.pool.connection() as conn:
        await conn.execute("UPDATE inbox SET received_at = received_at - interval '10 minutes'")
    assert await tried(api, temporal, message_id) == "parked"
    [row] = await shown(api)
    assert (row["message_id"], row["source"], row["order_no"], row["why"]) == (
        message_id, "stripe", NUMBER, "no order is known for it"
    )  # fmt: skip
    kept = datetime.fromisoformat(row["kept_until"]) - datetime.fromisoformat(row["parked_at"])
    assert kept == PARKED_MESSAGES_KEPT
    assert await shown(api, "messages") == []
    assert await api.value("SELECT department FROM alerts WHERE kind = 'message_parked'") == "finance"
    later = datetime.now(UTC) + DAY
    assert await forwarding.forward_due(temporal, api.pool, vault_of(api.settings), later, 10) == 0
    assert await shown(api) == [row], "a parked message is not tried by itself"
    async with api.pool.connection() as conn:
        [entry] = await audit.page(conn, audit.Wanted(act="message_parked"))
    assert (entry["subject"], entry["why"]) == (f"order:{NUMBER}", "no order is known for it")


async def test_temporals_absence_parks_nothing_however_long_it_lasts(api: Caller) -> None:
    message_id = await came(api, TRIED_FOR + DAY)
    assert await tried(api, api.app.state.house.client, message_id) == "received"


async def test_a_message_that_cannot_be_opened_stops_no_other_and_is_parked_as_well(
    api: Caller, temporal: Client
) -> None:
    broken = await came(api, TRIED_FOR - DAY)
    async with api.pool.connection() as conn:
        await conn.execute("UPDATE inbox SET sealed = '\\x0131ff'")
    order = an_order()
    assert (await api.place(order)).status_code == 202
    await api.app.state.house.errands.finish()
    soon = datetime.now(UTC) + timedelta(hours=1)
    assert await forwarding.forward_due(temporal, api.pool, vault_of(api.settings), soon, 10) == 1
    assert await api.value("SELECT last_error FROM inbox WHERE message_id = %s", broken) == "Unreadable"
    assert await api.value("SELECT attempts FROM inbox WHERE message_id = %s", broken) == 2
    async with api.pool.connection() as conn:
        await conn.execute("UPDATE inbox SET received_at = received_at - interval '2 days'")
    assert await tried(api, temporal, broken) == "parked"
    [row] = await shown(api)
    assert "cannot be opened" in row["why"]


@pytest.fixture
async def parked(api: Caller, temporal: Client) -> str:
    """A payment that is parked; its message id."""
    message_id = await came(api, TRIED_FOR + DAY)
    assert await tried(api, temporal, message_id) == "parked"
    return message_id


async def test_a_parked_message_is_tried_once_more_when_a_person_asks(api: Caller, parked: str) -> None:
    path = f"/v1/stuck/messages/{parked}/retry"
    assert (await api.post(path, {"reason": "the order is there now"})).status_code == 200
    # Temporal is away from this API: it waits again like any other.
    assert ([row["error"] for row in await shown(api, "messages")], await shown(api)) == (["TemporalAway"], [])


async def test_what_is_tried_once_more_in_vain_is_parked_again_and_told_once(
    api: Caller, temporal: Client, parked: str
) -> None:
    assert await tried(api, temporal, parked) == "parked"
    assert await api.value("SELECT count(*) FROM alerts WHERE kind = 'message_parked'") == 1


async def test_a_parked_payment_reaches_its_order_when_that_comes_after_all(
    shop: Caller, temporal: Client, pool: Pool
) -> None:
    order = an_order()
    number = order_no(order)
    await shop.stripe(paid(number, order["total"], order["payment"]["reference"]))
    await shop.app.state.house.errands.finish()
    async with pool.connection() as conn:
        await conn.execute("UPDATE inbox SET received_at = received_at - interval '15 days'")
    message_id = await shop.value("SELECT message_id FROM inbox")
    assert await tried(shop, temporal, message_id) == "parked"
    await shop.place(order)
    await shop.until(number, "picking")
    assert await shown(shop) == []


async def test_what_the_sender_sends_again_has_another_two_weeks(api: Caller, parked: str) -> None:
    assert (await api.stripe(paid(NUMBER, 100, "pi_unheard_of", "evt_lost"))).status_code == 200
    assert await shown(api) == []
    assert await api.value("SELECT state FROM inbox") == "received"
    assert await api.value("SELECT received_at > now() - interval '1 hour' FROM inbox")
    assert await api.value("SELECT message_id FROM inbox") != parked


async def test_a_parked_body_is_emptied_after_its_time_and_not_before(api: Caller, parked: str) -> None:
    now = datetime.now(UTC)
    for at, emptied in ((now + PARKED_MESSAGES_KEPT - DAY, 0), (now + PARKED_MESSAGES_KEPT + DAY, 1)):
        async with api.pool.connection() as conn:
            assert await erasure.empty_ownerless(conn, at) == emptied
    assert await api.value("SELECT length(sealed) FROM inbox") == 0
    assert await shown(api) == []
    gone = await api.post(f"/v1/stuck/messages/{parked}/retry", {"reason": "once more"})
    assert gone.status_code == 404

"""What changes is pushed as it changes: through one ear, to whoever may see it, at nobody's cost."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import uvicorn

from api import hub as hub_module
from api.hub import Hub, HubFull
from api.routes import events
from domain.permissions import Role
from models.base import SYSTEM
from store import audit, happenings, steps
from store.happenings import Happening
from tests.api.caller import Caller
from tests.api.staff import an_account, session_of
from tests.api.test_scope import machine
from tests.api.test_search import recorded
from tests.fixtures.orders import NOON, a_step

EARS = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN acts%%'
"""
CASE = """
INSERT INTO cases (case_no, kind, order_no, subject, severity, state, stage, department, participants, reason,
opened_by, opened_at, evidence, updated_at, step_seq)
VALUES ('K-1', 'complaint', 'site-1', '', 'ordinary', 'opened', 'answer', 'sales', '[]', '', 'x', now(), '[]', now(), 1)
"""


@pytest.fixture
async def address(api: Caller) -> AsyncIterator[str]:
    """The app over a real wire: a stream does not pass through an in-memory transport."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        config = uvicorn.Config(api.app, log_config=None, timeout_graceful_shutdown=1, lifespan="off")
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve([door]))
        while not server.started:  # noqa: ASYNC110 - uvicorn offers no event to wait for.
            await asyncio.sleep(0)
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
        server.should_exit = True
        await serving


class Stream:
    """The events of an open stream, one by one."""

    def __init__(self, answer: httpx.Response) -> None:
        self._lines = answer.aiter_lines()

    async def next(self) -> tuple[str, Any, str]:
        """(event, data, id) of the next event; comments are passed over."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(10):
            async for line in self._lines:
                if not line and "event" in fields:
                    return fields["event"], json.loads(fields["data"]), fields.get("id", "")
                name, _, value = line.partition(": ")
                fields[name] = value
        raise AssertionError("the stream has ended")

    async def ended(self) -> list[str]:
        """What was still said before the stream came to its end."""
        async with asyncio.timeout(10):
            return [line async for line in self._lines if line]


@asynccontextmanager
async def watching(
    api: Caller,
    address: str,
    role: str = "operations",
    last: str | None = None,
    known: dict[str, str] | None = None,
    about: tuple[str, ...] = (),
) -> AsyncIterator[Stream]:
    headers = (known or api.token(role)) | ({"Last-Event-ID": last} if last is not None else {})
    async with (
        httpx.AsyncClient(base_url=address, trust_env=False) as client,
        client.stream("GET", "/v1/events", headers=headers, params={"about": about}) as answer,
    ):
        assert answer.status_code == 200, await answer.aread()
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield Stream(answer)


async def move(api: Caller, number: str, seq: int = 2, **changes: Any) -> None:
    async with api.pool.connection() as conn:
        await steps.take(conn, a_step(number, seq, **changes))


async def test_a_step_reaches_every_watcher_through_one_connection_to_the_database(api: Caller, address: str) -> None:
    await recorded(api, "site-1")
    async with watching(api, address) as one, watching(api, address) as two:
        assert (await one.next())[0] == (await two.next())[0] == "ready"
        await move(api, "site-1", act="held", held="power cut")
        for stream in (one, two):
            event, data, last = await stream.next()
            assert (event, data) == (
                "order",
                {"order_no": "site-1", "status": "awaiting_payment", "seq": 2, "at": "2030-01-02T12:02:00+00:00"},
            )
            assert int(last) > 0
        listening = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN acts%%'"
        )
        assert await api.value(listening) == 1


async def test_a_step_that_is_rolled_back_is_told_to_nobody(api: Caller, address: str) -> None:
    await recorded(api, "site-1")
    await recorded(api, "site-2")
    async with watching(api, address) as stream:
        await stream.next()
        async with api.pool.connection() as conn, conn.transaction(force_rollback=True):
            await steps.take(conn, a_step("site-1", 2))
        await move(api, "site-2")
        assert (await stream.next())[1]["order_no"] == "site-2"


async def test_cases_are_told_to_those_who_may_read_them(api: Caller, address: str) -> None:
    await recorded(api, "site-1")
    async with api.pool.connection() as conn:
        await conn.execute(CASE.encode())
    async with watching(api, address) as staff, watching(api, address, "integrator") as machine:
        await staff.next()
        await machine.next()
        async with api.pool.connection() as conn:
            entry = audit.Entry(subject="case:K-1", order_no="site-1", at=NOON, by=SYSTEM, act="case_claimed")
            await audit.append(conn, entry)
        heard = [await staff.next(), await staff.next()]
        assert {event: data.get("case_no") for event, data, _ in heard} == {"order": None, "case": "K-1"}
        assert heard[0][2] == "", "the first of a batch carried the id of the whole"
        await move(api, "site-1")
        assert [(await machine.next())[0] for _ in range(2)] == ["order", "order"]
    assert (await api.http.get("/v1/events")).status_code == 401


async def test_an_act_beside_orders_and_cases_is_told_by_its_chain_to_those_who_may_read_it(
    api: Caller, address: str
) -> None:
    await recorded(api, "site-1")
    chains = ("blacklist", "rights", "contact:c-1", "blacklist")
    expected = {
        "reviewer": ["blacklist"],
        "administrator": ["rights", "contact", "blacklist"],
        "auditor": ["rights", "contact", "blacklist"],
        "sales": [],
    }
    for seq, (role, about) in enumerate(expected.items(), 2):
        async with watching(api, address, role) as stream:
            await stream.next()
            async with api.pool.connection() as conn, conn.transaction():
                for chain in chains:
                    await audit.append(conn, audit.Entry(subject=chain, at=NOON, by=SYSTEM, act="tried"))
            heard = [(await stream.next())[:2] for _ in about]
            assert sorted((event, data["about"]) for event, data in heard) == sorted(("record", one) for one in about)
            assert all(set(data) == {"about", "at"} for _, data in heard)
            # Whoever was told less hears of the order next, and of nothing before it.
            await move(api, "site-1", seq)
            assert (await stream.next())[0] == "order", role


async def test_whoever_comes_back_hears_what_was_missed_or_is_told_to_read_anew(
    api: Caller, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await recorded(api, "site-1")
    await recorded(api, "site-2")
    async with watching(api, address) as stream:
        _, _, last = await stream.next()
    await move(api, "site-1")
    await move(api, "site-2")
    async with watching(api, address, last=last) as stream:
        heard = [await stream.next() for _ in range(3)]
        assert [(event, data.get("order_no")) for event, data, _ in heard] == [
            ("order", "site-1"), ("order", "site-2"), ("ready", None)
        ]  # fmt: skip
    monkeypatch.setattr(happenings, "MOST_MISSED", 1)
    async with watching(api, address, last=last) as stream:
        assert [(await stream.next())[0] for _ in range(2)] == ["ready", "reload"]


async def test_an_entry_committed_late_is_told_to_one_who_heard_a_later_one(api: Caller) -> None:
    for number in ("site-1", "site-2"):
        await recorded(api, number)
    async with api.pool.connection() as late, api.pool.connection() as early:
        await late.execute("SELECT 'a transaction has begun'")
        await steps.take(late, a_step("site-1", 2))
        await steps.take(early, a_step("site-2", 2))
        last = await happenings.newest(early)
        await late.commit()
        ids = await happenings.missed(early, last)
        assert ids is not None
        assert [one.data["order_no"] for one in await happenings.of_entries(early, ids)] == ["site-1", "site-2"]


async def test_a_quiet_stream_shows_that_it_lives(api: Caller, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "HEARTBEAT_S", 0.01)
    async with watching(api, address) as stream:
        await stream.next()
        async with asyncio.timeout(5):
            assert await anext(stream._lines) == ": still here"


SIGNED_OUT = "sign out"
CHANGES: dict[str, dict[str, Any]] = {
    "role": {"role": "finance", "why": "moved"},
    "scope": {"warehouses": [], "channels": ["app"], "why": "moved"},
    "disable": {"why": "left"},
    SIGNED_OUT: {},
}


async def changed(api: Caller, what: str, staff_id: str, known: dict[str, str]) -> None:
    """What the name says happens to whoever listens."""
    if what == SIGNED_OUT:
        answer = await api.http.delete("/v1/session", headers=known)
    else:
        answer = await api.post(f"/v1/accounts/{staff_id}/{what}", CHANGES[what], "administrator")
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("what", CHANGES)
@pytest.mark.parametrize("quiet", [True, False], ids=["at the next heartbeat", "before the next event"])
async def test_a_stream_ends_with_the_right_to_it(
    api: Caller, address: str, monkeypatch: pytest.MonkeyPatch, what: str, quiet: bool
) -> None:
    monkeypatch.setattr(events, "HEARTBEAT_S", 0.02 if quiet else 60)
    monkeypatch.setattr(events, "KNOWN_FOR_S", 60 if quiet else 0)
    await recorded(api, "site-1")
    staff_id, username = await an_account(api, Role.SALES)
    known = await session_of(api, username)
    async with watching(api, address, known=known) as stream:
        await stream.next()
        await changed(api, what, staff_id, known)
        if not quiet:
            await move(api, "site-1")
        assert set(await stream.ended()) <= {": still here"}
    assert (await api.http.get("/v1/events", headers=known)).status_code == 401


async def test_a_machine_whose_token_was_revoked_hears_no_more(
    api: Caller, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "KNOWN_FOR_S", 0)
    await recorded(api, "site-1")
    known = await machine(api)
    async with watching(api, address, known=known) as stream:
        await stream.next()
        await move(api, "site-1")
        assert (await stream.next())[0] == "order"
        token_id = await api.value("SELECT token_id FROM machine_tokens")
        path, why = f"/v1/tokens/{token_id}", {"why": "leaked"}
        gone = await api.http.request("DELETE", path, params=why, headers=api.token("administrator"))
        assert gone.status_code == 200, gone.text
        await move(api, "site-1", 3)
        assert await stream.ended() == []


async def test_listening_is_no_use_of_a_session(api: Caller, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "HEARTBEAT_S", 0.02)
    _, username = await an_account(api, Role.SALES)
    known = await session_of(api, username)
    async with watching(api, address, known=known) as stream:
        await stream.next()
        idle_since = datetime.now(UTC) - api.settings.session_idle + timedelta(minutes=1)
        async with api.pool.connection() as conn:
            await conn.execute("UPDATE sessions SET seen_at = %s", (idle_since,))
        assert await anext(stream._lines) == ": still here"
        assert await api.value("SELECT seen_at FROM sessions") == idle_since
        async with api.pool.connection() as conn:
            await conn.execute("UPDATE sessions SET seen_at = %s", (idle_since - timedelta(minutes=1),))
        assert set(await stream.ended()) <= {": still here"}


async def test_a_slow_watcher_is_let_go_and_the_others_hear_on(api: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "MOST_LISTENERS", 2)
    hub = Hub(api.pool, api.settings.database_url)
    batch = hub_module.Batch(1, (Happening("order", {}),))
    async with hub.listener() as slow, hub.listener() as quick:
        with pytest.raises(HubFull):
            await hub.listener().__aenter__()
        for _ in range(hub_module.MOST_WAITING + 1):
            hub._tell(batch)
            await quick.waiting.get()
        assert (slow.dropped.is_set(), slow.waiting.qsize(), quick.dropped.is_set()) == (True, 1, False)
        async with hub.listener():
            pass
    await hub.close()


async def test_after_a_broken_connection_watchers_are_told_to_read_anew(
    api: Caller, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "_FIRST_PAUSE_S", 0.01)
    await recorded(api, "site-1")
    async with watching(api, address) as stream:
        await stream.next()
        await api.value("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN acts%%'")
        assert (await stream.next())[0] == "reload"
        await move(api, "site-1")
        assert (await stream.next())[0] == "order"


async def test_the_steps_of_a_living_order_are_told(shop: Caller) -> None:
    async with shop.app.state.house.hub.listener() as listener, asyncio.timeout(10):
        number = await shop.placed()
        told = (await listener.waiting.get()).happenings
        assert told is not None
        assert (told[0].kind, told[0].data["order_no"], told[0].data["status"]) == ("order", number, "awaiting_payment")

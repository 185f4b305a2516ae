"""What is shown and is no order, case or act is told as well, to those who may read it (R22, R33)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from api import lookout
from api.lookout import Lookouts
from domain import sayings
from domain.order_status import OrderStatus
from domain.permissions import Role
from domain.sweep import Difference
from store import alerts, sweep
from store.reaching import TemporalAway
from store.sweep import Found
from tests.api.caller import Caller
from tests.api.staff import an_account, session_of
from tests.api.test_events import address, move, watching
from tests.api.test_search import recorded
from tests.api.test_warehouse import to_pick
from tests.fixtures.orders import NOON

__all__ = ["address"]


async def raised(api: Caller, key: str, order_no: str = "site-1") -> int:
    """The id of a new alert."""
    told = sayings.no_stock(order_no, ["TEA"])
    async with api.pool.connection() as conn:
        assert await alerts.raise_alert(conn, told, at=NOON, department="operations", order_no=order_no, key=key)
    return int(await api.value("SELECT id FROM alerts WHERE key = %s", key))


async def alert_raised(api: Caller) -> None:
    """By something that is no step of an order."""
    await raised(api, "one")


async def alert_seen(api: Caller) -> None:
    """By whoever looked."""
    answer = await api.post("/v1/alerts/seen", {"ids": [await raised(api, "two")]}, "operations")
    assert answer.status_code == 200, answer.text


async def alert_of_a_step(api: Caller) -> None:
    """A clock passed, and the step says so."""
    async with api.pool.connection() as conn:
        await conn.execute("DELETE FROM alerts")
    await move(api, "site-1", passed=("T3",))


async def difference_found(api: Caller) -> None:
    """By the sweep."""
    async with api.pool.connection() as conn:
        await sweep.keep(conn, NOON, [Found(kind=Difference.RESERVED_DRIFT, subject="TEA", evidence="1 is not 2")])


LISTS: dict[str, tuple[str, list[Callable[[Caller], Awaitable[None]]]]] = {
    "alerts": ("operations", [alert_raised, alert_seen, alert_of_a_step]),
    "differences": ("finance", [difference_found]),
}


@pytest.mark.parametrize(("about", "change"), [(about, one) for about, (_, all_) in LISTS.items() for one in all_])
async def test_a_list_that_is_no_part_of_the_record_is_told_by_its_name(
    api: Caller, address: str, about: str, change: Callable[[Caller], Awaitable[None]]
) -> None:
    await recorded(api, "site-1")
    async with watching(api, address, LISTS[about][0], about=(about,)) as stream:
        assert (await stream.next())[0] == "ready"
        await change(api)
        event, data, _ = await stream.next()
        assert (event, data["about"], set(data)) == ("record", about, {"about", "at"})


async def test_nobody_is_told_of_a_list_that_is_not_theirs_or_was_not_asked_for(api: Caller, address: str) -> None:
    await recorded(api, "site-1")
    async with (
        watching(api, address, "reviewer") as reviewer,
        watching(api, address, "finance", about=("order",)) as finance,
    ):
        for stream in (reviewer, finance):
            await stream.next()
        await difference_found(api)
        await move(api, "site-1")
        for stream in (reviewer, finance):
            assert (await stream.next())[0] == "order", "and nothing before it"


async def test_what_is_asked_for_is_a_name(api: Caller) -> None:
    answer = await api.http.get("/v1/events", params={"about": "王"}, headers=api.token("operations"))
    assert (answer.status_code, answer.json()["faults"][0]["field"]) == (422, "query.about.0")


async def test_a_picker_hears_of_the_tasks_of_their_own_warehouse_and_of_no_order(shop: Caller, address: str) -> None:
    _, other = await an_account(shop, Role.WAREHOUSE, warehouses=["SH"])
    number, task = await to_pick(shop)
    _, own = await an_account(shop, Role.WAREHOUSE, warehouses=[task["warehouse"]])
    async with (
        watching(shop, address, known=await session_of(shop, own)) as hears,
        watching(shop, address, known=await session_of(shop, other)) as hears_not,
    ):
        for stream in (hears, hears_not):
            await stream.next()
        scan = {"bin": task["lines"][0]["bin"], "barcode": task["lines"][0]["barcode"]}
        for state in ("picking", "picking"):
            await shop.post(f"/v1/pick-tasks/{task['task_no']}/scans", scan, "warehouse", subject="picker-1")
            event, data, _ = await hears.next()
            assert (event, data["task_no"], data["state"]) == ("task", task["task_no"], state)
            assert data["order_no"] == number
            assert set(data) == {"task_no", "state", "warehouse", "order_no", "at"}
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(hears_not.next(), 0.2)


async def test_a_channel_that_falls_behind_is_told_to_whoever_watches_it(
    api: Caller, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookout, "EVERY_S", 0.02)
    await recorded(api, "site-1")
    async with watching(api, address, about=("channels",)) as stream:
        heard = {(await stream.next())[0] for _ in range(2)}
        assert heard == {"ready", "record"}, "the first look tells: what was read before it may be old"
        await move(api, "site-1", before=OrderStatus.AWAITING_PAYMENT, after=OrderStatus.PAID)
        assert (await stream.next())[1]["about"] == "channels"


@dataclass
class Seen:
    """A thing to look at, and how often it was looked at; ``away`` is what a look comes to instead."""

    now: object = 0
    looks: int = 0
    away: Exception | None = None

    async def look(self, _: object) -> object:
        """How it stands."""
        self.looks += 1
        if self.away is not None:
            raise self.away
        return self.now


@pytest.fixture
async def told(api: Caller) -> AsyncIterator[asyncio.Queue[Any]]:
    """What the hub tells."""
    async with api.app.state.house.hub.listener() as listener:
        yield listener.waiting


async def test_it_is_looked_at_once_for_all_and_only_while_somebody_watches(
    api: Caller, told: asyncio.Queue[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookout, "EVERY_S", 0.01)
    seen, house = Seen(), api.app.state.house
    lookouts = Lookouts({"clouds": seen.look})
    async with asyncio.timeout(5):
        async with lookouts.watched(house, ["clouds"]), lookouts.watched(house, ["clouds", "order"]):
            assert (await told.get()).happenings[0].about == "clouds"
            while seen.looks < 3:  # noqa: ASYNC110 - what is waited for is a value, not an event.
                await asyncio.sleep(0.001)
            assert told.empty(), "what stands as it stood is not told"
            seen.now = 1
            assert (await told.get()).happenings[0].about == "clouds"
        looks = seen.looks
        await asyncio.sleep(0.05)
        assert seen.looks <= looks + 1


async def test_what_cannot_be_looked_at_for_a_while_is_looked_at_again(
    api: Caller, told: asyncio.Queue[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookout, "EVERY_S", 0.01)
    seen = Seen(away=TemporalAway("away"))
    async with asyncio.timeout(5), Lookouts({"clouds": seen.look}).watched(api.app.state.house, ["clouds"]):
        await told.get()
        seen.away = None
        assert (await told.get()).happenings[0].about == "clouds"

"""Emergencies (R25) and peak mode (R7): many orders at once, those that come in meanwhile, and the way back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from temporalio.client import WorkflowHandle

from domain.holds import HoldClocks, HoldScope
from models import workflow_names as names
from models.commands import ChangeDeadline, Hold, Unhold
from models.emergencies import OpenHold, OpenPeak, ReleaseHold
from models.temporal_names import ORDERS
from store import holds
from tests.workflows.shop import OPERATIONS, Handle, Shop, order_no
from tests.workflows.test_review import DOUBTFUL, in_review

HOUR = timedelta(hours=1)
RELEASE = ReleaseHold(by=OPERATIONS, reason="power_back", key="r1")


async def emergency(shop: Shop, scope: HoldScope, *about: str, clocks: HoldClocks = HoldClocks.STOP) -> Any:
    """Declare it, and wait until the first round is through."""
    opening = OpenHold(hold_id="H-1", scope=scope, names=about, reason="power_cut", clocks=clocks, by=OPERATIONS)
    handle = await shop.skipper.client.start_workflow(
        names.BULK_HOLD_WORKFLOW, opening, id="hold-H-1", task_queue=ORDERS, result_type=str
    )
    await turned(shop, "standing")
    return handle


async def turned(shop: Shop, state: str) -> None:
    """Wait until the emergency stands like this."""
    query = "SELECT state FROM bulk_holds WHERE hold_id = 'H-1'"
    await shop.until(lambda: shop.one(query), lambda row: bool(row and row["state"] == state))


async def results(shop: Shop) -> dict[str, str]:
    """What became of each order."""
    rows = await shop.all("SELECT order_no, state FROM bulk_hold_orders")
    return {row["order_no"]: row["state"] for row in rows}


async def held(shop: Shop, handle: Handle) -> str | None:
    """Why the order is held."""
    row = await shop.row(handle)
    assert row is not None
    reason: str | None = row["held"]
    return reason


async def release(shop: Shop, handle: WorkflowHandle[Any, Any]) -> None:
    """Release, and wait until all orders go on."""
    await handle.execute_update(names.RELEASE_HOLD, RELEASE)
    assert await handle.result() == "released"


async def test_a_warehouse_is_held_with_what_comes_in_meanwhile_and_released_together(shop: Shop) -> None:
    await shop.stock_up("CUP", 5, "GZ")
    here = await shop.place()
    line = ({"line_no": 1, "sku": "CUP", "quantity": 1, "unit_price": 100},)
    elsewhere = await shop.place(lines=line, total=100)
    due = await shop.due(here, "T1")
    handle = await emergency(shop, HoldScope.WAREHOUSE, "SH")
    late = await shop.place()
    await shop.did(late, "held")
    assert await results(shop) == {order_no(here): "held", order_no(late): "held"}
    assert [await held(shop, one) for one in (here, elsewhere, late)] == ["power_cut", None, "power_cut"]
    await shop.pay(late)
    await shop.reaches(late, "approved")
    await release(shop, handle)
    await shop.reaches(late, "picking")
    assert await results(shop) == {order_no(here): "released", order_no(late): "released"}
    assert await shop.due(here, "T1") > due, "what was left of T1 runs on from the release"
    acts = await shop.all("SELECT act, actor, why FROM audit_entries WHERE subject = 'hold:H-1' ORDER BY id")
    assert [(row["act"], row["why"]) for row in acts] == [
        ("hold_opened", "power_cut"), ("hold_release_asked", "power_back"), ("hold_released", "power_back"),
    ]  # fmt: skip


async def test_a_channel_is_held_but_not_what_has_left_the_house(shop: Shop) -> None:
    gone, here = await shop.place(), await shop.place()
    await shop.pay(gone)
    await shop.ship(gone)
    handle = await emergency(shop, HoldScope.CHANNEL, "web", clocks=HoldClocks.RUN)
    assert await results(shop) == {order_no(here): "held"}
    await shop.due(here, "T1")
    await release(shop, handle)
    after = await shop.place()
    assert await held(shop, after) is None, "what is released holds nobody who comes later"


async def test_a_list_says_of_each_order_what_became_of_it(shop: Shop) -> None:
    own, free, ended = await shop.place(), await shop.place(), await shop.place()
    await shop.ask(own, names.HOLD, Hold(by=OPERATIONS, reason="fraud"))
    await shop.forward_to(ended, "T1", timedelta(seconds=1))
    await ended.result()
    numbers = [order_no(one) for one in (own, free, ended)]
    handle = await emergency(shop, HoldScope.ORDERS, *numbers, "web-none")
    assert await results(shop) == dict(zip([*numbers, "web-none"], ["held", "held", "refused", "refused"], strict=True))
    await shop.ask(free, names.UNHOLD, Unhold(by=OPERATIONS, reason="urgent"))
    await release(shop, handle)
    assert await held(shop, own) == "fraud", "a person still holds it"
    assert (await results(shop))[order_no(free)] == "release_refused"
    async with shop.pool.connection() as conn:
        view = await holds.view(conn, "H-1")
    assert view is not None
    assert (view["asked"], view["let_go"], view["refused"], view["release_refused"]) == (4, 1, 2, 1)


async def test_the_second_round_finds_what_was_on_its_way_in(shop: Shop) -> None:
    handle = await emergency(shop, HoldScope.CHANNEL, "web")
    late = await shop.place()
    await shop.did(late, "held")
    # As if its transaction had begun before the emergency: it did not see it, nor did the first round see it.
    await shop.ask(late, names.UNHOLD, Unhold(by=OPERATIONS, hold="H-1"))
    async with shop.pool.connection() as conn:
        await conn.execute("DELETE FROM bulk_hold_orders")
    await shop.skipper.fast_forward(handle, timedelta(seconds=31))
    await shop.until(lambda: shop.one("SELECT 1 AS found FROM bulk_hold_orders WHERE state = 'held'"), bool)
    assert await held(shop, late) == "power_cut"


# --- peak mode (R7) ------------------------------------------------------------------------


async def peak(shop: Shop, factor: int) -> None:
    """Set peak mode, and wait until the first round is through."""
    opening = OpenPeak(peak_id=f"P-{factor}", factor=factor, reason="double_eleven", by=OPERATIONS)
    handle = await shop.skipper.client.start_workflow(
        names.PEAK_WORKFLOW, opening, id=f"peak-P-{factor}", task_queue=ORDERS, result_type=int
    )
    await shop.skipper.fast_forward(handle, timedelta(seconds=31))
    await handle.result()


async def test_peak_mode_stretches_who_waits_and_who_comes_and_shrinks_back(shop: Shop) -> None:
    waiting = await in_review(shop)
    started = await shop.due(waiting, "T2") - HOUR
    await shop.ask(
        waiting, names.CHANGE_DEADLINE, ChangeDeadline(by=OPERATIONS, deadline="T3", extend_by=HOUR, reason="lunch")
    )
    await peak(shop, 3)
    assert await shop.due(waiting, "T2") == started + 3 * HOUR
    assert await shop.due(waiting, "T3") == started + 6 * HOUR + HOUR, "what a person extended stays extended"
    coming = await in_review(shop, DOUBTFUL)
    assert await shop.due(coming, "T3") - await shop.due(coming, "T2") == 3 * HOUR
    await peak(shop, 1)
    assert await shop.due(waiting, "T2") == started + HOUR
    assert await shop.due(coming, "T3") - await shop.due(coming, "T2") == HOUR
    said = await shop.all("SELECT actor, why, details FROM audit_entries WHERE subject = 'peak' ORDER BY id")
    assert [(row["actor"], row["why"], row["details"]["factor"]) for row in said] == [
        ("operations-1", "double_eleven", 3), ("operations-1", "double_eleven", 1),
    ]  # fmt: skip

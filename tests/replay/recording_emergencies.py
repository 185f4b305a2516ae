"""Paths of emergencies and of the operations' hand, each lived once and kept; run by ``tests.replay.record``."""

from __future__ import annotations

from datetime import timedelta

from domain.holds import HoldClocks, HoldScope
from models import workflow_names as names
from models.base import Actor
from models.commands import AdjustStatus, Approve, ConsentForce, Hold, Unhold
from models.emergencies import OpenPeak
from models.temporal_names import ORDERS
from tests.replay.living import in_review, keep, live_on_to_the_archive
from tests.workflows.conftest import outside, outside_port, settings, shop
from tests.workflows.shop import OPERATIONS, REVIEWER, Shop
from tests.workflows.test_emergencies import emergency, release

# pytest finds fixtures by their names in this module.
__all__ = ["outside", "outside_port", "settings", "shop"]

SECOND_PERSON = Actor(id="operations-2", role="operations")


async def record_held_with_stopped_clocks(shop: Shop) -> None:
    handle = await in_review(shop)
    stopped = Hold(by=OPERATIONS, reason="power_cut", clocks=HoldClocks.STOP, key="hold")
    await shop.ask(handle, names.HOLD, stopped)
    await shop.forward(handle, timedelta(days=1))
    await shop.ask(handle, names.UNHOLD, Unhold(by=OPERATIONS, reason="power_back", key="unhold"))
    await shop.ask(handle, names.APPROVE, Approve(by=REVIEWER, key="approve"))
    await live_on_to_the_archive(shop, handle)
    await keep("held_with_stopped_clocks", handle)


async def record_forced_by_two_persons(shop: Shop) -> None:
    handle = await shop.place()
    await shop.pay(handle)
    await shop.reaches(handle, "picking")
    back = AdjustStatus(by=OPERATIONS, to="manual_review", force=True, reason="wrong_price", key="force")
    await shop.ask(handle, names.ADJUST_STATUS, back)
    await shop.ask(handle, names.CONSENT_FORCE, ConsentForce(by=SECOND_PERSON, request="F1", key="consent"))
    gone = AdjustStatus(by=OPERATIONS, to="cancelled", reason="buyer_asked", key="cancel")
    await shop.ask(handle, names.ADJUST_STATUS, gone)
    assert await handle.result() == "cancelled"
    assert await shop.money(handle) == (19_900, 19_900)
    await keep("forced_by_two_persons", handle)


async def record_came_in_during_an_emergency(shop: Shop) -> None:
    hold = await emergency(shop, HoldScope.WAREHOUSE, "SH")
    handle = await shop.place()
    await shop.pay(handle)
    await shop.reaches(handle, "approved")
    await release(shop, hold)
    await live_on_to_the_archive(shop, handle)
    await keep("came_in_during_an_emergency", handle)
    await keep("emergency_of_a_warehouse", hold)


async def record_stretched_by_peak_mode(shop: Shop) -> None:
    handle = await in_review(shop)
    opening = OpenPeak(peak_id="P-1", factor=3, reason="double_eleven", by=OPERATIONS)
    peak = await shop.skipper.client.start_workflow(
        names.PEAK_WORKFLOW, opening, id="peak-P-1", task_queue=ORDERS, result_type=int
    )
    await shop.skipper.fast_forward(peak, timedelta(seconds=31))
    await peak.result()
    await shop.ask(handle, names.APPROVE, Approve(by=REVIEWER, key="approve"))
    await live_on_to_the_archive(shop, handle)
    await keep("stretched_by_peak_mode", handle)
    await keep("peak_mode", peak)

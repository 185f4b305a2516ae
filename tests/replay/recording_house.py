"""What runs by the clock of the house and not of an order, each lived once and kept; run by ``tests.replay.record``.

Each function asserts how its path ended: a history is worth keeping only if it is what its name says.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.client import WorkflowHandle

from domain.deadlines import DeadlineId
from models import upkeep
from models import workflow_names as names
from models.commands import Cancel, ChangeDeadline
from models.inbox import Envelope
from models.temporal_names import ORDERS
from store import inbox, receiving
from tests.replay.living import SECOND, keep
from tests.upkeep.people import a_buyer
from tests.workflows.case_desk import CaseDesk
from tests.workflows.clock_table import channel_behind, rights_up_for_review
from tests.workflows.conftest import impatient_server, impatient_shop, outside, outside_port, settings, shop
from tests.workflows.shop import OPERATIONS, SERVICE, Shop
from tests.workflows.test_rights_review import extended_into_a_later_run
from tests.workflows.test_telling import broadcast

# pytest finds fixtures by their names in this module.
__all__ = ["impatient_server", "impatient_shop", "outside", "outside_port", "settings", "shop"]

AN_HOUR_AGO = datetime.now(UTC) - timedelta(hours=1)
LONG_AGO = datetime.now(UTC) - timedelta(days=3 * 365 + 1)

BY_SCHEDULE = {
    "inbox_delivered_again": names.REDELIVER_WORKFLOW,
    "nightly_sweep": names.SWEEP_WORKFLOW,
    "ear_for_silence": names.LISTEN_WORKFLOW,
    "channels_pulled": names.PULL_WORKFLOW,
    "audit_anchored": upkeep.ANCHOR_WORKFLOW,
    "persons_erased": upkeep.ERASE_WORKFLOW,
    "board_folded": upkeep.FOLD_WORKFLOW,
    "daily_digest": names.DIGEST_WORKFLOW,
    "breaches_posted": names.POST_BREACHES_WORKFLOW,
}


async def record_what_the_schedules_start(shop: Shop) -> None:
    order = await shop.order()
    await a_buyer(shop.pool, shop.vault, "old-1", ended=LONG_AGO)
    async with shop.pool.connection() as conn:
        envelope = Envelope(order_no=order.order_no, start=order)
        await receiving.receive(conn, shop.vault, inbox.Incoming("web", "orders", "d-1", envelope, AN_HOUR_AGO))
    for name, workflow in BY_SCHEDULE.items():
        run = await shop.skipper.client.start_workflow(workflow, id=name, task_queue=ORDERS)
        await run.result()
        await keep(name, run)
    await shop.reaches(shop.handle(order), "awaiting_payment")
    assert await shop.one("SELECT 1 FROM digests"), "and the day before was counted"


async def record_rights_reviewed(shop: Shop) -> None:
    review = (await rights_up_for_review(CaseDesk(shop))).living
    longer = ChangeDeadline(
        by=OPERATIONS,
        deadline=DeadlineId.T16,
        extend_by=timedelta(days=3),
        reason="half the house is ill",
        key="longer",
    )
    await review.execute_update(names.CHANGE_DEADLINE, longer, id=longer.key)
    await shop.skipper.fast_forward(review, timedelta(days=10) + SECOND)
    assert (await review.result()).open == 1
    await keep("rights_not_reviewed_by_t16", review)


async def record_channel_late_in_two_runs(impatient_shop: Shop) -> None:
    shop = impatient_shop
    behind = await channel_behind(CaseDesk(shop))
    watch, first = behind.living, (await behind.living.describe()).run_id
    for hours in range(1, 6):
        order = await shop.place()
        await shop.forward(order, timedelta(hours=hours))
        await shop.ask(order, names.CANCEL, Cancel(by=SERVICE, reason="another change to hear of", key="cancel"))
    await shop.skipper.fast_forward(watch, timedelta(hours=9))
    assert await watch.result() == 6
    await keep_both_runs("channel_late_in_two_runs", shop, watch, first)


async def record_rights_in_two_runs(impatient_shop: Shop) -> None:
    shop = impatient_shop
    review = (await rights_up_for_review(CaseDesk(shop))).living
    first = (await review.describe()).run_id
    await extended_into_a_later_run(review)
    await shop.skipper.fast_forward(review, timedelta(days=8) + SECOND)
    assert (await review.result()).open == 1
    await keep_both_runs("rights_in_two_runs", shop, review, first)


async def keep_both_runs(name: str, shop: Shop, handle: WorkflowHandle[Any, Any], first: str) -> None:
    """Keep both; there must not have been more."""
    last = (await handle.describe()).run_id
    ended = (await shop.skipper.client.get_workflow_handle(handle.id, run_id=first).fetch_history()).events[-1]
    follows = ended.workflow_execution_continued_as_new_event_attributes.new_execution_run_id
    assert (follows, first != last) == (last, True)
    for number, run_id in enumerate((first, last), start=1):
        await keep(f"{name}_{number}", shop.skipper.client.get_workflow_handle(handle.id, run_id=run_id))


async def record_broadcast_sent(shop: Shop) -> None:
    assert (await broadcast(shop)).posted
    await keep("broadcast_sent", shop.skipper.client.get_workflow_handle("broadcast-B-1"))

"""What runs by the clock of the house and not of an order, each lived once and kept; run by ``tests.replay.record``.

Each function asserts how its path ended: a history is worth keeping only if it is what its name says.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from domain.deadlines import DeadlineId
from models import upkeep
from models import workflow_names as names
from models.commands import ChangeDeadline
from models.inbox import Envelope
from models.temporal_names import ORDERS
from store import inbox, receiving
from tests.replay.living import SECOND, keep
from tests.upkeep.people import a_buyer
from tests.workflows.case_desk import CaseDesk
from tests.workflows.clock_table import rights_up_for_review
from tests.workflows.conftest import outside, outside_port, settings, shop
from tests.workflows.shop import OPERATIONS, Shop
from tests.workflows.test_telling import broadcast

# pytest finds fixtures by their names in this module.
__all__ = ["outside", "outside_port", "settings", "shop"]

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


async def record_broadcast_sent(shop: Shop) -> None:
    assert (await broadcast(shop)).posted
    await keep("broadcast_sent", shop.skipper.client.get_workflow_handle("broadcast-B-1"))

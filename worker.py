"""The worker: build the clients, register workflows and activities, run.

One worker for each task queue, all in one process, so that a slow outside party cannot
take the slots of the rest.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import structlog
from temporalio.client import Client, ScheduleAlreadyRunningError
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkflowRunner

from activities.carriers import Carriers, Sender
from activities.cases import CaseSteps
from activities.chat import Chat
from activities.coupons import Coupons
from activities.emergencies import Emergencies
from activities.inbox import InboxActivities
from activities.notices import Notices
from activities.order_steps import OrderSteps
from activities.payments import Payments
from activities.pulling import Pulling
from activities.refunds import Refunds
from activities.replacements import Replacements
from activities.retries import RetryWatch
from activities.rights import Rights
from activities.shortages import ShortageSteps
from activities.sweep import Watch
from activities.upkeep import Upkeep
from domain.deadlines import DeadlineId
from gateways import roads
from models.notices import ChannelFeed
from models.order import Policy
from models.temporal_names import CARRIERS, CHANNELS, CHAT, COUPONS, ORDERS, PAYMENTS, TASK_QUEUES
from runtime import log
from runtime.crypto import vault_of
from runtime.policy import policy_in_force
from runtime.settings import Settings
from runtime.temporal import connect, sandbox
from store import anchors
from store.pool import Pool, open_pool
from workflows.cases import CaseWorkflow
from workflows.channel_notices import ChannelNotices, LateNotices
from workflows.emergencies import BulkHold, PeakMode
from workflows.inbox import RedeliverInbox
from workflows.late_money import LateMoneyWorkflow
from workflows.order import OrderWorkflow
from workflows.pulling import PullChannels
from workflows.rights import ReviewRights
from workflows.schedules import SCHEDULES
from workflows.sweep import ListenForSilence, Sweep
from workflows.telling import DailyDigest, PostBreaches, SendBroadcast
from workflows.upkeep import AnchorAudit, EraseExpired, FoldBoard

WORKFLOWS: Sequence[type] = (
    OrderWorkflow,
    CaseWorkflow,
    LateMoneyWorkflow,
    ChannelNotices,
    LateNotices,
    RedeliverInbox,
    Sweep,
    ListenForSilence,
    PullChannels,
    AnchorAudit,
    EraseExpired,
    FoldBoard,
    ReviewRights,
    BulkHold,
    PeakMode,
    SendBroadcast,
    DailyDigest,
    PostBreaches,
)


@dataclass(frozen=True)
class Hands:
    """The activities' objects, each holding what it needs."""

    order_steps: OrderSteps
    shortages: ShortageSteps
    payments: Payments
    refunds: Refunds
    carriers: Carriers
    notices: Notices
    inbox: InboxActivities
    upkeep: Upkeep
    rights: Rights
    cases: CaseSteps
    coupons: Coupons
    replacements: Replacements
    watch: Watch
    pulling: Pulling
    emergencies: Emergencies
    chat: Chat
    retries: RetryWatch

    def of_queue(self) -> Mapping[str, Sequence[Callable[..., Any]]]:
        """Which activities are served on which task queue."""
        steps = self.order_steps
        return {
            ORDERS: (
                steps.record_order,
                steps.take_step,
                steps.reserve_stock,
                steps.release_stock,
                steps.book_payment,
                steps.gather_facts,
                steps.open_review,
                steps.release_to_warehouse,
                steps.move_parcel,
                steps.cancel_order,
                steps.archive,
                self.refunds.ask_refund,
                self.refunds.move_refund,
                self.shortages.amend_lines,
                self.shortages.let_go_parcel,
                self.cases.take_case_step,
                self.cases.open_beside,
                self.cases.price_lines,
                self.cases.stock_problems,
                self.replacements.send_replacement,
                self.inbox.redeliver,
                self.upkeep.anchor_audit,
                self.upkeep.erase_expired,
                self.upkeep.fold_board,
                self.rights.open_rights_review,
                self.rights.change_rights_deadline,
                self.rights.conclude_rights_review,
                self.watch.sweep_books,
                self.watch.compare_workflows,
                self.watch.conclude_sweep,
                self.watch.listen_for_silence,
                self.pulling.pullable,
                self.emergencies.open_hold,
                self.emergencies.turn_hold,
                self.emergencies.hold_orders,
                self.emergencies.release_orders,
                self.emergencies.record_peak,
                self.emergencies.stretch_orders,
                self.chat.record_broadcast,
                self.chat.make_digest,
            ),
            PAYMENTS: (self.payments.close_payment, self.payments.refund_payment),
            CARRIERS: (self.carriers.book_carrier, self.carriers.void_booking),
            COUPONS: (self.coupons.issue_coupon,),
            CHANNELS: (self.notices.deliver_notices, self.notices.breach_notices, self.pulling.pull_channel),
            CHAT: (self.chat.post_broadcast, self.chat.post_digest, self.chat.tell_breaches),
        }


def build_hands(settings: Settings, client: Client, pool: Pool, http: httpx.AsyncClient) -> Hands:
    """Put the store, the vault and the gateways into the activities' hands."""
    vault = vault_of(settings)
    return Hands(
        order_steps=OrderSteps(pool, vault, settings.parcel_limits()),
        shortages=ShortageSteps(pool),
        payments=Payments(pool, roads.payment_providers(settings, http)),
        refunds=Refunds(pool, settings.refund_alone_minor),
        carriers=Carriers(
            pool,
            vault,
            roads.booking(settings, http),
            sender=Sender(settings.shop_name, settings.shop_phone),
            insurance_thresholds=settings.insurance_thresholds_minor,
        ),
        notices=Notices(pool, roads.notice_roads(settings, http), settings.database_url),
        inbox=InboxActivities(client, pool, vault),
        rights=Rights(pool, settings.shop_timezone),
        upkeep=Upkeep(pool, anchors.key_of(settings), settings.deadline_policy().duration(DeadlineId.T21)),
        cases=CaseSteps(pool, client, settings.shortage_orders_per_sku),
        replacements=Replacements(client, pool),
        coupons=Coupons(pool, roads.coupon_service(settings, http)),
        watch=Watch(client, pool, settings.shop_timezone),
        pulling=Pulling(client, pool, vault, roads.channel_orders(settings, http), policy_in_force(settings)),
        emergencies=Emergencies(client, pool),
        chat=Chat(pool, roads.group_robot(settings, http), settings.shop_timezone),
        retries=RetryWatch(pool),
    )


def runner(settings: Settings) -> WorkflowRunner:
    """The sandbox triples the Python calls of a workflow: on in tests, a setting in production."""
    return sandbox() if settings.workflow_sandbox else UnsandboxedWorkflowRunner()


def build_workers(client: Client, settings: Settings, hands: Hands) -> list[Worker]:
    """One worker for each queue; the workflows live on the queue of the orders."""
    return [
        Worker(
            client,
            task_queue=queue,
            activities=activities,
            workflows=WORKFLOWS if queue == ORDERS else (),
            workflow_runner=runner(settings),
            interceptors=[hands.retries],
            max_cached_workflows=settings.max_cached_workflows if queue == ORDERS else 0,
            max_concurrent_workflow_tasks=settings.workflow_tasks_at_once if queue == ORDERS else None,
            graceful_shutdown_timeout=timedelta(seconds=5),
        )
        for queue, activities in hands.of_queue().items()
    ]


async def ensure_standing_workflows(client: Client, settings: Settings) -> None:
    """What always runs: one notice workflow for each channel, and the Schedule that re-delivers."""
    policy = Policy(durations=dict(settings.deadline_policy().durations))
    for channel in roads.told_channels(settings):
        await client.start_workflow(
            ChannelNotices.run,
            ChannelFeed(channel=channel, policy=policy),
            id=f"notices-{channel}",
            task_queue=ORDERS,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            static_summary=f"status notices to {channel} (R20, T13)",
        )
    await ensure_schedules(client, settings)


async def ensure_schedules(client: Client, settings: Settings) -> list[str]:
    """Create the Schedules that are not there yet; returns the ids of all."""
    for standing in SCHEDULES:
        with suppress(ScheduleAlreadyRunningError):
            await client.create_schedule(standing.id, standing.schedule(settings.shop_timezone))
    return [standing.id for standing in SCHEDULES]


async def main(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT; what is in hand is finished or handed back."""
    log.configure(settings)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        client = await connect(settings)
        pool = await stack.enter_async_context(open_pool(settings.database_url, min_size=2, max_size=20))
        http = await stack.enter_async_context(httpx.AsyncClient())
        for worker in build_workers(client, settings, build_hands(settings, client, pool, http)):
            await stack.enter_async_context(worker)
        await ensure_standing_workflows(client, settings)
        structlog.get_logger().info("worker_ready", queues=sorted(TASK_QUEUES))
        await stop.wait()

"""A case's steps in the database: local activities, one transaction each (FIELD_NOTES); and a case beside it."""

from __future__ import annotations

from datetime import timedelta

import structlog
from temporalio import activity
from temporalio.client import Client
from temporalio.common import SearchAttributePair, TypedSearchAttributes, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from activities.refusals import final_refusals
from domain.case_kinds import KINDS
from models import workflow_names as names
from models.cases import CaseStep, OpenCase, StockProblems, StockQuestion, case_workflow_id
from models.remedies import Price, PriceLines
from models.returns import Verdict
from models.temporal_names import CASE_KIND, ORDERS
from store import cases, pricing, stock_problems
from store.pool import Pool

log = structlog.get_logger(__name__)


class CaseSteps:
    """What a case does to its own rows, and how it opens another beside itself."""

    def __init__(self, pool: Pool, client: Client, orders_per_sku: int) -> None:
        """``orders_per_sku``: so many orders short of one SKU are a problem of all departments (R26)."""
        self._pool = pool
        self._client = client
        self._orders_per_sku = orders_per_sku

    @activity.defn
    async def take_case_step(self, step: CaseStep) -> Verdict | None:
        """Record one step of a case: row, deadlines, alerts and audit entry, exactly once (R23)."""
        with final_refusals():
            async with self._pool.connection() as conn:
                return await cases.take(conn, step)

    @activity.defn
    async def price_lines(self, request: PriceLines) -> Price:
        """What the pieces cost the buyer, for a refund at the shop's fault (R13, R15, R24)."""
        with final_refusals():
            async with self._pool.connection() as conn:
                return await pricing.price(conn, request)

    @activity.defn
    async def stock_problems(self, question: StockQuestion) -> StockProblems:
        """Which of these SKUs so many orders are short of that it concerns all departments (R9, R26)."""
        async with self._pool.connection() as conn:
            return StockProblems(problems=await stock_problems.of(conn, question.skus, self._orders_per_sku))

    @activity.defn
    async def open_beside(self, opening: OpenCase) -> None:
        """Start a case that stands alone; one that was started before is left alone (R26).

        As a child it would stop its parent's clock from being moved by the time machine.
        """
        try:
            await self._client.start_workflow(
                names.CASE_WORKFLOW,
                opening,
                id=case_workflow_id(opening.case_no),
                task_queue=ORDERS,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                search_attributes=TypedSearchAttributes([SearchAttributePair(CASE_KIND, str(opening.kind))]),
                static_summary=f"{KINDS[opening.kind].chinese} {opening.kind.replace('_', ' ')}",
                rpc_timeout=timedelta(seconds=5),
            )
        except WorkflowAlreadyStartedError:
            log.info("case_started_before", case_no=opening.case_no)

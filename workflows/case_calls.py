"""Everything a case calls: its own step in the database, its order, and the case it opens beside itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy, SearchAttributePair, TypedSearchAttributes, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.workflow import ParentClosePolicy

from domain.case_kinds import KINDS
from models import workflow_names as names
from models.base import Message
from models.cases import CaseStep, OpenCase, StockProblems, StockQuestion, case_workflow_id
from models.order import workflow_id
from models.remedies import CouponIssued, IssueCoupon, PlanReplacement, Price, PriceLines, ReplacementSent
from models.returns import Verdict
from models.temporal_names import CASE_KIND, COUPONS, ORDERS

with workflow.unsafe.imports_passed_through():
    from activities.cases import CaseSteps
    from activities.coupons import Coupons
    from activities.replacements import Replacements

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")
Hand = Callable[[Any, Asked], Awaitable[Answer]]

_PARTY_RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=10))

# As for orders: a case is not lost for a restart of PostgreSQL.
_DATABASE_RETRY = RetryPolicy(
    initial_interval=timedelta(milliseconds=100), maximum_interval=timedelta(seconds=30), backoff_coefficient=2
)


async def take_case_step(step: CaseStep) -> Verdict | None:
    """Record one step of the case, in one transaction; the first of a return brings what the rules say."""
    return await _step(CaseSteps.take_case_step, step, f"record: {step.act.replace('_', ' ')}")


async def stock_problems(question: StockQuestion) -> StockProblems:
    """Which of the missing goods are missing to many orders (R9, R26)."""
    return await _step(CaseSteps.stock_problems, question, f"how many orders are short of {', '.join(question.skus)}")


async def price_lines(request: PriceLines) -> Price:
    """What the pieces cost the buyer (R13, R15, R24)."""
    return await _step(CaseSteps.price_lines, request, f"price what was wrong with {request.order_no}")


async def _step(hand: Hand[Asked, Answer], request: Asked, summary: str) -> Answer:
    """One transaction in our own database: a local activity."""
    return await workflow.execute_local_activity_method(
        hand,
        request,
        start_to_close_timeout=timedelta(seconds=10),
        local_retry_threshold=timedelta(seconds=5),
        retry_policy=_DATABASE_RETRY,
        summary=summary,
    )


async def issue_coupon(request: IssueCoupon) -> CouponIssued:
    """Ask the coupon service, however slow it is (R17, R24)."""
    return await workflow.execute_activity_method(
        Coupons.issue_coupon,
        request,
        task_queue=COUPONS,
        start_to_close_timeout=timedelta(seconds=30),
        retry_policy=_PARTY_RETRY,
        summary=f"issue a coupon for {request.order_no}",
    )


async def send_replacement(request: PlanReplacement) -> ReplacementSent:
    """Have the linked order planned and started (R16)."""
    return await workflow.execute_activity_method(
        Replacements.send_replacement,
        request,
        start_to_close_timeout=timedelta(seconds=30),
        retry_policy=_PARTY_RETRY,
        summary=f"send a replacement for {request.order_no}",
    )


async def tell_order(order_no: str, signal: str, content: Message) -> bool:
    """Signal the order; False when its workflow no longer runs."""
    return await _tell(workflow_id(order_no), signal, content)


async def tell_case(case_no: str, signal: str, content: Message) -> bool:
    """Signal a case; False when it is closed."""
    return await _tell(case_workflow_id(case_no), signal, content)


async def open_beside(opening: OpenCase) -> None:
    """Open a case that stands alone beside this one (R26)."""
    await workflow.execute_local_activity_method(
        CaseSteps.open_beside,
        opening,
        start_to_close_timeout=timedelta(seconds=10),
        local_retry_threshold=timedelta(seconds=5),
        retry_policy=_DATABASE_RETRY,
        summary=f"open {opening.case_no}",
    )


async def start_case(opening: OpenCase) -> None:
    """Start a case as a child that outlives its parent; one that runs already is left alone."""
    try:
        await workflow.start_child_workflow(
            names.CASE_WORKFLOW,
            opening,
            id=case_workflow_id(opening.case_no),
            task_queue=ORDERS,
            parent_close_policy=ParentClosePolicy.ABANDON,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            search_attributes=TypedSearchAttributes([SearchAttributePair(CASE_KIND, str(opening.kind))]),
            static_summary=summary_of(opening),
        )
    except WorkflowAlreadyStartedError:
        workflow.logger.info("case_started_before", extra={"case_no": opening.case_no})


def summary_of(opening: OpenCase) -> str:
    """What the Temporal UI's lists call it."""
    about = f" of {opening.order_no}" if opening.order_no else ""
    return f"{KINDS[opening.kind].chinese} {opening.kind.replace('_', ' ')}{about}"


async def _tell(target: str, signal: str, content: Message) -> bool:
    handle = workflow.get_external_workflow_handle(target)
    try:
        await handle.signal(signal, content)
    except ApplicationError as error:
        # This is how the SDK says that no such workflow runs; it raises nothing more precise.
        workflow.logger.info("nobody_to_tell", extra={"workflow_id": target, "signal": signal, "error": error.type})
        return False
    return True

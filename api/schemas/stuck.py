"""Work that does not go on by itself, and the clockwork of the house."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.orders import StatusView
from api.schemas.texts import Reason, TemporalPage


class FailingWorkflow(BaseModel):
    """A workflow whose tasks fail again and again: a fault of ours; it goes on once the code is mended."""

    workflow_id: str = Field(examples=["order-site-20240611-0042"])
    workflow_type: str = Field(examples=["OrderWorkflow"])
    problem: str = Field(examples=["WorkflowTaskFailedCauseWorkflowWorkerUnhandledFailure"])
    started_at: datetime
    temporal_ui: TemporalPage = None


class RetryingActivity(BaseModel):
    """An activity that failed at least twice and is tried again by Temporal."""

    workflow_id: str = Field(examples=["order-site-20240611-0042"])
    activity: str = Field(examples=["book_carrier"])
    attempt: int = Field(description="the one under way or next", examples=[7])
    error: str = Field(description="the type of the last failure", examples=["CarrierAway"])
    since: datetime
    next_attempt_at: datetime | None = Field(description="null while an attempt is under way")
    temporal_ui: TemporalPage = None


class RefusedOrder(BaseModel):
    """An order that waits because an outside party refused: mend the cause, then `retry-outside`."""

    order_no: str = Field(examples=["site-20240611-0042"])
    status: StatusView
    why: str = Field(examples=["book SF: WrongAddress, the street is missing"])
    since: datetime
    temporal_ui: TemporalPage = None


class WaitingMessage(BaseModel):
    """A message in the inbox that did not reach its order yet."""

    message_id: str = Field(examples=["0190d8a1-7c11-7d3e-8f8a-2f6f4a1f2b3c"])
    source: str = Field(examples=["shopify"])
    topic: str = Field(examples=["orders/paid"])
    order_no: str | None
    attempts: int = Field(examples=[4])
    error: str | None = Field(examples=["NobodyYet"])
    since: datetime
    next_attempt_at: datetime | None


class ParkedMessage(BaseModel):
    """A message that was tried for two weeks in vain: tried no more by itself, kept until ``kept_until``."""

    message_id: str = Field(examples=["0190d8a1-7c11-7d3e-8f8a-2f6f4a1f2b3c"])
    source: str = Field(examples=["stripe"])
    topic: str = Field(examples=["payment_intent.succeeded"])
    order_no: str | None
    attempts: int = Field(examples=[2016])
    error: str | None = Field(examples=["NobodyYet"])
    why: str = Field(examples=["no order is known for it"])
    since: datetime
    parked_at: datetime
    kept_until: datetime = Field(description="Then its body is emptied, and it is not shown any more")


class UntoldNotice(BaseModel):
    """An order whose channel was not told of its newest status yet (T13)."""

    order_no: str = Field(examples=["site-20240611-0042"])
    channel: str = Field(examples=["shopify"])
    attempts: int = Field(examples=[4])
    error: str | None = Field(examples=["http 503"])
    since: datetime
    next_attempt_at: datetime | None


class StuckWork(BaseModel):
    """Everything that does not go on by itself, the oldest first, at most 200 of each kind.

    ``workflows`` and ``activities`` are null when Temporal cannot be asked, or cannot tell.
    """

    workflows: list[FailingWorkflow] | None
    activities: list[RetryingActivity] | None
    refused: list[RefusedOrder]
    messages: list[WaitingMessage]
    parked: list[ParkedMessage]
    notices: list[UntoldNotice]


class TryAgain(BaseModel):
    """Why it is tried again by hand."""

    model_config = ConfigDict(hide_input_in_errors=True)

    reason: Reason


class TriedAgain(BaseModel):
    """It is under way; look at the list again."""

    what: str = Field(examples=["message 0190d8a1-7c11-7d3e-8f8a-2f6f4a1f2b3c"])


class ScheduleRun(BaseModel):
    """One run of a schedule."""

    workflow_id: str = Field(examples=["sweep-workflow-2026-01-02T03:30:00Z"])
    scheduled_at: datetime
    started_at: datetime
    status: str | None = Field(description="null once Temporal keeps its history no longer", examples=["completed"])
    temporal_ui: TemporalPage = None


class ScheduleView(BaseModel):
    """What the house does by the clock."""

    id: str = Field(examples=["sweep"])
    summary: str = Field(examples=["compare orders, workflows, money and stock (accident 9)"])
    every: str = Field(description="an interval, or cron in the shop's zone", examples=["30 3 * * *"])
    missing: bool = Field(description="not in Temporal: `orderflow schedules` makes it")
    paused: bool
    next_run_at: datetime | None
    runs: list[ScheduleRun] = Field(description="the newest first")


class Schedules(BaseModel):
    """All of them."""

    items: list[ScheduleView]


class ScheduleStarted(BaseModel):
    """It was started once, now; if a run is under way, nothing more is done."""

    id: str = Field(examples=["sweep"])

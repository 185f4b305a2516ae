"""The deadline board."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field


class DeadlineView(BaseModel):
    """A deadline. ``seconds_left`` is negative when it is overdue; a ``stopped`` one keeps what it had (R25)."""

    subject: str = Field(examples=["order:site-20240611-0042"])
    deadline: str = Field(examples=["T3"])
    promise: str = Field(examples=["manual review: due"])
    order_no: str | None
    workflow_id: str
    started_at: datetime
    due_at: datetime
    state: str = Field(default="running", examples=["running"], description="running, or stopped while held")
    seconds_left: int
    department: str


class DeadlinePage(BaseModel):
    """A page of running deadlines, the most overdue first."""

    items: list[DeadlineView]
    next_cursor: str | None


class DeadlineRowView(BaseModel):
    """A row of the table of deadlines. Seconds are null where a date or a schedule rules."""

    id: str = Field(examples=["T1"])
    promise: str = Field(examples=["online payment"])
    default_seconds: int | None = Field(examples=[86_400])
    seconds: int | None = Field(examples=[86_400])
    starts: str = Field(examples=["order created"])
    action: str = Field(examples=["cancel, release, close payment"])

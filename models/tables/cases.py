"""Cases as rows: written only by the case's own workflow, step by step (store.cases)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from models.tables.access import TextArray
from models.tables.columns import Json, Timestamptz


class CaseRow(SQLModel, table=True):
    """One case; ``due_at`` is its next deadline. All instants are workflow time."""

    __tablename__ = "cases"

    case_no: str = Field(primary_key=True)
    kind: str
    order_no: str | None = Field(default=None, foreign_key="orders.order_no")
    subject: str
    severity: str
    state: str
    stage: str
    department: str
    escalated_to: str | None = None
    participants: list[str] = Field(sa_type=Json)
    related: str | None = None
    assignee: str | None = None
    reason: str
    reason_code: str
    reason_facts: dict[str, Any] = Field(sa_type=Json)
    note_id: str | None = None
    opened_by: str
    opened_at: datetime = Field(sa_type=Timestamptz)
    due_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    settlement: str | None = None
    settled_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    closed_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    cause_note_id: str | None = None
    prevention_note_id: str | None = None
    evidence: list[dict[str, Any]] = Field(sa_type=Json)
    remedy: dict[str, Any] = Field(sa_type=Json)
    updated_at: datetime = Field(sa_type=Timestamptz)
    step_seq: int
    skus: list[str] = Field(sa_type=TextArray)

"""The order as rows: written only by the order's own workflow, step by step (store.steps)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import SmallInteger
from sqlmodel import Field, SQLModel

from models.tables.columns import Currency, Json, Minor, Timestamptz, identity


class OrderRow(SQLModel, table=True):
    """One order (R1, R2). Amounts are minor units; ``recorded_at`` and ``updated_at`` are workflow time."""

    __tablename__ = "orders"

    order_no: str = Field(primary_key=True)
    channel: str
    channel_order_id: str
    contact_id: str
    status: str
    payment_method: str
    payment_provider: str | None = None
    payment_reference: str | None = None
    currency: str = Field(sa_type=Currency)
    shipping: int = Field(sa_type=Minor)
    tax: int = Field(sa_type=Minor)
    discount: int = Field(sa_type=Minor)
    total: int = Field(sa_type=Minor)
    promotion: bool
    promised_speed: str
    carrier_wish: str | None = None
    placed_at: datetime = Field(sa_type=Timestamptz)
    policy: dict[str, Any] = Field(sa_type=Json)
    terms_version: str
    recorded_at: datetime = Field(sa_type=Timestamptz)
    updated_at: datetime = Field(sa_type=Timestamptz)
    step_seq: int
    risk: str
    waiting_for: str
    due_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    held: str | None = None
    claimed_by: str | None = None
    archived_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    replaces: str | None = Field(default=None, foreign_key="orders.order_no")
    for_case: str | None = None
    stage: int = Field(default=1, sa_type=SmallInteger)
    status_since: datetime | None = Field(default=None, sa_type=Timestamptz)


class OrderLineRow(SQLModel, table=True):
    """One line of an order; amounts in minor units (R2)."""

    __tablename__ = "order_lines"

    order_no: str = Field(primary_key=True, foreign_key="orders.order_no")
    line_no: int = Field(primary_key=True)
    sku: str
    title: str
    quantity: int
    unit_price: int = Field(sa_type=Minor)
    discount: int = Field(sa_type=Minor)
    refunded_quantity: int = 0


class ReviewFindingRow(SQLModel, table=True):
    """What a rule of the automatic review found, at step ``seq`` (R6)."""

    __tablename__ = "review_findings"

    order_no: str = Field(primary_key=True, foreign_key="orders.order_no")
    seq: int = Field(primary_key=True)
    ord: int = Field(primary_key=True)
    rule: str
    severity: str
    evidence: str


class DeadlineRow(SQLModel, table=True):
    """A deadline of a subject: ``state`` is running, stopped (``left_seconds`` to go), met, passed or waived."""

    __tablename__ = "deadlines"

    subject: str = Field(primary_key=True)
    deadline: str = Field(primary_key=True)
    order_no: str | None = None
    workflow_id: str
    started_at: datetime = Field(sa_type=Timestamptz)
    due_at: datetime = Field(sa_type=Timestamptz)
    state: str
    ended_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    left_seconds: int | None = None
    department: str


class AlertRow(SQLModel, table=True):
    """Something a department must look at; ``key`` keeps it single. ``chat``: whether the group was told (R25)."""

    __tablename__ = "alerts"

    id: int | None = identity()
    at: datetime = Field(sa_type=Timestamptz)
    department: str
    kind: str
    order_no: str | None = None
    text: str
    facts: dict[str, Any] = Field(sa_type=Json)
    key: str = Field(unique=True)
    seen_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    seen_by: str | None = None
    chat: str | None = None

"""The money of an order: the sums, and every entry behind them (R3)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from models.tables.columns import Currency, Json, Minor, Timestamptz, identity


class PaymentRow(SQLModel, table=True):
    """The sums in minor units; the database keeps refunded + refunding ≤ captured (accident 6)."""

    __tablename__ = "payments"

    order_no: str = Field(primary_key=True, foreign_key="orders.order_no")
    currency: str = Field(sa_type=Currency)
    captured: int = Field(sa_type=Minor)
    refunding: int = Field(sa_type=Minor)
    refunded: int = Field(sa_type=Minor)
    version: int = Field(sa_type=Minor)


class PaymentEntryRow(SQLModel, table=True):
    """One event of the money.

    ``kind`` is authorised, captured, failed, refund_ordered, refunded, collected or compensated.
    A refund_ordered entry is open until it carries the provider's ``refund_reference``.
    """

    __tablename__ = "payment_entries"

    id: int | None = identity()
    order_no: str = Field(foreign_key="payments.order_no")
    kind: str
    amount: int = Field(sa_type=Minor)
    currency: str = Field(sa_type=Currency)
    provider: str | None = None
    reference: str | None = None
    refund_reference: str | None = None
    key: str = Field(unique=True)
    at: datetime = Field(sa_type=Timestamptz)


class RefundRow(SQLModel, table=True):
    """A refund that somebody asked for: waiting, ordered, problem, done or declined.

    ``lines`` are [line_no, quantity] each; ``cause`` is the case or the act it comes of.
    """

    __tablename__ = "refunds"

    refund_id: str = Field(primary_key=True)
    order_no: str = Field(foreign_key="orders.order_no")
    state: str
    amount: int = Field(sa_type=Minor)
    currency: str = Field(sa_type=Currency)
    lines: list[Any] = Field(sa_type=Json)
    shipping: bool
    reason: str
    cause: str
    problem: str | None = None
    asked_by: str
    asked_role: str
    asked_at: datetime = Field(sa_type=Timestamptz)
    decided_by: str | None = None
    decided_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    updated_at: datetime = Field(sa_type=Timestamptz)

"""The money of an order: the sums, and every entry behind them (R3)."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from models.tables.columns import Currency, Minor, Timestamptz, identity


class PaymentRow(SQLModel, table=True):
    """The sums in minor units; the database keeps refunded + refunding ≤ captured (accident 6)."""

    __tablename__ = "payments"

    order_no: str = Field(primary_key=True, foreign_key="orders.order_no")
    currency: str = Field(sa_type=Currency)
    captured: int = Field(sa_type=Minor)
    refunding: int = Field(sa_type=Minor)
    refunded: int = Field(sa_type=Minor)


class PaymentEntryRow(SQLModel, table=True):
    """One event of the money.

    ``kind`` is authorised, captured, failed, refund_ordered, refunded or collected.
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

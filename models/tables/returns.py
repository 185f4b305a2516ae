"""Returns with their goods, and replacement orders (R16); written by the case's own workflow only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from models.tables.columns import Json, Minor, Timestamptz, identity


class ReturnRow(SQLModel, table=True):
    """One return; ``worth`` and ``postage`` in minor units of the order's currency."""

    __tablename__ = "returns"

    case_no: str = Field(primary_key=True, foreign_key="cases.case_no")
    order_no: str = Field(foreign_key="orders.order_no")
    reason: str
    wish: str
    state: str
    findings: list[Any] = Field(sa_type=Json)
    liable: str
    worth: int = Field(sa_type=Minor)
    postage: int = Field(sa_type=Minor)
    rma_no: str | None = Field(default=None, unique=True)
    due_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    warehouse: str | None = None
    received_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    inspected_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    opened_at: datetime = Field(sa_type=Timestamptz)


class ReturnLineRow(SQLModel, table=True):
    """Pieces of a line that the return is for."""

    __tablename__ = "return_lines"

    case_no: str = Field(primary_key=True, foreign_key="returns.case_no")
    line_no: int = Field(primary_key=True)
    sku: str
    quantity: int


class ReturnGradeRow(SQLModel, table=True):
    """How the warehouse found the pieces: resell, second or scrap."""

    __tablename__ = "return_grades"

    case_no: str = Field(primary_key=True)
    line_no: int = Field(primary_key=True)
    grade: str = Field(primary_key=True)
    quantity: int


class QuarantineRow(SQLModel, table=True):
    """Returned goods that are not for sale as new: beside the stock, never counted in it."""

    __tablename__ = "quarantine"

    warehouse: str = Field(primary_key=True, foreign_key="warehouses.code")
    sku: str = Field(primary_key=True, foreign_key="products.sku")
    grade: str = Field(primary_key=True)
    on_hand: int


class QuarantineLedgerRow(SQLModel, table=True):
    """One change of a quarantine counter; the sums of this ledger are the counters."""

    __tablename__ = "quarantine_ledger"

    id: int | None = identity()
    warehouse: str
    sku: str
    grade: str
    delta: int
    case_no: str
    key: str = Field(unique=True)
    at: datetime = Field(sa_type=Timestamptz)


class ReplacementRow(SQLModel, table=True):
    """An order that replaces goods of another at no charge; ``number`` counts within that one."""

    __tablename__ = "replacements"

    order_no: str = Field(primary_key=True, foreign_key="orders.order_no")
    number: int = Field(primary_key=True)
    replacement_no: str = Field(unique=True)
    key: str = Field(unique=True)
    case_no: str = Field(foreign_key="cases.case_no")
    at: datetime = Field(sa_type=Timestamptz)

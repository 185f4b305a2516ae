"""Parcels and the work of the warehouse (R8 to R14)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlmodel import Field, SQLModel

from models.tables.columns import Json, Minor, Timestamptz, identity


class ParcelRow(SQLModel, table=True):
    """One parcel of one order: grams, minor units; ``choice`` says why this carrier (R11)."""

    __tablename__ = "parcels"

    parcel_no: str = Field(primary_key=True)
    order_no: str = Field(foreign_key="orders.order_no")
    warehouse: str = Field(foreign_key="warehouses.code")
    state: str
    carrier: str | None = None
    tracking_no: str | None = None
    weight_g: int
    value_minor: int = Field(sa_type=Minor)
    collect_minor: int = Field(default=0, sa_type=Minor)
    insured: bool
    packaging: str | None = None
    choice: dict[str, Any] | None = Field(default=None, sa_type=Json)
    booked_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    handed_over_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    signed_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    last_event_at: datetime | None = Field(default=None, sa_type=Timestamptz)


class ParcelLineRow(SQLModel, table=True):
    """What of which order line is in the parcel."""

    __tablename__ = "parcel_lines"

    parcel_no: str = Field(primary_key=True, foreign_key="parcels.parcel_no")
    line_no: int = Field(primary_key=True)
    sku: str = Field(primary_key=True)
    quantity: int


class TrackingEventRow(SQLModel, table=True):
    """A carrier's event; its text is sealed, for it can hold a courier's phone number (R21)."""

    __tablename__ = "tracking_events"

    parcel_no: str = Field(primary_key=True, foreign_key="parcels.parcel_no")
    event_id: str = Field(primary_key=True)
    at: datetime = Field(sa_type=Timestamptz)
    state: str
    code: str
    text_sealed: bytes | None = None


class PickTaskRow(SQLModel, table=True):
    """The task to fill one parcel: open, picking, picked, packed, short or cancelled (R8, R10)."""

    __tablename__ = "pick_tasks"

    task_no: str = Field(primary_key=True)
    order_no: str = Field(foreign_key="orders.order_no")
    parcel_no: str = Field(foreign_key="parcels.parcel_no")
    warehouse: str = Field(foreign_key="warehouses.code")
    state: str
    picker: str | None = None
    rechecker: str | None = None
    created_at: datetime = Field(sa_type=Timestamptz)
    updated_at: datetime = Field(sa_type=Timestamptz)


class PickLineRow(SQLModel, table=True):
    """How much of which lot to take from which bin; ``lot`` is None for goods without lots."""

    __tablename__ = "pick_lines"

    task_no: str = Field(primary_key=True, foreign_key="pick_tasks.task_no")
    line_no: int = Field(primary_key=True)
    sku: str
    lot: str | None = None
    bin: str
    expires_on: date | None = None
    quantity: int
    picked: int = 0
    short: int = 0


class ScanRow(SQLModel, table=True):
    """One scan of the handheld, right or wrong; wrong ones carry what was expected (R8)."""

    __tablename__ = "scans"

    id: int | None = identity()
    task_no: str = Field(foreign_key="pick_tasks.task_no")
    at: datetime = Field(sa_type=Timestamptz)
    by: str
    bin: str
    barcode: str
    lot: str | None = None
    verdict: str
    expected: dict[str, Any] | None = Field(default=None, sa_type=Json)
    key: str | None = Field(default=None, unique=True)

"""Emergencies as rows: written by their own workflows only (store.emergencies, store.digests)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ARRAY, Text
from sqlmodel import Field, SQLModel

from models.tables.columns import Json, Timestamptz, identity


class BulkHoldRow(SQLModel, table=True):
    """Orders held together: by ``scope`` and its ``names`` (R25). All instants are workflow time."""

    __tablename__ = "bulk_holds"

    hold_id: str = Field(primary_key=True)
    scope: str
    names: list[str] = Field(sa_type=ARRAY(Text))
    reason: str
    clocks: str
    state: str
    opened_by: str
    opened_at: datetime = Field(sa_type=Timestamptz)
    release_reason: str | None = None
    released_by: str | None = None
    released_at: datetime | None = Field(default=None, sa_type=Timestamptz)


class BulkHoldOrderRow(SQLModel, table=True):
    """What became of one order of a bulk hold."""

    __tablename__ = "bulk_hold_orders"

    hold_id: str = Field(primary_key=True, foreign_key="bulk_holds.hold_id")
    order_no: str = Field(primary_key=True)
    state: str
    detail: str
    at: datetime = Field(sa_type=Timestamptz)


class PeakModeRow(SQLModel, table=True):
    """A setting of peak mode: the newest is in force (R7)."""

    __tablename__ = "peak_modes"

    peak_no: int | None = identity()
    peak_id: str = Field(unique=True)
    factor: int
    reason: str
    set_by: str
    set_at: datetime = Field(sa_type=Timestamptz)


class BroadcastRow(SQLModel, table=True):
    """What was told to everybody; ``refused`` is the robot's code when it would not take it (R25)."""

    __tablename__ = "broadcasts"

    broadcast_id: str = Field(primary_key=True)
    severity: str
    text: str
    departments: list[str] = Field(sa_type=ARRAY(Text))
    sent_by: str
    sent_at: datetime = Field(sa_type=Timestamptz)
    posted_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    refused: str | None = None


class DigestRow(SQLModel, table=True):
    """The digest of one day of the shop's calendar (T17)."""

    __tablename__ = "digests"

    day: date = Field(primary_key=True)
    content: dict[str, Any] = Field(sa_type=Json)
    made_at: datetime = Field(sa_type=Timestamptz)
    posted_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    refused: str | None = None

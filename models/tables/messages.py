"""Messages in and out: the inbox, the notices to channels, and answered requests."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from models.tables.columns import Json, Timestamptz, identity


class InboxRow(SQLModel, table=True):
    """A message from outside, sealed as it came; single by ``dedupe_key`` (R5)."""

    __tablename__ = "inbox"

    message_id: str = Field(primary_key=True)
    source: str
    topic: str
    dedupe_key: str = Field(unique=True)
    order_no: str | None = None
    sealed: bytes
    state: str
    faults: list[dict[str, Any]] | None = Field(default=None, sa_type=Json)
    attempts: int = 0
    next_attempt_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    received_at: datetime = Field(sa_type=Timestamptz)
    forwarded_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    last_error: str | None = None
    parked_at: datetime | None = Field(default=None, sa_type=Timestamptz)


class NoticeRow(SQLModel, table=True):
    """A full snapshot for the channel's front end; a newer one supersedes an older (R20, T13)."""

    __tablename__ = "notices"

    id: int | None = identity()
    channel: str
    order_no: str = Field(foreign_key="orders.order_no")
    sequence: int
    body: dict[str, Any] = Field(sa_type=Json)
    changed_at: datetime = Field(sa_type=Timestamptz)
    state: str = "pending"
    attempts: int = 0
    next_attempt_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    delivered_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    breached_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    last_error: str | None = None


class IdempotencyKeyRow(SQLModel, table=True):
    """A request that was answered, or is being answered: same key, same answer."""

    __tablename__ = "idempotency_keys"

    principal: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    request_hash: bytes
    status: int | None = None
    response: dict[str, Any] | None = Field(default=None, sa_type=Json)
    created_at: datetime = Field(sa_type=Timestamptz)

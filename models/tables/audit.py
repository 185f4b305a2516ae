"""The record of every act: append-only, chained by hashes (R23)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from models.tables.columns import Json, Timestamptz, identity


class AuditChainRow(SQLModel, table=True):
    """How long a subject's chain is and the hash it ends with."""

    __tablename__ = "audit_chains"

    subject: str = Field(primary_key=True)
    length: int
    head: bytes


class AuditEntryRow(SQLModel, table=True):
    """Who did what, when, why, before and after. ``at`` is workflow time, ``wall_at`` the clock's.

    ``outcome`` is the result of the step: a second run of the same step returns it.
    """

    __tablename__ = "audit_entries"

    id: int | None = identity()
    subject: str
    order_no: str | None = None
    chain_no: int
    step_key: str | None = Field(default=None, unique=True)
    at: datetime = Field(sa_type=Timestamptz)
    wall_at: datetime = Field(sa_type=Timestamptz)
    actor: str
    role: str
    act: str
    before: str | None = None
    after: str | None = None
    why: str
    note_id: str | None = None
    details: dict[str, Any] = Field(sa_type=Json)
    outcome: dict[str, Any] | None = Field(default=None, sa_type=Json)
    request_id: str | None = None
    update_id: str | None = None
    prev_hash: bytes
    hash: bytes

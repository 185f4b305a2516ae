"""The rules of the review, what counts against a buyer, and what was found to disagree (R6, R27, accident 9)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from models.tables.columns import Json, Timestamptz, identity


class RuleSetRow(SQLModel, table=True):
    """A version of the review's rules: how it differs from the built-in ones (R6)."""

    __tablename__ = "rule_sets"

    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    changes: dict[str, Any] = Field(sa_type=Json)
    set_at: datetime = Field(sa_type=Timestamptz)
    set_by: str
    why: str


class ReviewFactsRow(SQLModel, table=True):
    """What the newest review of an order looked at, by which rules, and what it came to (R6)."""

    __tablename__ = "review_facts"

    order_no: str = Field(primary_key=True, foreign_key="orders.order_no")
    reviewed_at: datetime = Field(sa_type=Timestamptz)
    rules: int
    verdict: str
    facts: dict[str, Any] = Field(sa_type=Json)


class RiskEventRow(SQLModel, table=True):
    """A cancellation, refund or fake address that counts against an account, phone or address (R27)."""

    __tablename__ = "risk_events"

    event: str = Field(primary_key=True)
    order_no: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    value_index: bytes
    at: datetime = Field(sa_type=Timestamptz)


class SweepDifferenceRow(SQLModel, table=True):
    """Two records that disagree; open while ``resolved_at`` is None (accident 9).

    ``subject`` is what it is about (``order:<no>``, ``stock:<warehouse>:<sku>``,
    ``inbox:<message id>``); ``resolution`` is gone, repaired or accepted.
    """

    __tablename__ = "sweep_differences"

    id: int | None = identity()
    kind: str
    subject: str
    order_no: str | None = None
    evidence: str
    about: dict[str, Any] = Field(sa_type=Json)
    first_seen: datetime = Field(sa_type=Timestamptz)
    last_seen: datetime = Field(sa_type=Timestamptz)
    resolved_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    resolution: str | None = None
    resolved_by: str | None = None
    why: str | None = None


class InboxHourRow(SQLModel, table=True):
    """How many messages a sender sent in an hour (UTC), and when the last of them came."""

    __tablename__ = "inbox_hours"

    source: str = Field(primary_key=True)
    hour: datetime = Field(primary_key=True, sa_type=Timestamptz)
    messages: int
    last_at: datetime = Field(sa_type=Timestamptz)

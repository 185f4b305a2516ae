"""What the desks keep: a buyer's links to an order, a person's views of a list (R12)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from models.tables.columns import Json, Timestamptz


class TrackingLinkRow(SQLModel, table=True):
    """A buyer's link to an order; only the hash of its token is kept."""

    __tablename__ = "tracking_links"

    token_hash: bytes = Field(primary_key=True)
    order_no: str = Field(foreign_key="orders.order_no")
    created_by: str
    created_at: datetime = Field(sa_type=Timestamptz)
    expires_at: datetime = Field(sa_type=Timestamptz)
    revoked_at: datetime | None = Field(default=None, sa_type=Timestamptz)


class SavedViewRow(SQLModel, table=True):
    """A list as a person likes to see it: filters and columns, no personal data."""

    __tablename__ = "saved_views"

    owner: str = Field(primary_key=True)
    desk: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    content: dict[str, Any] = Field(sa_type=Json)
    updated_at: datetime = Field(sa_type=Timestamptz)

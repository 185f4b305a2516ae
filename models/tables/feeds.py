"""What was heard of each channel's order, and what outside warehouse systems say of their shelves."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from models.tables.columns import Timestamptz


class ChannelVersionRow(SQLModel, table=True):
    """The newest version heard of a channel's order; ``facts`` is a digest, never a person (accidents 7 and 8)."""

    __tablename__ = "channel_versions"

    order_no: str = Field(primary_key=True)
    channel: str
    changed_at: datetime = Field(sa_type=Timestamptz)
    facts: str
    heard_at: datetime = Field(sa_type=Timestamptz)


class ChannelPullRow(SQLModel, table=True):
    """Up to which time of change a channel was asked for its orders."""

    __tablename__ = "channel_pulls"

    channel: str = Field(primary_key=True)
    asked_until: datetime = Field(sa_type=Timestamptz)


class StockCountRow(SQLModel, table=True):
    """The newest count of a lot by a warehouse system; an older one changes nothing."""

    __tablename__ = "stock_counts"

    feed: str = Field(primary_key=True)
    warehouse: str = Field(primary_key=True)
    sku: str = Field(primary_key=True)
    lot: str = Field(primary_key=True)
    sequence: int = Field(sa_type=BigInteger)
    counted: int
    message_id: str
    counted_at: datetime = Field(sa_type=Timestamptz)


class StockMessageRow(SQLModel, table=True):
    """A message of a warehouse system: it counts once."""

    __tablename__ = "stock_messages"

    feed: str = Field(primary_key=True)
    message_id: str = Field(primary_key=True)
    received_at: datetime = Field(sa_type=Timestamptz)


class StockMovementRow(SQLModel, table=True):
    """Pieces that came or went, by the warehouse system's own sequence."""

    __tablename__ = "stock_movements"

    feed: str = Field(primary_key=True)
    warehouse: str = Field(primary_key=True)
    sku: str = Field(primary_key=True)
    lot: str = Field(primary_key=True)
    sequence: int = Field(primary_key=True, sa_type=BigInteger)
    pieces: int


class StockShortfallRow(SQLModel, table=True):
    """Pieces that orders hold and the warehouse says are not there (accident 1)."""

    __tablename__ = "stock_shortfalls"

    warehouse: str = Field(primary_key=True)
    sku: str = Field(primary_key=True)
    lot: str = Field(primary_key=True)
    feed: str
    missing: int
    since: datetime = Field(sa_type=Timestamptz)

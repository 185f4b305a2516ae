"""Where work does not go on by itself."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from models.tables.columns import Timestamptz


class RetryingRow(SQLModel, table=True):
    """An activity that needed a third attempt; how it stands now, Temporal knows."""

    __tablename__ = "retrying"

    workflow_id: str = Field(primary_key=True)
    activity: str = Field(primary_key=True)
    since: datetime = Field(sa_type=Timestamptz)

"""The board's sums by hour and channel (R33): written by triggers of what they count."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from models.tables.columns import Minor, Timestamptz, identity


class BoardDeltaRow(SQLModel, table=True):
    """A share that is not folded yet: appended with the change it counts."""

    __tablename__ = "board_deltas"

    id: int | None = identity()
    hour: datetime = Field(sa_type=Timestamptz)
    channel: str
    measure: str
    key: str
    number: int = Field(sa_type=Minor)
    seconds: int = Field(sa_type=Minor)


class BoardCellRow(SQLModel, table=True):
    """The sum of all folded shares of one hour, channel, measure and key."""

    __tablename__ = "board_cells"

    hour: datetime = Field(primary_key=True, sa_type=Timestamptz)
    channel: str = Field(primary_key=True)
    measure: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    number: int = Field(sa_type=Minor)
    seconds: int = Field(sa_type=Minor)

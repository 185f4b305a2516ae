"""What an outside warehouse system sends of its shelves."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.schemas.texts import Words
from domain.intake import LONGEST_SKU

Pieces = Annotated[int, Field(strict=True, ge=0, le=10_000_000)]


class FeedLine(BaseModel):
    """One lot: ``counted`` pieces stand there, or ``moved`` came (positive) or went (negative); one of the two."""

    model_config = ConfigDict(extra="ignore")

    warehouse: Annotated[str, Words(40, shortest=1)] = Field(examples=["SH"])
    sku: Annotated[str, Words(LONGEST_SKU, shortest=1)] = Field(examples=["TEA-OOLONG-250"])
    lot: Annotated[str, Words(100)] = ""
    counted: Pieces | None = None
    moved: Annotated[int, Field(strict=True, ge=-10_000_000, le=10_000_000)] | None = None
    bin: Annotated[str, Words(100)] = ""
    expires_on: date | None = None

    @model_validator(mode="after")
    def _one_of_the_two(self) -> FeedLine:
        if (self.counted is None) == (self.moved is None):
            raise ValueError("give either counted or moved")
        return self


class FeedMessage(BaseModel):
    """``sequence`` is the sender's own and rises with every message: what was counted later has a higher one."""

    model_config = ConfigDict(extra="ignore")

    sequence: Annotated[int, Field(strict=True, ge=1, le=2**62)] = Field(examples=[1718])
    lines: Annotated[list[FeedLine], Field(min_length=1, max_length=1_000)]

    @model_validator(mode="after")
    def _each_lot_once(self) -> FeedMessage:
        places = [(line.warehouse, line.sku, line.lot) for line in self.lines]
        if len(set(places)) < len(places):
            raise ValueError("a message names each lot once")
        return self


class FeedAnswer(BaseModel):
    """``applied`` is False for a message that was applied before."""

    applied: bool

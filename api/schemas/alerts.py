"""What a department is told to look at."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class AlertView(BaseModel):
    """One alert; ``kind`` is the T that passed, or what else happened. No personal data."""

    id: int = Field(examples=[42])
    at: datetime
    department: str = Field(examples=["operations"])
    kind: str = Field(examples=["T3"])
    order_no: str | None = Field(examples=["site-20240611-0042"])
    text: str = Field(examples=["T3 manual review: due: passed for site-20240611-0042; escalate to operations"])
    facts: dict[str, str | int | dict[str, int]] = Field(
        examples=[{"about": "site-20240611-0042"}],
        description="What stands in the text, the same for all of its kind: for a sentence of your own,"
        " in another language, say. Empty for alerts from before there were facts",
    )


class AlertPage(BaseModel):
    """What nobody has looked at yet, the newest first."""

    items: list[AlertView]
    next_cursor: str | None


class LookedAt(BaseModel):
    """Which alerts somebody has looked at."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"ids": [42]}]})

    ids: Annotated[list[Annotated[int, Field(strict=True, ge=1, lt=2**63)]], Field(min_length=1, max_length=200)]


class Seen(BaseModel):
    """How many of them nobody had looked at before."""

    seen: int = Field(examples=[1])

"""The record of acts, and whether it is whole (R23)."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field


class AuditView(BaseModel):
    """One entry of the record, with its place in the chain (R23)."""

    id: int
    subject: str
    chain_no: int
    order_no: str | None
    at: datetime
    written_at: datetime
    who: str
    role: str
    act: str
    text_en: str = Field(description="the act in words", examples=["approved"])
    text_zh: str = Field(examples=["審核通過"])
    before: str | None
    after: str | None
    why: str
    note_id: str | None
    details: dict[str, object]
    request_id: str | None
    update_id: str | None
    hash: str = Field(description="SHA-256 over the entry and the hash before it, hexadecimal")


class AuditPage(BaseModel):
    """A page of the record, in the order that was asked for."""

    items: list[AuditView]
    next_cursor: str | None


class FindingView(BaseModel):
    """The first place at which one chain does not hold."""

    subject: str = Field(examples=["order:site-20240611-0042"])
    number: int = Field(description="of the entry in its chain, from 1", examples=[7])
    fault: str = Field(examples=["changed"])
    detail: str = Field(examples=["the entry says something else than was written"])
    entry_id: int | None = Field(examples=[4711])


class Verification(BaseModel):
    """What was looked at; ``whole`` when nothing was found."""

    whole: bool
    chains: int = Field(examples=[12])
    entries: int = Field(examples=[310])
    anchors: int = Field(description="signed so far", examples=[24])
    anchored_at: datetime | None
    unanchored: int = Field(description="entries that no anchor covers yet: their chain alone guards them")
    findings: list[FindingView]

"""The terms a buyer orders under, as readers see them (R29)."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, Field


class TextView(BaseModel):
    """One document in both languages, in paragraphs."""

    title_en: str = Field(examples=["Returns and exchanges"])
    title_zh: str = Field(examples=["退換貨條款"])
    en: list[str]
    zh: list[str]


class TermsView(BaseModel):
    """One version of the terms; it never changes."""

    version: str = Field(examples=["1"])
    in_force_from: date
    returns: TextView
    privacy: TextView


class StatutoryView(BaseModel):
    """A limit that the law sets, with its source."""

    deadline: str = Field(examples=["T9"])
    what: str
    at_least_seconds: int | None
    at_most_seconds: int | None
    counted: str
    source: str


class TermsInForce(BaseModel):
    """What new orders are placed under, every version there ever was, and the limits of the law."""

    in_force: str = Field(examples=["1"])
    versions: list[str]
    terms: TermsView
    statutory: list[StatutoryView]

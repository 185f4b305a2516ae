"""Column types that the tables share."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, DateTime, Identity
from sqlalchemy.dialects.postgresql import CHAR, JSONB
from sqlmodel import Field


class Timestamptz(DateTime):
    """An instant: naive datetimes have no place here."""

    def __init__(self) -> None:
        super().__init__(timezone=True)


class Currency(CHAR):
    """An ISO 4217 code."""

    def __init__(self) -> None:
        super().__init__(3)


class Country(CHAR):
    """An ISO 3166-1 alpha-2 code."""

    def __init__(self) -> None:
        super().__init__(2)


Json = JSONB
Minor = BigInteger
"""Money: an integer count of minor units."""


def identity() -> Any:
    """A primary key that the database numbers by itself."""
    return Field(default=None, primary_key=True, sa_type=BigInteger, sa_column_args=(Identity(always=True),))

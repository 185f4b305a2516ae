"""The vault's rows: persons, sealed; erasing the wrapped key erases the person (R21, R29)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Identity
from sqlmodel import Field, SQLModel

from models.tables.columns import Country, Timestamptz


class ContactRow(SQLModel, table=True):
    """A buyer, sealed field by field under a key of their own; indexes are HMACs (R21, R27)."""

    __tablename__ = "contacts"

    contact_id: str = Field(primary_key=True)
    channel: str
    wrapped_key: bytes | None = None
    key_version: str
    name: bytes | None = None
    phone: bytes | None = None
    address: bytes | None = None
    remark: bytes | None = None
    email: bytes | None = None
    phone_index: bytes | None = None
    account_index: bytes | None = None
    address_index: bytes | None = None
    country: str | None = Field(default=None, sa_type=Country)
    created_at: datetime = Field(sa_type=Timestamptz)
    erased_at: datetime | None = Field(default=None, sa_type=Timestamptz)


class NoteRow(SQLModel, table=True):
    """A free text of a colleague, sealed; only its id travels (R21)."""

    __tablename__ = "notes"

    note_id: str = Field(primary_key=True)
    contact_id: str | None = None
    order_no: str | None = None
    sealed: bytes
    wrapped_key: bytes | None = None
    key_version: str
    created_at: datetime = Field(sa_type=Timestamptz)
    created_by: str


class BlacklistRow(SQLModel, table=True):
    """An account, phone or address refused for now, as a blind index (R27); ``source`` is hand or counter."""

    __tablename__ = "blacklist"

    kind: str = Field(primary_key=True)
    value_index: bytes = Field(primary_key=True)
    reason: str
    added_by: str
    added_at: datetime = Field(sa_type=Timestamptz)
    expires_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    entry_no: int | None = Field(default=None, unique=True, sa_type=BigInteger, sa_column_args=(Identity(always=True),))
    source: str = Field(default="hand", sa_column_kwargs={"server_default": "hand"})

"""Who signs in, and with what (R22)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from models.tables.columns import Timestamptz


class TextArray(ARRAY[str]):
    """A list of codes."""

    cache_ok = True

    def __init__(self) -> None:
        super().__init__(Text())


class AccountRow(SQLModel, table=True):
    """A person who works here. Empty scopes restrict nothing; ``subject`` is who they are at the identity provider.

    ``known_address`` is a keyed hash of the address of the last sign-in: whoever comes from there is not
    kept waiting for what strangers tried.
    """

    __tablename__ = "accounts"

    staff_id: str = Field(primary_key=True)
    username: str = Field(unique=True)
    role: str
    password_hash: str | None = None
    subject: str | None = Field(default=None, unique=True)
    warehouses: list[str] = Field(sa_type=TextArray)
    channels: list[str] = Field(sa_type=TextArray)
    created_at: datetime = Field(sa_type=Timestamptz)
    created_by: str
    disabled_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    password_set_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    last_sign_in: datetime | None = Field(default=None, sa_type=Timestamptz)
    known_address: bytes | None = None
    password_by_another: bool = False
    """Somebody else chose the password: it opens nothing but the change of it."""


class SessionRow(SQLModel, table=True):
    """A sign-in that holds until ``ends_at``, or until nothing was asked for too long; never its token."""

    __tablename__ = "sessions"

    token_hash: bytes = Field(primary_key=True)
    staff_id: str = Field(foreign_key="accounts.staff_id")
    started_at: datetime = Field(sa_type=Timestamptz)
    seen_at: datetime = Field(sa_type=Timestamptz)
    ends_at: datetime = Field(sa_type=Timestamptz)
    session_id: str = Field(unique=True)
    how: str
    address: bytes | None = None


class SecondFactorRow(SQLModel, table=True):
    """A second factor: its secret is sealed; it stands once a code of it was seen. ``last_step`` is spent."""

    __tablename__ = "second_factors"

    factor_id: str = Field(primary_key=True)
    staff_id: str = Field(foreign_key="accounts.staff_id")
    sealed: bytes
    begun_at: datetime = Field(sa_type=Timestamptz)
    confirmed_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    last_step: int = Field(default=0, sa_type=BigInteger)


class RecoveryCodeRow(SQLModel, table=True):
    """Stands in for a code of the second factor, once; never the code itself."""

    __tablename__ = "recovery_codes"

    code_hash: bytes = Field(primary_key=True)
    staff_id: str = Field(foreign_key="accounts.staff_id")
    given_at: datetime = Field(sa_type=Timestamptz)
    used_at: datetime | None = Field(default=None, sa_type=Timestamptz)


class SignInCodeRow(SQLModel, table=True):
    """The one-time code with which a browser comes back from the identity provider."""

    __tablename__ = "sign_in_codes"

    code_hash: bytes = Field(primary_key=True)
    staff_id: str = Field(foreign_key="accounts.staff_id")
    expires_at: datetime = Field(sa_type=Timestamptz)


class SignInFailureRow(SQLModel, table=True):
    """How often a username was tried in vain, by its keyed hash."""

    __tablename__ = "sign_in_failures"

    tried: bytes = Field(primary_key=True)
    failed: int
    failed_at: datetime = Field(sa_type=Timestamptz)


class RateCountRow(SQLModel, table=True):
    """How often a person, machine or address has asked, by its keyed hash; ``here`` is the window that runs."""

    __tablename__ = "rate_counts"

    counted: bytes = Field(primary_key=True)
    window_no: int = Field(sa_type=BigInteger)
    here: int
    before: int
    touched_at: datetime = Field(sa_type=Timestamptz)


class MachineTokenRow(SQLModel, table=True):
    """What an integrator's machine comes in with; ``permissions`` None is all of the role's."""

    __tablename__ = "machine_tokens"

    token_id: str = Field(primary_key=True)
    token_hash: bytes = Field(unique=True)
    label: str
    channels: list[str] = Field(sa_type=TextArray)
    permissions: list[str] | None = Field(default=None, sa_type=TextArray)
    issued_by: str
    issued_at: datetime = Field(sa_type=Timestamptz)
    expires_at: datetime = Field(sa_type=Timestamptz)
    revoked_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    revoked_by: str | None = None
    last_used_at: datetime | None = Field(default=None, sa_type=Timestamptz)


class RightUseRow(SQLModel, table=True):
    """When a person last used one of their rights."""

    __tablename__ = "right_uses"

    staff_id: str = Field(primary_key=True)
    permission: str = Field(primary_key=True)
    used_at: datetime = Field(sa_type=Timestamptz)


class RightsReviewRow(SQLModel, table=True):
    """One month's review of rights (T16)."""

    __tablename__ = "rights_reviews"

    review_id: str = Field(primary_key=True)
    opened_at: datetime = Field(sa_type=Timestamptz)
    due_at: datetime = Field(sa_type=Timestamptz)
    closed_at: datetime | None = Field(default=None, sa_type=Timestamptz)


class RightsReviewTokenRow(SQLModel, table=True):
    """One machine's token in a review: its scope and last use, and who decided what of it."""

    __tablename__ = "rights_review_tokens"

    review_id: str = Field(primary_key=True, foreign_key="rights_reviews.review_id")
    token_id: str = Field(primary_key=True, foreign_key="machine_tokens.token_id")
    label: str
    channels: list[str] = Field(sa_type=TextArray)
    rights: list[dict[str, Any]] = Field(sa_type=JSONB)
    issued_by: str
    issued_at: datetime = Field(sa_type=Timestamptz)
    expires_at: datetime = Field(sa_type=Timestamptz)
    last_used_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    decision: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    why: str | None = None


class RightsReviewItemRow(SQLModel, table=True):
    """One account in a review: its rights with their last use, and who decided what of it."""

    __tablename__ = "rights_review_items"

    review_id: str = Field(primary_key=True, foreign_key="rights_reviews.review_id")
    staff_id: str = Field(primary_key=True, foreign_key="accounts.staff_id")
    role: str
    warehouses: list[str] = Field(sa_type=TextArray)
    channels: list[str] = Field(sa_type=TextArray)
    rights: list[dict[str, Any]] = Field(sa_type=JSONB)
    decision: str | None = None
    new_role: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    why: str | None = None

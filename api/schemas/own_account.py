"""One's own second factor and sessions: what is sent and what is shown (R22)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field, SecretStr

from api.schemas.sign_in import Because, Body, Code, Password

SESSION_ID = r"^session-[0-9a-f]{16}$"


class SecondFactorView(BaseModel):
    """How it stands with one's second factor."""

    by_password: bool = Field(description="False: the identity provider lets them in, and asks for its own")
    needed: bool = Field(description="Whether the shop asks for one of this role")
    set_at: datetime | None = Field(description="Since when it stands; null: there is none")
    recovery_codes: int = Field(examples=[10], description="How many are left")


class ShowAgain(Body):
    """Password, and the code of the present second factor where there is one: who asks shows again who they are."""

    password: Password
    code: Code = SecretStr("")


class BegunFactor(BaseModel):
    """For the authenticator, shown this once; it stands when a code of it is sent, within ten minutes."""

    secret: str = Field(repr=False, examples=["JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"])
    address: str = Field(repr=False, examples=["otpauth://totp/Shop:invented?secret=JBSWY3DPEHPK3PXP&issuer=Shop"])
    picture: str = Field(repr=False, description="The address as a QR code, SVG", examples=["<svg></svg>"])


class FirstCode(Body):
    """The code that the authenticator shows now."""

    code: SecretStr = Field(min_length=6, max_length=20, examples=["123456"])


class RecoveryCodes(BaseModel):
    """For whoever loses the authenticator: each is good once in place of a code. They are shown this once."""

    recovery_codes: list[str] = Field(repr=False, examples=[["ABCD-EFGH-IJKL-MNOP-QRST-UVWX"]])


class OpenSession(BaseModel):
    """One sign-in that still holds."""

    session_id: str = Field(examples=["session-0123456789abcdef"])
    how: str = Field(examples=["password"], description="password, or provider")
    started_at: datetime
    seen_at: datetime = Field(description="About when it was last used")
    ends_at: datetime = Field(description="When it ends at the latest")
    this: bool = Field(description="Whether it is the one that asks")
    same_address: bool | None = Field(description="Whether it began at the network address that asks; null: not told")

    @classmethod
    def of(cls, row: dict[str, Any], *, this: str = "", here: bytes | None = None) -> OpenSession:
        """From the store's row; ``here`` is the address that asks, where that is to be compared."""
        same = None if here is None or row["address"] is None else bytes(row["address"]) == here
        shown = {name: row[name] for name in ("session_id", "how", "started_at", "seen_at", "ends_at")}
        return cls(this=row["session_id"] == this, same_address=same, **shown)


class OpenSessions(BaseModel):
    """At most twenty, the last used first."""

    items: list[OpenSession]


class EndSessions(Body):
    """The password once more; whoever comes in by the identity provider has signed in within ten minutes instead."""

    password: Password | None = None


class EndAnothers(Because):
    """Why, and which: without ``session_id`` all of them."""

    session_id: str | None = Field(default=None, pattern=SESSION_ID, examples=["session-0123456789abcdef"])


class SessionsEnded(BaseModel):
    """They open nothing any more."""

    ended: int = Field(examples=[2])

"""Who is asking, and may they: bearer tokens, and a lock on every door (R22).

Every route names exactly one lock: ``allowed(PERMISSION)``, ``signed`` (a provider's
signature over the raw body), ``BY_LINK`` (a buyer's own link) or ``open_to_all``. A test walks all routes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

import jwt
import structlog
from fastapi import Depends, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.house import InHouse
from api.problems import Forbidden, NotSignedIn
from domain.permissions import Permission, Role, may
from models.base import Actor
from runtime.settings import Settings

_ALGORITHM, _ISSUER, _AUDIENCE = "HS256", "orderflow", "orderflow-api"
_BEARER = HTTPBearer(auto_error=False, description="A token of `orderflow token --role ROLE` (development)")


@dataclass(frozen=True)
class Staff:
    """A person or machine with one role; ``id`` is a staff id, never a name."""

    id: str
    role: Role

    @property
    def actor(self) -> Actor:
        """As acts on an order record it (R23)."""
        return Actor(id=self.id, role=self.role.value)


class TokensAreForDevelopment(Exception):
    """In production people sign in; nobody issues tokens by hand."""


def issue_token(settings: Settings, role: str, subject: str | None = None, hours: float = 12) -> str:
    """A signed token for development. Raises ValueError for an unknown role, and
    :class:`TokensAreForDevelopment` in production.
    """
    if settings.environment == "production":
        raise TokensAreForDevelopment("tokens are issued by hand in development only")
    known, now = Role(role), datetime.now(UTC)
    claims = {
        "iss": _ISSUER,
        "aud": _AUDIENCE,
        "sub": subject or f"{known.value}-1",
        "role": known.value,
        "iat": now,
        "exp": now + timedelta(hours=hours),
    }
    return jwt.encode(claims, settings.token_secret.get_secret_value(), algorithm=_ALGORITHM)


def read_token(settings: Settings, token: str) -> Staff:
    """Whom the token stands for; raises :class:`NotSignedIn`."""
    try:
        claims = jwt.decode(
            token,
            settings.token_secret.get_secret_value(),
            algorithms=[_ALGORITHM],
            audience=_AUDIENCE,
            issuer=_ISSUER,
            options={"require": ["exp", "sub", "role"]},
        )
        return Staff(str(claims["sub"]), Role(claims["role"]))
    except jwt.ExpiredSignatureError:
        raise NotSignedIn("the token has expired") from None
    except (jwt.InvalidTokenError, ValueError):
        raise NotSignedIn("the token does not hold") from None


def signed_in(house: InHouse, bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)]) -> Staff:
    """Whoever sent the request's bearer token."""
    if bearer is None:
        raise NotSignedIn("send a bearer token in the Authorization header")
    staff = read_token(house.settings, bearer.credentials)
    structlog.contextvars.bind_contextvars(staff_id=staff.id, role=staff.role.value)
    return staff


@dataclass(frozen=True)
class Lock:
    """The lock on a door: ``permission`` is None where a signature or nothing is asked for."""

    permission: Permission | None
    why: str = ""


@dataclass(frozen=True)
class PermissionLock(Lock):
    """Opens for staff whose role carries the permission."""

    def __call__(self, staff: Annotated[Staff, Depends(signed_in)]) -> Staff:
        """Let them in, or refuse."""
        assert self.permission is not None
        if not may(staff.role, self.permission):
            raise Forbidden(f"the role {staff.role.value} may not {self.permission.value}")
        return staff


@dataclass(frozen=True)
class OtherLock(Lock):
    """No permission is asked here; ``why`` says what stands in its place."""

    def __call__(self) -> None:
        """Nothing to check at this point."""


def allowed(permission: Permission) -> PermissionLock:
    """The lock of a door for staff: use it as a dependency."""
    return PermissionLock(permission)


SIGNED = OtherLock(None, "the sender's signature over the raw body is checked first")
BY_LINK = OtherLock(None, "the link's own token opens the one order it was made for")
OPEN_TO_ALL = OtherLock(None, "says nothing about any order or person")

"""Who is asking, and may they: bearer tokens, and a lock on every door (R22).

Every route names exactly one lock: ``allowed(PERMISSION)``, ``SIGNED_IN`` (whoever it is),
``SIGNED`` (a provider's signature over the raw body), ``BY_LINK`` (a buyer's own link) or
``OPEN_TO_ALL``. A test walks all routes.

A bearer token is a session's, a machine's, or, in development only, a signed one of
`orderflow token`. The first two are looked up at every request, so what changes about
them counts from the next request on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated

import jwt
import structlog
from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.house import House, InHouse
from api.problems import Forbidden, NotSignedIn
from api.rates import RouteClass
from domain.permissions import GRANTS, Permission, Role
from models.base import Actor
from runtime import opaque
from runtime.settings import Settings
from store import machine_tokens, sessions

_REVEALING = frozenset({"contact.reveal"})
_ALGORITHM, _ISSUER, _AUDIENCE = "HS256", "orderflow", "orderflow-api"
_BEARER = HTTPBearer(
    auto_error=False,
    description="The `access_token` of `POST /v1/session`, or a machine's token; in development also "
    "`orderflow token --role ROLE`",
)


@dataclass(frozen=True)
class Staff:
    """A person or machine with one role; ``id`` is a staff id, never a name.

    ``warehouses`` and ``channels`` are those it is confined to; empty is no confinement. A machine
    may hold fewer permissions than its role; ``token`` is what a session came in with.
    """

    id: str
    role: Role
    warehouses: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    only: frozenset[Permission] | None = None
    expires_at: datetime | None = None
    token: str | None = field(default=None, repr=False)

    @property
    def permissions(self) -> frozenset[Permission]:
        """All that this person or machine may do."""
        granted = GRANTS[self.role]
        return granted if self.only is None else granted & self.only

    def may(self, permission: Permission) -> bool:
        """Whether this person or machine may do that."""
        return permission in self.permissions

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


async def signed_in(house: InHouse, bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)]) -> Staff:
    """Whoever sent the request's bearer token."""
    if bearer is None:
        raise NotSignedIn("send a bearer token in the Authorization header")
    staff = await _behind(house, bearer.credentials)
    structlog.contextvars.bind_contextvars(staff_id=staff.id, role=staff.role.value)
    return staff


async def _behind(house: House, token: str) -> Staff:
    if token.startswith(opaque.SESSION):
        return await _of_session(house, token)
    if token.startswith(opaque.MACHINE):
        return await _of_machine(house, token)
    if house.settings.environment == "production":
        # What development signs by hand opens nothing here, whoever knows the secret.
        raise NotSignedIn("the token does not hold: sign in")
    return read_token(house.settings, token)


async def _of_session(house: House, token: str) -> Staff:
    async with house.pool.connection() as conn:
        row = await sessions.look_up(conn, token, house.settings.session_life(), house.now())
    if row is None:
        raise NotSignedIn("the session has ended: sign in again")
    scope = (tuple(row["warehouses"]), tuple(row["channels"]))
    return Staff(row["staff_id"], Role(row["role"]), *scope, expires_at=row["ends_at"], token=token)


async def _of_machine(house: House, token: str) -> Staff:
    async with house.pool.connection() as conn:
        row = await machine_tokens.look_up(conn, token, house.now())
    if row is None:
        raise NotSignedIn("the token has expired or was revoked: ask an administrator for another")
    granted = row["permissions"]
    # A permission that this version no longer knows is no permission.
    only = None if granted is None else frozenset(one for one in Permission if one.value in granted)
    return Staff(
        row["token_id"], Role.INTEGRATOR, channels=tuple(row["channels"]), only=only, expires_at=row["expires_at"]
    )


@dataclass(frozen=True)
class Lock:
    """The lock on a door: ``permission`` is None where a signature or nothing is asked for."""

    permission: Permission | None
    why: str = ""


@dataclass(frozen=True)
class PermissionLock(Lock):
    """Opens for staff whose role carries the permission."""

    async def __call__(self, request: Request, house: InHouse, staff: Annotated[Staff, Depends(signed_in)]) -> Staff:
        """Let them in, or refuse."""
        assert self.permission is not None
        await _spend(request, house, staff, self.permission)
        if not staff.may(self.permission):
            raise Forbidden(f"the role {staff.role.value} may not {self.permission.value}")
        return staff


@dataclass(frozen=True)
class SignedInLock(Lock):
    """Opens for whoever is signed in: it is about nobody but themselves."""

    async def __call__(self, request: Request, house: InHouse, staff: Annotated[Staff, Depends(signed_in)]) -> Staff:
        """Let them in."""
        await _spend(request, house, staff, None)
        return staff


async def _spend(request: Request, house: House, staff: Staff, permission: Permission | None) -> None:
    what = RouteClass.READS if request.method in ("GET", "HEAD") else RouteClass.WRITES
    if permission is not None and permission.value in _REVEALING:
        what = RouteClass.REVEALS
    request.state.rate = await house.rates.spend(what, staff.id)


@dataclass(frozen=True)
class OtherLock(Lock):
    """No permission is asked here; ``why`` says what stands in its place."""

    def __call__(self) -> None:
        """Nothing to check at this point."""


def allowed(permission: Permission) -> PermissionLock:
    """The lock of a door for staff: use it as a dependency."""
    return PermissionLock(permission)


SIGNED_IN = SignedInLock(None, "about whoever is signed in, and nobody else")
SIGNED = OtherLock(None, "the sender's signature over the raw body is checked first")
BY_LINK = OtherLock(None, "the link's own token opens the one order it was made for")
SIGNING_IN = OtherLock(None, "whoever signs in has no token yet; tries are counted")
OPEN_TO_ALL = OtherLock(None, "says nothing about any order or person")

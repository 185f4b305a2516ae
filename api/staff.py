"""Whom a bearer token stands for: a person or a machine, their role, their scope, what they owe first (R22).

It is a session's, a machine's, or, in development only, a signed one of `orderflow token`. The first
two are looked up at every request, so what changes about them counts from the next request on.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Annotated

import jwt
import structlog
from fastapi import Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api import scope
from api.house import House, InHouse
from api.problems import NotSignedIn
from domain.permissions import GRANTS, Permission, Role
from domain.second_factor import Owed, owed
from models.base import Actor
from runtime import opaque
from runtime.settings import Settings
from store import machine_tokens, sessions
from store.pool import Row

_ALGORITHM, _ISSUER, _AUDIENCE = "HS256", "orderflow", "orderflow-api"
_BEARER = HTTPBearer(
    auto_error=False,
    description="The `access_token` of `POST /v1/session`, or a machine's token; in development also "
    "`orderflow token --role ROLE`",
)


@dataclass(frozen=True)
class Session:
    """Which session a request came in with, how it was opened ("password", "provider"), and when."""

    id: str
    how: str
    started_at: datetime


@dataclass(frozen=True)
class Staff:
    """A person or machine with one role; ``id`` is a staff id, never a name.

    ``warehouses`` and ``channels`` are those it is confined to; empty is no confinement. A machine
    may hold fewer permissions than its role; ``token`` is what the request came in with. Whoever ``owes``
    something has to do that first: no other door is open to them.
    """

    id: str
    role: Role
    warehouses: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    only: frozenset[Permission] | None = None
    expires_at: datetime | None = None
    owes: tuple[Owed, ...] = ()
    session: Session | None = None
    token: str | None = field(default=None, repr=False)
    scope: scope.Scope = field(default_factory=scope.Scope)

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
    staff = await behind(house, bearer.credentials)
    structlog.contextvars.bind_contextvars(staff_id=staff.id, role=staff.role.value)
    return staff


async def behind(house: House, token: str, *, in_use: bool = True) -> Staff:
    """Whom the token stands for now; raises :class:`NotSignedIn`. Not ``in_use`` prolongs no session."""
    staff = await _known_by(house, token, in_use=in_use)
    confined = scope.scope_of(staff, production=house.settings.environment == "production")
    return replace(staff, scope=confined, token=token)


async def _known_by(house: House, token: str, *, in_use: bool) -> Staff:
    if token.startswith(opaque.SESSION):
        return await _of_session(house, token, in_use=in_use)
    if token.startswith(opaque.MACHINE):
        return await _of_machine(house, token)
    if house.settings.environment == "production":
        # What development signs by hand opens nothing here, whoever knows the secret.
        raise NotSignedIn("the token does not hold: sign in")
    return read_token(house.settings, token)


async def _of_session(house: House, token: str, *, in_use: bool) -> Staff:
    async with house.pool.connection() as conn:
        row = await sessions.look_up(conn, token, house.settings.session_life(), house.now(), in_use=in_use)
    if row is None:
        raise NotSignedIn("the session has ended: sign in again")
    scope = (tuple(row["warehouses"]), tuple(row["channels"]))
    return Staff(
        row["staff_id"], Role(row["role"]), *scope, expires_at=row["ends_at"], owes=owes_of(house.settings, row),
        session=Session(row["session_id"], row["how"], row["started_at"]),
    )  # fmt: skip


def owes_of(settings: Settings, row: Row) -> tuple[Owed, ...]:
    """What the owner of a session has to do before anything else; nothing where the provider answers for them."""
    if row["how"] != "password":
        return ()
    return owed(
        Role(row["role"]), settings.second_factor_wanted(), own_password=not row["password_by_another"],
        second_factor=row["second_factor"],
    )  # fmt: skip


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

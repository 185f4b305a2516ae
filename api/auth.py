"""Who is asking, and may they: bearer tokens, and a lock on every door (R22).

Every route names exactly one lock: ``allowed(PERMISSION)``, ``SIGNED_IN`` (whoever it is), ``SIGNED`` (a provider's
signature over the raw body), ``BY_LINK`` (a buyer's own link) or ``OPEN_TO_ALL``. A test walks all routes.

A bearer token is a session's, a machine's, or, in development only, a signed one of
`orderflow token`. The first two are looked up at every request, so what changes about
them counts from the next request on.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Annotated

import jwt
import structlog
from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api import scope
from api.house import House, InHouse
from api.problems import Forbidden, NotSignedIn, NotThere
from api.rates import RouteClass
from domain.permissions import GRANTS, Permission, Role
from models.base import Actor
from runtime import opaque
from runtime.settings import Settings
from store import denials, machine_tokens, right_uses, sessions
from store.pool import Connection

OUT_OF_SCOPE = "scope"
"""What is missing when the right is there, but the channel or the warehouse is another's."""

log = structlog.get_logger(__name__)

# What stands in a path is whatever somebody typed; only what could be a number of ours goes on record.
_ORDER_NO = re.compile(r"[a-z0-9_]{1,20}-[A-Za-z0-9._-]{1,80}")
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
    may hold fewer permissions than its role; ``token`` is what the request came in with.
    """

    id: str
    role: Role
    warehouses: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    only: frozenset[Permission] | None = None
    expires_at: datetime | None = None
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
    def is_of_a_session(self) -> bool:
        """Whether they signed in; a machine did not."""
        return self.token is not None and self.token.startswith(opaque.SESSION)

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
    return Staff(row["staff_id"], Role(row["role"]), *scope, expires_at=row["ends_at"])


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
        await _needed(request, house, staff, self.permission)
        await _within_scope(request, house, staff)
        await _used(house, staff, self.permission)
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
    if permission is Permission.CONTACT_REVEAL:
        what = RouteClass.REVEALS
    request.state.rate = await house.rates.spend(what, staff.id, house.now())


async def _needed(request: Request, house: House, staff: Staff, permission: Permission) -> None:
    if not staff.may(permission):
        await denied(request, house, staff, permission.value)
        raise Forbidden(f"the role {staff.role.value} may not {permission.value}")


async def _used(house: House, staff: Staff, permission: Permission) -> None:
    if house.uses.is_due(staff.id, permission.value, house.now()):
        async with house.pool.connection() as conn:
            await right_uses.mark(conn, staff.id, permission.value, house.now())


async def _within_scope(request: Request, house: House, staff: Staff) -> None:
    if staff.scope == scope.Scope():
        return
    async with denied_outside(request, house, staff) as conn:
        await scope.check(conn, staff, request.path_params)


@asynccontextmanager
async def denied_outside(request: Request, house: House, staff: Staff) -> AsyncIterator[Connection]:
    """A connection to look with; what turns out not to be there for this person goes on record (R23)."""
    try:
        async with house.pool.connection() as conn:
            yield conn
    except NotThere:
        await denied(request, house, staff, OUT_OF_SCOPE)
        raise


async def also_allowed(request: Request, house: House, staff: Staff, permission: Permission) -> None:
    """For what takes a second right besides its door's: Forbidden, on record, without it; its use counts (R22)."""
    await _needed(request, house, staff, permission)
    await _used(house, staff, permission)


async def within_channel(request: Request, house: House, staff: Staff, channel: str) -> None:
    """Raise Forbidden, on record, when the channel a body names is not theirs."""
    if not staff.scope.has_channel(channel):
        await denied(request, house, staff, OUT_OF_SCOPE)
        raise Forbidden(f"the channel {channel} is not yours: ask an administrator for a token of that channel")


async def within_warehouse(request: Request, house: House, staff: Staff, warehouse: str) -> None:
    """Raise Forbidden, on record, when the warehouse a body names is not theirs."""
    if not staff.scope.has_warehouse(warehouse):
        await denied(request, house, staff, OUT_OF_SCOPE)
        raise Forbidden(f"the warehouse {warehouse} is not yours")


async def denied(request: Request, house: House, staff: Staff, right: str) -> None:
    """Put the attempt on record before it is refused (R23)."""
    order_no = request.path_params.get("order_no", "")
    log.warning("denied", right=right, door=request.scope["route"].path)
    denial = denials.Denial(
        by=staff.actor,
        right=right,
        door=f"{request.method} {request.scope['route'].path}",
        order_no=order_no if _ORDER_NO.fullmatch(order_no) else None,
        at=house.now(),
        request_id=request.state.request_id,
    )
    async with house.pool.connection() as conn:
        await denials.record(conn, denial)


@dataclass(frozen=True)
class OtherLock(Lock):
    """No permission is asked here; ``why`` says what stands in its place."""

    async def __call__(self) -> None:
        """Nothing to check at this point; not worth a thread."""


def allowed(permission: Permission) -> PermissionLock:
    """The lock of a door for staff: use it as a dependency."""
    return PermissionLock(permission)


SIGNED_IN = SignedInLock(None, "about whoever is signed in, and nobody else")
SIGNED = OtherLock(None, "the sender's signature over the raw body is checked first")
BY_LINK = OtherLock(None, "the link's own token opens the one order it was made for")
SIGNING_IN = OtherLock(None, "whoever signs in has no token yet; tries are counted")
OPEN_TO_ALL = OtherLock(None, "says nothing about any order or person")

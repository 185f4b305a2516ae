"""May they: a lock on every door (R22). Who is asking, ``api.staff`` knows.

Every route names exactly one lock: ``allowed(PERMISSION)``, ``SIGNED_IN`` (whoever it is), ``SIGNED`` (a provider's
signature over the raw body), ``BY_LINK`` (a buyer's own link) or ``OPEN_TO_ALL``. A test walks all routes.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Annotated

import structlog
from fastapi import Depends, Request

from api import scope
from api.house import House, InHouse
from api.problems import Forbidden, NotThere
from api.rates import RouteClass
from api.staff import Staff, TokensAreForDevelopment, behind, issue_token, owes_of, signed_in
from domain.permissions import Permission
from domain.second_factor import Owed
from store import denials, right_uses, scopes
from store.pool import Connection

__all__ = [
    "BY_LINK", "OPEN_TO_ALL", "SIGNED", "SIGNED_IN", "SIGNING_IN", "Lock", "PermissionLock", "Staff",
    "TokensAreForDevelopment", "allowed", "allowed_either", "also_allowed", "behind", "denied", "denied_outside",
    "issue_token", "owes_of", "signed_in", "within_channel", "within_warehouse",
]  # fmt: skip

OUT_OF_SCOPE = "scope"
"""What is missing when the right is there, but the channel or the warehouse is another's."""

WHOLE_HOUSE = "this is about the whole house: your account is confined to some channels or warehouses of it"

log = structlog.get_logger(__name__)

# What stands in a path is whatever somebody typed; only what could be a number of ours goes on record.
_ORDER_NO = re.compile(r"[a-z0-9_]{1,20}-[A-Za-z0-9._-]{1,80}")


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
        _owing_nothing(staff)
        await _needed(request, house, staff, self.permission)
        await _within_scope(request, house, staff, self.permission)
        await _used(house, staff, self.permission)
        return staff


@dataclass(frozen=True)
class EitherLock(PermissionLock):
    """Opens for whoever has the permission, or ``other`` in its place: what is given is looked at piece by piece."""

    other: Permission = field(kw_only=True)

    async def __call__(self, request: Request, house: InHouse, staff: Annotated[Staff, Depends(signed_in)]) -> Staff:
        """Let them in by the one they have."""
        assert self.permission is not None
        right = self.other if staff.may(self.other) and not staff.may(self.permission) else self.permission
        return await PermissionLock(right)(request, house, staff)


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


def _owing_nothing(staff: Staff) -> None:
    if staff.owes:
        first = staff.owes[0]
        raise Forbidden(_FIRST[first], slug=f"{first.value.replace('_', '-')}-first")


_FIRST = {
    Owed.OWN_PASSWORD: "choose a password of your own first: POST /v1/session/password",
    Owed.SECOND_FACTOR: "set up a second factor first: POST /v1/session/second-factor",
}


async def _needed(request: Request, house: House, staff: Staff, permission: Permission) -> None:
    if not staff.may(permission):
        await denied(request, house, staff, permission.value)
        raise Forbidden(f"the role {staff.role.value} may not {permission.value}")


async def _used(house: House, staff: Staff, permission: Permission) -> None:
    if house.uses.is_due(staff.id, permission.value, house.now()):
        async with house.pool.connection() as conn:
            await right_uses.mark(conn, staff.id, permission.value, house.now())


async def _within_scope(request: Request, house: House, staff: Staff, permission: Permission) -> None:
    if staff.scope == scope.Scope():
        return
    if scopes.is_house_wide(permission, request.scope["route"].path):
        await denied(request, house, staff, OUT_OF_SCOPE)
        raise Forbidden(WHOLE_HOUSE)
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


def allowed_either(permission: Permission, other: Permission) -> EitherLock:
    """The lock of a door that two posts come through, each with a right of its own."""
    return EitherLock(permission, other=other)


SIGNED_IN = SignedInLock(None, "about whoever is signed in, and nobody else")
SIGNED = OtherLock(None, "the sender's signature over the raw body is checked first")
BY_LINK = OtherLock(None, "the link's own token opens the one order it was made for")
SIGNING_IN = OtherLock(None, "whoever signs in has no token yet; tries are counted")
OPEN_TO_ALL = OtherLock(None, "says nothing about any order or person")

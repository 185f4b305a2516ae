"""Signing in and out: by password, or by the company's identity provider (R22)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

import structlog
from fastapi import Request

from api.auth import Staff
from api.house import House
from api.problems import Conflicting, Faulty, Forbidden, NotSignedIn, TooMany
from api.rates import RouteClass
from api.schemas.sign_in import SessionView, StaffView, WhoAmI
from domain.intake import Fault
from domain.permissions import GRANTS, Role
from domain.sign_in import password_fault, username_of
from models.base import Actor
from runtime import passwords
from store import accounts, sessions
from store import sign_in as entering
from store.accounts import Act
from store.pool import Row
from store.sign_in import Begun, Proof, Visitor

_ONE_HOUSEHOLD = 64

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Tried:
    """A password that was held against an account: ``account`` is None when it did not fit."""

    account: Row | None
    counted_as: bytes


async def by_password(house: House, request: Request, username: str, password: str) -> SessionView:
    """A session for whoever knows the password; raises NotSignedIn, TooMany."""
    request.state.rate = await house.rates.spend(RouteClass.SIGN_IN, _address(request), house.now())
    visitor = Visitor(username_of(username), _address(request))
    tried = await _try(house, visitor, password)
    if tried.account is None:
        raise NotSignedIn("the username or the password is wrong")
    proof = Proof("password", tried.account["password_hash"], visitor.known_as(house.vault))
    async with house.pool.connection() as conn:
        await entering.forget_failures(conn, tried.counted_as)
        begun = await entering.let_in(
            conn, tried.account["staff_id"], house.settings.session_life(), _own_act(house, request, tried.account),
            proof=proof,
        )  # fmt: skip
    return _told(begun)


async def by_code(house: House, request: Request, code: str) -> SessionView:
    """A session for the one-time code of a sign-in at the provider; raises NotSignedIn, TooMany."""
    request.state.rate = await house.rates.spend(RouteClass.SIGN_IN, _address(request), house.now())
    async with house.pool.connection() as conn:
        staff_id = await sessions.take_code(conn, code, house.now())
    if staff_id is None:
        raise NotSignedIn("the code was used, has expired, or is none of ours: sign in again")
    async with house.pool.connection() as conn:
        account = await accounts.find(conn, staff_id)
        act = _own_act(house, request, account)
        begun = await entering.let_in(conn, staff_id, house.settings.session_life(), act, proof=Proof("provider"))
    return _told(begun)


async def out(house: House, request: Request, staff: Staff) -> None:
    """End the session that the request came in with, at once; raises Conflicting for what is no session."""
    _only_of_a_session(staff)
    async with house.pool.connection() as conn:
        await entering.sign_out(conn, str(staff.token), staff.actor, act_of(house, request, staff))


async def change_own_password(house: House, request: Request, staff: Staff, old: str, new: str) -> None:
    """Change one's password and end all one's sessions; raises Forbidden, Faulty, TooMany, Conflicting."""
    _only_of_a_session(staff)
    async with house.pool.connection() as conn:
        account = await accounts.find(conn, staff.id)
    if fault := password_fault(new, account["username"]):
        raise Faulty([Fault("new_password", fault)])
    tried = await _try(house, Visitor(account["username"], _address(request)), old)
    if tried.account is None:
        raise Forbidden("the present password is another one")
    fresh = await asyncio.to_thread(passwords.hash_password, new)
    async with house.pool.connection() as conn:
        await entering.forget_failures(conn, tried.counted_as)
        await accounts.set_password(conn, staff.id, fresh, act_of(house, request, staff, "own_password"))


async def _try(house: House, visitor: Visitor, password: str) -> Tried:
    """Count the try, then look; whoever does not exist is looked at just as long."""
    async with house.pool.connection() as conn:
        account = await accounts.for_sign_in(conn, username=visitor.username)
        counted_as = visitor.counted_as(house.vault, account)
        wait = await entering.count_try(conn, counted_as, house.now())
    if wait:
        log.warning("sign_in_throttled", staff_id=account["staff_id"] if account else None)
        raise TooMany("too many tries to sign in", wait)
    # Hashing takes a core for a while: in a thread, the loop serves others meanwhile.
    fits = await asyncio.to_thread(passwords.matches, account["password_hash"] if account else None, password)
    if account is None or not fits or account["disabled_at"] is not None:
        log.warning("sign_in_refused", staff_id=account["staff_id"] if account else None, fits=fits)
        return Tried(None, counted_as)
    return Tried(account, counted_as)


def view_of(staff: Staff) -> WhoAmI:
    """Whoever sent the request."""
    told = StaffView(
        id=staff.id, role=staff.role, permissions=sorted(staff.permissions), warehouses=list(staff.warehouses),
        channels=list(staff.channels),
    )  # fmt: skip
    return WhoAmI(expires_at=staff.expires_at, staff=told)


def act_of(house: House, request: Request, staff: Staff, why: str = "") -> Act:
    """What somebody signed in does to accounts, for the record (R23)."""
    return Act(staff.actor, house.now(), why, request.state.request_id)


def _own_act(house: House, request: Request, account: Row) -> Act:
    by = Actor(id=account["staff_id"], role=account["role"])
    return Act(by, house.now(), request_id=request.state.request_id)


def _told(begun: Begun | None) -> SessionView:
    if begun is None:
        raise NotSignedIn("the account was changed or disabled meanwhile")
    account, role = begun.account, Role(begun.account["role"])
    staff = StaffView(
        id=account["staff_id"], role=role, permissions=sorted(GRANTS[role]), warehouses=account["warehouses"],
        channels=account["channels"],
    )  # fmt: skip
    return SessionView(access_token=begun.token, expires_at=begun.expires_at, staff=staff)


def _only_of_a_session(staff: Staff) -> None:
    if not staff.is_of_a_session:
        raise Conflicting("this token is no session: a machine's is revoked by an administrator")


def _address(request: Request) -> str:
    """The network address that tries are counted by; of IPv6 the /64 that one household has to itself."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    return host if address.version == 4 else str(ip_network((address, _ONE_HOUSEHOLD), strict=False))

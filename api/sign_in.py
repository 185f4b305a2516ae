"""Signing in and out: by password, or by the company's identity provider (R22)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

import structlog
from fastapi import Request

from api.house import House
from api.problems import Conflicting, Faulty, Forbidden, NotSignedIn, TooMany
from api.rates import RouteClass
from api.schemas.sign_in import SessionView, StaffView, WhoAmI
from api.staff import Session, Staff, owes_of
from domain.intake import Fault
from domain.permissions import GRANTS, Role
from domain.second_factor import GIVEN_PASSWORD_HOLDS
from domain.sign_in import username_of
from models.base import Actor
from runtime import passwords, weak_passwords
from store import accounts, second_factors, sessions
from store import sign_in as entering
from store.accounts import Act
from store.idempotency import fingerprint
from store.pool import Row
from store.sign_in import Begun, Proof, Visitor

_ONE_HOUSEHOLD = 64

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Tried:
    """A password, and a code where one is asked for, that were held against an account: None when they did not fit.

    ``factor`` is how the second factor was shown.
    """

    account: Row | None
    counted_as: bytes
    factor: str = ""


async def by_password(house: House, request: Request, username: str, password: str, code: str) -> SessionView:
    """A session for whoever knows the password, and has the second factor; raises NotSignedIn, TooMany.

    Which of the two was wrong is not told: else a password could be guessed without the other.
    """
    request.state.rate = await house.rates.spend(RouteClass.SIGN_IN, _address(request), house.now())
    visitor = Visitor(username_of(username), _address(request))
    tried = await try_out(house, visitor, password, code)
    if tried.account is None:
        raise NotSignedIn("the username, the password or the code of the second factor is wrong")
    proof = Proof("password", tried.account["password_hash"], visitor.known_as(house.vault), tried.factor)
    async with house.pool.connection() as conn:
        await entering.forget_failures(conn, tried.counted_as)
        begun = await entering.let_in(
            conn, tried.account["staff_id"], house.settings.session_life(), _own_act(house, request, tried.account),
            proof=proof,
        )  # fmt: skip
    return _told(house, begun, proof.how)


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
        proof = Proof("provider", known_address=address_of(house, request))
        begun = await entering.let_in(conn, staff_id, house.settings.session_life(), act, proof=proof)
    return _told(house, begun, proof.how)


async def out(house: House, request: Request, staff: Staff) -> None:
    """End the session that the request came in with, at once; raises Conflicting for what is no session."""
    only_of_a_session(staff)
    async with house.pool.connection() as conn:
        await entering.sign_out(conn, str(staff.token), staff.actor, act_of(house, request, staff))


async def change_own_password(house: House, request: Request, staff: Staff, old: str, new: str, code: str) -> None:
    """Change one's password and end all one's sessions; raises Forbidden, Faulty, TooMany, Conflicting."""
    only_of_a_session(staff)
    async with house.pool.connection() as conn:
        account = await accounts.find(conn, staff.id)
    if fault := await fault_of(house, new, account["username"]):
        raise Faulty([Fault("new_password", fault)])
    if new == old:
        raise Faulty([Fault("new_password", "is the present one")])
    await prove(house, request, staff, old, code)
    fresh = await asyncio.to_thread(passwords.hash_password, new)
    async with house.pool.connection() as conn:
        act = act_of(house, request, staff, "own_password")
        await accounts.set_password(conn, staff.id, fresh, act, by_another=False)


async def fault_of(house: House, password: str, username: str) -> str | None:
    """What is wrong with a new password, if anything."""
    return await asyncio.to_thread(weak_passwords.fault, password, username, house.settings.breached_list())


async def prove(house: House, request: Request, staff: Staff, password: str, code: str | None) -> str:
    """Have whoever is signed in show again who they are; their username. ``code`` None asks for the password alone.

    Raises Forbidden, TooMany: it is counted as a sign-in is.
    """
    async with house.pool.connection() as conn:
        account = await accounts.find(conn, staff.id)
    tried = await try_out(house, Visitor(account["username"], _address(request)), password, code)
    if tried.account is None:
        raise Forbidden("the present password, or the code of the second factor, is another one")
    async with house.pool.connection() as conn:
        await entering.forget_failures(conn, tried.counted_as)
    return str(account["username"])


async def try_out(house: House, visitor: Visitor, password: str, code: str | None) -> Tried:
    """Count the try, then look at both; whoever does not exist is looked at just as long."""
    async with house.pool.connection() as conn:
        account = await accounts.for_sign_in(conn, username=visitor.username)
        # Who knows the password only must not have guesses at the code forgotten by showing it.
        alone = fingerprint(house.vault, f"password-alone\0{visitor.username}")
        counted_as = alone if code is None else visitor.counted_as(house.vault, account)
        wait = await entering.count_try(conn, counted_as, house.now())
    if wait:
        log.warning("sign_in_throttled", staff_id=account["staff_id"] if account else None)
        raise TooMany("too many tries to sign in", wait)
    # Hashing takes a core for a while: in a thread, the loop serves others meanwhile.
    fits = await asyncio.to_thread(passwords.matches, account["password_hash"] if account else None, password)
    fits = fits and account is not None and _still_good(account, house)
    factor: str | None = ""
    if code is not None:
        async with house.pool.connection() as conn:
            staff_id = account["staff_id"] if account else ""
            factor = await second_factors.spend(conn, house.vault, staff_id, code, house.now(), fits=fits)
    if account is None or not fits or factor is None:
        log.warning(
            "sign_in_refused", staff_id=account["staff_id"] if account else None, fits=fits, factor=factor is not None
        )
        return Tried(None, counted_as)
    return Tried(account, counted_as, factor)


def _still_good(account: Row, house: House) -> bool:
    """Whether a password that fits opens anything: not a disabled account's, nor one given and never changed."""
    stale = account["password_by_another"] and house.now() - account["password_set_at"] > GIVEN_PASSWORD_HOLDS
    return account["disabled_at"] is None and not stale


def view_of(staff: Staff) -> WhoAmI:
    """Whoever sent the request."""
    told = StaffView(
        id=staff.id, role=staff.role, permissions=sorted(staff.permissions), warehouses=list(staff.warehouses),
        channels=list(staff.channels), owes=list(staff.owes),
    )  # fmt: skip
    return WhoAmI(expires_at=staff.expires_at, staff=told)


def act_of(house: House, request: Request, staff: Staff, why: str = "") -> Act:
    """What somebody signed in does to accounts, for the record (R23)."""
    return Act(staff.actor, house.now(), why, request.state.request_id)


def _own_act(house: House, request: Request, account: Row) -> Act:
    by = Actor(id=account["staff_id"], role=account["role"])
    return Act(by, house.now(), request_id=request.state.request_id)


def _told(house: House, begun: Begun | None, how: str) -> SessionView:
    if begun is None:
        raise NotSignedIn("the account was changed or disabled meanwhile")
    account, role = begun.account, Role(begun.account["role"])
    staff = StaffView(
        id=account["staff_id"], role=role, permissions=sorted(GRANTS[role]), warehouses=account["warehouses"],
        channels=account["channels"], owes=list(owes_of(house.settings, account | {"how": how})),
    )  # fmt: skip
    return SessionView(access_token=begun.token, expires_at=begun.expires_at, staff=staff)


def only_of_a_session(staff: Staff) -> Session:
    """The session that a request came in with; raises Conflicting for what is none."""
    if staff.session is None:
        raise Conflicting("this token is no session: a machine's is revoked by an administrator")
    return staff.session


def address_of(house: House, request: Request) -> bytes:
    """The network address of a request, as sessions keep it."""
    return Visitor("", _address(request)).known_as(house.vault)


def _address(request: Request) -> str:
    """The network address that tries are counted by; of IPv6 the /64 that one household has to itself."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    return host if address.version == 4 else str(ip_network((address, _ONE_HOUSEHOLD), strict=False))

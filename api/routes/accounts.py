"""Accounts of the staff: opened, changed, disabled by an administrator; every act on record (R22, R23)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel

from api import own_sessions
from api.auth import Staff, allowed
from api.house import House, InHouse
from api.once import Answer, Asking, Key, once
from api.pages import Cursor, Limit, cursor_of, key_of
from api.problems import REFUSALS, Conflicting, Faulty, NotThere, among
from api.schemas.own_account import EndAnothers, OpenSessions
from api.schemas.sign_in import (
    AccountPage,
    AccountView,
    Because,
    NewAccountBody,
    NewPassword,
    NewRole,
    NewScope,
)
from api.sign_in import act_of, fault_of
from domain.intake import Fault
from domain.permissions import Permission, Role
from runtime import passwords
from store import accounts, second_factors
from store.accounts import AccountError, Act, NewAccount, UnknownAccount
from store.pool import Connection, Row

router = APIRouter(prefix="/v1/accounts", tags=["accounts"])

Administrator = Annotated[Staff, Depends(allowed(Permission.ACCOUNT_MANAGE))]
StaffId = Annotated[str, Path(pattern=r"^staff-[0-9a-f]{8}$", examples=["staff-3f9a1c2e"])]
Change = Callable[[Connection, Act], Awaitable[Row]]
_REFUSED = among(401, 403, 409, 422, 429)
_CHANGE_REFUSED = REFUSALS | among(404, 409)


@router.get("", responses=REFUSALS, summary="List the accounts")
async def list_accounts(house: InHouse, by: Administrator, limit: Limit = 50, cursor: Cursor = None) -> AccountPage:
    """A keyset page by username, disabled ones too."""
    del by
    after = cast("tuple[str] | None", key_of(cursor, str)) or ("",)
    async with house.pool.connection() as conn:
        rows = await accounts.page(conn, after=after[0], limit=limit + 1)
    shown = [AccountView.of(row) for row in rows[:limit]]
    return AccountPage(items=shown, next_cursor=cursor_of(shown[-1].username) if len(rows) > limit else None)


@router.post("", status_code=201, response_model=AccountView, responses=_REFUSED, summary="Open an account")
async def create(request: Request, body: NewAccountBody, key: Key, house: InHouse, by: Administrator) -> Response:
    """Open an account. Its staff id is what stands in the record; the username stands here only."""
    faults = body.faults()
    if body.password and (fault := await fault_of(house, body.password.get_secret_value(), body.username)):
        faults["password"] = fault
    if faults:
        raise Faulty([Fault(name, fault) for name, fault in faults.items()])

    async def open_it(conn: Connection, act: Act) -> Row:
        hashed = await _hashed(body.password.get_secret_value()) if body.password else None
        new = NewAccount(
            body.username, body.role, hashed, warehouses=tuple(body.warehouses), channels=tuple(body.channels),
            password_by_another=hashed is not None,
        )  # fmt: skip
        return await accounts.create(conn, new, act)

    return await _once(house, request, by, key, body, open_it, status=201)


@router.post("/{staff_id}/role", response_model=AccountView, responses=_CHANGE_REFUSED, summary="Give another role")
async def change_role(
    request: Request, staff_id: StaffId, body: NewRole, key: Key, house: InHouse, by: Administrator
) -> Response:
    """Another role from the next request on; every session of the account ends."""
    if body.role is Role.INTEGRATOR:
        raise Faulty([Fault("role", "is a machine's: issue a token instead")])
    return await _once(
        house, request, by, key, body, lambda conn, act: accounts.change_role(conn, staff_id, body.role, act)
    )


@router.post("/{staff_id}/disable", response_model=AccountView, responses=_CHANGE_REFUSED, summary="Disable an account")
async def disable(
    request: Request, staff_id: StaffId, body: Because, key: Key, house: InHouse, by: Administrator
) -> Response:
    """Nobody signs in with it any more, and whoever is signed in is out at the next request."""
    return await _once(house, request, by, key, body, lambda conn, act: accounts.disable(conn, staff_id, act))


@router.post("/{staff_id}/enable", response_model=AccountView, responses=_CHANGE_REFUSED, summary="Enable an account")
async def enable(
    request: Request, staff_id: StaffId, body: Because, key: Key, house: InHouse, by: Administrator
) -> Response:
    """It may sign in again."""
    return await _once(house, request, by, key, body, lambda conn, act: accounts.enable(conn, staff_id, act))


@router.post("/{staff_id}/password", response_model=AccountView, responses=_CHANGE_REFUSED, summary="Set a password")
async def set_password(
    request: Request, staff_id: StaffId, body: NewPassword, key: Key, house: InHouse, by: Administrator
) -> Response:
    """Set a password in somebody's place; every session of the account ends.

    Within seven days it lets them in once more, to choose one of their own; it opens nothing else.
    """
    password = body.password.get_secret_value()

    async def put(conn: Connection, act: Act) -> Row:
        account = await accounts.find(conn, staff_id)
        if fault := await fault_of(house, password, account["username"]):
            raise Faulty([Fault("password", fault)])
        return await accounts.set_password(conn, staff_id, await _hashed(password), act)

    return await _once(house, request, by, key, body, put)


@router.post("/{staff_id}/scope", response_model=AccountView, responses=_CHANGE_REFUSED, summary="Confine an account")
async def set_scope(
    request: Request, staff_id: StaffId, body: NewScope, key: Key, house: InHouse, by: Administrator
) -> Response:
    """The warehouses and channels it is confined to from the next request on; empty is no confinement."""

    async def put(conn: Connection, act: Act) -> Row:
        return await accounts.set_scope(conn, staff_id, warehouses=body.warehouses, channels=body.channels, act=act)

    return await _once(house, request, by, key, body, put)


@router.post(
    "/{staff_id}/second-factor/reset", response_model=AccountView, responses=_CHANGE_REFUSED,
    summary="Take a second factor away",
)  # fmt: skip
async def reset_second_factor(
    request: Request, staff_id: StaffId, body: Because, key: Key, house: InHouse, by: Administrator
) -> Response:
    """For whoever lost it, recovery codes and all: every session ends, the next sign-in leads to another.

    Nobody resets their own: whoever sits down at an open session would be in for good.
    """
    if staff_id == by.id:
        raise Conflicting("your own is reset by somebody else who manages accounts, or at the command line")
    return await _once(house, request, by, key, body, lambda conn, act: second_factors.reset(conn, staff_id, act))


@router.get("/{staff_id}/sessions", responses=REFUSALS | among(404), summary="List the sessions of an account")
async def list_sessions(staff_id: StaffId, house: InHouse, by: Administrator) -> OpenSessions:
    """Each sign-in of the account that still holds."""
    del by
    return await own_sessions.of_account(house, staff_id)


@router.post(
    "/{staff_id}/sessions/end", response_model=AccountView, responses=_CHANGE_REFUSED,
    summary="End sessions of an account",
)  # fmt: skip
async def end_sessions(
    request: Request, staff_id: StaffId, body: EndAnothers, key: Key, house: InHouse, by: Administrator
) -> Response:
    """The session named, or all of them, open nothing from now on; the account may sign in again."""

    async def put(conn: Connection, act: Act) -> Row:
        if body.session_id is None:
            return await accounts.end_sessions(conn, staff_id, act)
        await own_sessions.end_of(conn, staff_id, body.session_id, act)
        return await accounts.find(conn, staff_id)

    return await _once(house, request, by, key, body, put)


async def _once(
    house: House, request: Request, by: Staff, key: str, body: BaseModel, change: Change, status: int = 200
) -> Response:
    async def act() -> Answer:
        why = str(getattr(body, "why", ""))
        try:
            async with house.pool.connection() as conn:
                row = await change(conn, act_of(house, request, by, why))
        except UnknownAccount as error:
            raise NotThere(str(error)) from None
        except AccountError as error:
            raise Conflicting(str(error)) from None
        return Answer.of(AccountView.of(row), status)

    # A secret is masked in what is compared, so no password goes into the key's fingerprint.
    return await once(house, Asking.by(by.id, key, request, body), act)


async def _hashed(password: str) -> str:
    return await asyncio.to_thread(passwords.hash_password, password)

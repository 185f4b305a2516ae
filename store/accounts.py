"""Accounts: who works here, in which role, and every change to it, on record (R22, R23).

All acts share one chain of the record, ``accounts``; its lock makes them follow one another, so the
last administrator cannot leave twice at once. No password, hash, token or username stands in it.

AccountError (StoreError)
├── UnknownAccount       no account of that id
├── UsernameTaken        somebody has it already
└── LastAdministrator    nobody would be left who could manage accounts
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg import sql
from psycopg.errors import UniqueViolation

from domain.permissions import Permission, Role, may
from models.base import Actor
from store import audit, sessions
from store.errors import StoreError
from store.pool import Connection, Row

CHAIN = "accounts"
_SHOWN = """
staff_id, username, role, warehouses, channels, created_at, disabled_at, last_sign_in, subject, password_by_another,
EXISTS (SELECT FROM second_factors f WHERE f.staff_id = accounts.staff_id AND f.confirmed_at IS NOT NULL)
    AS second_factor
"""
_FIND = f"SELECT {_SHOWN} FROM accounts WHERE staff_id = %s"
_OF_SUBJECT = f"SELECT {_SHOWN} FROM accounts WHERE subject = %s"
_PAGE = f"SELECT {_SHOWN} FROM accounts WHERE username > %s ORDER BY username LIMIT %s"


class AccountError(StoreError):
    """The accounts forbid it."""


class UnknownAccount(AccountError):
    """No account of that id."""

    def __init__(self) -> None:
        super().__init__("there is no such account")


class UsernameTaken(AccountError):
    """Somebody has that username already."""

    def __init__(self) -> None:
        super().__init__("that username is taken")


class LastAdministrator(AccountError):
    """Nobody would be left who could manage accounts."""

    def __init__(self) -> None:
        super().__init__("this is the last administrator: make somebody else one first")


@dataclass(frozen=True)
class Act:
    """Who does something to accounts, when, why; ``request_id`` is the request it came by."""

    by: Actor
    at: datetime
    why: str = ""
    request_id: str | None = None


@dataclass(frozen=True)
class NewAccount:
    """An account to open. ``subject`` is who they are at the identity provider, as "issuer subject".

    A password that is not their own (``password_by_another``) opens nothing but the change of it.
    """

    username: str = field(repr=False)
    role: Role
    password_hash: str | None = field(default=None, repr=False)
    subject: str | None = field(default=None, repr=False)
    warehouses: Sequence[str] = ()
    channels: Sequence[str] = ()
    password_by_another: bool = False


async def create(conn: Connection, new: NewAccount, act: Act) -> Row:
    """Open an account; raises :class:`UsernameTaken`. Returns it as :func:`find` does."""
    chain = await audit.lock(conn, CHAIN)
    staff_id = f"staff-{secrets.token_hex(4)}"
    values = {
        "staff_id": staff_id, "username": new.username, "role": new.role.value, "subject": new.subject,
        "password_hash": new.password_hash, "warehouses": list(new.warehouses), "channels": list(new.channels),
        "at": act.at, "by": act.by.id, "by_another": new.password_by_another,
    }  # fmt: skip
    try:
        async with conn.transaction():
            await conn.execute(_CREATE, values)
    except UniqueViolation:
        raise UsernameTaken from None
    details = {"staff_id": staff_id, "warehouses": list(new.warehouses), "channels": list(new.channels)}
    await audit.append(conn, entry(act, "account_created", details, after=new.role), chain)
    return await find(conn, staff_id)


_CREATE = """
INSERT INTO accounts (staff_id, username, role, password_hash, subject, warehouses, channels, created_at, created_by,
                      password_by_another, password_set_at)
VALUES (%(staff_id)s, %(username)s, %(role)s, %(password_hash)s, %(subject)s, %(warehouses)s, %(channels)s, %(at)s,
        %(by)s, %(by_another)s, CASE WHEN %(password_hash)s::text IS NULL THEN NULL ELSE %(at)s::timestamptz END)
"""


async def find(conn: Connection, staff_id: str) -> Row:
    """What may be shown of an account; raises :class:`UnknownAccount`."""
    cursor = await conn.execute(_FIND, (staff_id,))
    row = await cursor.fetchone()
    if row is None:
        raise UnknownAccount
    return row


async def for_sign_in(conn: Connection, *, username: str) -> Row | None:
    """The whole row behind a username, its hash included: for signing in only."""
    cursor = await conn.execute("SELECT * FROM accounts WHERE username = %s", (username,))
    return await cursor.fetchone()


async def of_subject(conn: Connection, subject: str) -> Row | None:
    """The account of somebody the identity provider knows."""
    cursor = await conn.execute(_OF_SUBJECT, (subject,))
    return await cursor.fetchone()


async def page(conn: Connection, *, after: str = "", limit: int = 100) -> list[Row]:
    """Accounts by username, a keyset page after that username."""
    cursor = await conn.execute(_PAGE, (after, limit))
    return await cursor.fetchall()


async def id_of(conn: Connection, username: str) -> str:
    """The staff id behind a username; raises :class:`UnknownAccount`."""
    row = await for_sign_in(conn, username=username)
    if row is None:
        raise UnknownAccount
    return str(row["staff_id"])


# --- changes: each ends every session of the account ----------------------------------


async def change_role(conn: Connection, staff_id: str, role: Role, act: Act) -> Row:
    """Give another role; raises UnknownAccount, LastAdministrator."""
    return await _change(conn, staff_id, act, "account_role_changed", {"role": role.value})


async def disable(conn: Connection, staff_id: str, act: Act) -> Row:
    """Nobody signs in with it any more; raises UnknownAccount, LastAdministrator."""
    return await _change(conn, staff_id, act, "account_disabled", {"disabled_at": act.at})


async def enable(conn: Connection, staff_id: str, act: Act) -> Row:
    """Let it sign in again; raises UnknownAccount."""
    return await _change(conn, staff_id, act, "account_enabled", {"disabled_at": None})


async def set_password(
    conn: Connection, staff_id: str, password_hash: str, act: Act, *, by_another: bool = True
) -> Row:
    """Another password, their own or one to be changed; raises UnknownAccount. What it was or is stands nowhere."""
    change = {"password_hash": password_hash, "password_set_at": act.at, "password_by_another": by_another}
    return await _change(conn, staff_id, act, "account_password_set", change)


async def set_scope(
    conn: Connection, staff_id: str, *, warehouses: Sequence[str], channels: Sequence[str], act: Act
) -> Row:
    """The warehouses and channels it is confined to; empty is all. Raises UnknownAccount."""
    scope = {"warehouses": list(warehouses), "channels": list(channels)}
    return await _change(conn, staff_id, act, "account_scope_changed", scope)


async def end_sessions(conn: Connection, staff_id: str, act: Act, what: str = "account_signed_out") -> Row:
    """Nothing changes but that every session ends; raises UnknownAccount."""
    chain = await audit.lock(conn, CHAIN)
    row = await find(conn, staff_id)
    await sessions.end_all(conn, staff_id)
    await audit.append(conn, entry(act, what, {"staff_id": staff_id}), chain)
    return row


async def _change(conn: Connection, staff_id: str, act: Act, what: str, change: Mapping[str, Any]) -> Row:
    chain = await audit.lock(conn, CHAIN)
    before = await find(conn, staff_id)
    columns = sql.SQL(", ").join(
        sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in change
    )
    update = sql.SQL("UPDATE accounts SET {} WHERE staff_id = %(id)s").format(columns)
    await conn.execute(update, {**change, "id": staff_id})
    after = await find(conn, staff_id)
    if _manages(before) and not _manages(after):
        await _somebody_manages(conn)
    await sessions.end_all(conn, staff_id)
    details = {"staff_id": staff_id} | {name: after[name] for name in ("warehouses", "channels") if name in change}
    await audit.append(conn, entry(act, what, details, before=_stands(before), after=_stands(after)), chain)
    return after


def _manages(row: Row) -> bool:
    # Whoever is confined manages none: store.scopes.
    free = not row["warehouses"] and not row["channels"]
    return free and may(row["role"], Permission.ACCOUNT_MANAGE) and row["disabled_at"] is None


def _stands(row: Row) -> str:
    return f"{row['role']}{', disabled' if row['disabled_at'] else ''}"


async def _somebody_manages(conn: Connection) -> None:
    managing = [role.value for role in Role if may(role, Permission.ACCOUNT_MANAGE)]
    cursor = await conn.execute(
        "SELECT 1 FROM accounts WHERE role = ANY(%s) AND disabled_at IS NULL"
        " AND warehouses = '{}' AND channels = '{}' LIMIT 1",
        (managing,),
    )
    if await cursor.fetchone() is None:
        raise LastAdministrator


def entry(
    act: Act, what: str, details: Mapping[str, Any], *, before: str | None = None, after: str | None = None
) -> audit.Entry:
    """An act on accounts or tokens, as it goes on record."""
    return audit.Entry(
        subject=CHAIN, at=act.at, by=act.by, act=what, before=before, after=after, why=act.why, details=details,
        request_id=act.request_id,
    )  # fmt: skip

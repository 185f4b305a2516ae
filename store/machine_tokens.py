"""Tokens of integrators' machines: shown once, stored hashed, expiring, revoked at once; on record (R22, R23)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from runtime import opaque
from store import accounts, audit
from store.accounts import Act
from store.errors import StoreError
from store.pool import Connection, Row

_SHOWN = (
    "token_id, label, channels, permissions, issued_by, issued_at, expires_at, revoked_at, revoked_by, last_used_at"
)
_ISSUE = f"""
INSERT INTO machine_tokens (token_id, token_hash, label, channels, permissions, issued_by, issued_at, expires_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING {_SHOWN}
"""
_LOOK_UP = f"SELECT {_SHOWN} FROM machine_tokens WHERE token_hash = %s AND revoked_at IS NULL AND expires_at > %s"
_PAGE = f"SELECT {_SHOWN} FROM machine_tokens WHERE token_id > %s ORDER BY token_id LIMIT %s"
_MARKED_EVERY = timedelta(minutes=1)


class UnknownToken(StoreError):
    """No token of that id that could be revoked."""

    def __init__(self) -> None:
        super().__init__("there is no such token, or it is revoked already")


@dataclass(frozen=True)
class NewToken:
    """A token to issue. ``permissions`` None is all of the integrator's; empty ``channels`` is all channels."""

    label: str
    channels: Sequence[str]
    permissions: Sequence[str] | None
    expires_at: datetime


async def issue(conn: Connection, new: NewToken, act: Act) -> tuple[str, Row]:
    """A fresh token, which is told once, and what is kept of it."""
    token, token_id = opaque.new_token(opaque.MACHINE), f"machine-{secrets.token_hex(4)}"
    granted = None if new.permissions is None else sorted(new.permissions)
    cursor = await conn.execute(
        _ISSUE,
        (token_id, opaque.digest(token), new.label, list(new.channels), granted, act.by.id, act.at, new.expires_at),
    )
    row = await cursor.fetchone()
    assert row is not None
    details = {"token_id": token_id, "label": new.label, "channels": list(new.channels), "permissions": granted}
    details["expires_at"] = new.expires_at.isoformat()
    await audit.append(conn, accounts.entry(act, "token_issued", details))
    return token, row


async def revoke(conn: Connection, token_id: str, act: Act) -> None:
    """From the next request on it opens nothing; raises :class:`UnknownToken`."""
    # The chain first, as everywhere: a review that revokes and a revoking by hand never wait for each other in a ring.
    chain = await audit.lock(conn, accounts.CHAIN)
    cursor = await conn.execute(
        "UPDATE machine_tokens SET revoked_at = %s, revoked_by = %s WHERE token_id = %s AND revoked_at IS NULL",
        (act.at, act.by.id, token_id),
    )
    if cursor.rowcount == 0:
        raise UnknownToken
    await audit.append(conn, accounts.entry(act, "token_revoked", {"token_id": token_id}), chain)


async def look_up(conn: Connection, token: str, at: datetime) -> Row | None:
    """What a token opens, if it holds; its use is marked from time to time."""
    cursor = await conn.execute(
        _LOOK_UP,
        (opaque.digest(token), at),
    )
    row = await cursor.fetchone()
    if row is not None and (row["last_used_at"] is None or at - row["last_used_at"] >= _MARKED_EVERY):
        await conn.execute("UPDATE machine_tokens SET last_used_at = %s WHERE token_id = %s", (at, row["token_id"]))
    return row


async def page(conn: Connection, *, after: str = "", limit: int = 100) -> list[Row]:
    """Tokens by id, revoked ones too; a keyset page. The token itself is kept nowhere."""
    cursor = await conn.execute(_PAGE, (after, limit))
    return await cursor.fetchall()

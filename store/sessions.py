"""Sessions: opened by a sign-in, looked up at every request, ended at once, listed for their owner (R22).

Role, scope and whether the account is disabled are read with the session, so a change of any of
them takes effect at the next request.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime

from domain.sign_in import CODE_HOLDS, MOST_SESSIONS, SessionLife
from runtime import opaque
from store.pool import Connection, Row

_FIND = """
SELECT s.token_hash, s.session_id, s.how, s.started_at, s.seen_at, s.ends_at, a.staff_id, a.role, a.warehouses,
       a.channels, a.password_by_another,
       EXISTS (SELECT FROM second_factors f WHERE f.staff_id = a.staff_id AND f.confirmed_at IS NOT NULL)
           AS second_factor
FROM sessions s JOIN accounts a USING (staff_id)
WHERE s.token_hash = %s AND a.disabled_at IS NULL
"""


@dataclass(frozen=True)
class Coming:
    """How somebody came in ("password", "provider"), and from which address, as a keyed hash."""

    how: str
    address: bytes | None = field(default=None, repr=False)


async def begin(
    conn: Connection, staff_id: str, life: SessionLife, at: datetime, coming: Coming
) -> tuple[str, datetime]:
    """A fresh session's token, which is told once, and when it ends at the latest; what has ended is cleared away."""
    await conn.execute(
        "DELETE FROM sessions WHERE staff_id = %s AND (ends_at <= %s OR seen_at <= %s)", (staff_id, at, at - life.idle)
    )
    # One more than may be: the one that was used longest ago makes place (ASVS 7.1.2).
    await conn.execute(
        "DELETE FROM sessions WHERE token_hash IN"
        " (SELECT token_hash FROM sessions WHERE staff_id = %s ORDER BY seen_at DESC OFFSET %s)",
        (staff_id, MOST_SESSIONS - 1),
    )
    token, ends_at = opaque.new_token(opaque.SESSION), at + life.absolute
    await conn.execute(
        "INSERT INTO sessions (token_hash, session_id, staff_id, started_at, seen_at, ends_at, how, address)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (opaque.digest(token), _new_id(), staff_id, at, at, ends_at, coming.how, coming.address),
    )
    return token, ends_at


def _new_id() -> str:
    # Not derived of the token: a session can be named without being opened.
    return f"session-{secrets.token_hex(8)}"


async def look_up(conn: Connection, token: str, life: SessionLife, at: datetime, *, in_use: bool = True) -> Row | None:
    """Whose session it is, if it stands; its use is marked from time to time, where this is one."""
    cursor = await conn.execute(_FIND, (opaque.digest(token),))
    row = await cursor.fetchone()
    if row is None or not life.holds(row["seen_at"], row["ends_at"], at):
        return None
    if in_use and life.due_for_a_mark(row["seen_at"], at):
        await conn.execute("UPDATE sessions SET seen_at = %s WHERE token_hash = %s", (at, row["token_hash"]))
    return row


async def of_account(conn: Connection, staff_id: str, life: SessionLife, at: datetime) -> list[Row]:
    """The sessions of an account that stand, the last used first; no token and no hash of one is among it."""
    cursor = await conn.execute(
        "SELECT session_id, how, started_at, seen_at, ends_at, address FROM sessions"
        " WHERE staff_id = %s AND ends_at > %s AND seen_at > %s ORDER BY seen_at DESC, session_id",
        (staff_id, at, at - life.idle),
    )
    return await cursor.fetchall()


async def end(conn: Connection, token: str) -> str | None:
    """End this session; the staff id whose it was, if there was one."""
    cursor = await conn.execute(
        "DELETE FROM sessions WHERE token_hash = %s RETURNING staff_id", (opaque.digest(token),)
    )
    row = await cursor.fetchone()
    return None if row is None else str(row["staff_id"])


async def end_one(conn: Connection, staff_id: str, session_id: str) -> bool:
    """End the account's session of this id; False when it has none such."""
    cursor = await conn.execute("DELETE FROM sessions WHERE staff_id = %s AND session_id = %s", (staff_id, session_id))
    return cursor.rowcount == 1


async def end_others(conn: Connection, staff_id: str, session_id: str) -> int:
    """End every session of the account but this one, and every code that could become one; how many ended."""
    await conn.execute("DELETE FROM sign_in_codes WHERE staff_id = %s", (staff_id,))
    cursor = await conn.execute("DELETE FROM sessions WHERE staff_id = %s AND session_id <> %s", (staff_id, session_id))
    return cursor.rowcount


async def end_all(conn: Connection, staff_id: str) -> None:
    """End every session of the account, and every code that could become one."""
    await conn.execute("DELETE FROM sessions WHERE staff_id = %s", (staff_id,))
    await conn.execute("DELETE FROM sign_in_codes WHERE staff_id = %s", (staff_id,))


async def give_code(conn: Connection, staff_id: str, at: datetime) -> str:
    """A code that becomes a session once, within a minute."""
    await conn.execute("DELETE FROM sign_in_codes WHERE expires_at <= %s", (at,))
    code = opaque.new_token(opaque.CODE)
    await conn.execute(
        "INSERT INTO sign_in_codes (code_hash, staff_id, expires_at) VALUES (%s, %s, %s)",
        (opaque.digest(code), staff_id, at + CODE_HOLDS),
    )
    return code


async def take_code(conn: Connection, code: str, at: datetime) -> str | None:
    """The staff id behind a code, which is spent by this."""
    cursor = await conn.execute(
        "DELETE FROM sign_in_codes WHERE code_hash = %s RETURNING staff_id, expires_at", (opaque.digest(code),)
    )
    row = await cursor.fetchone()
    return str(row["staff_id"]) if row is not None and at < row["expires_at"] else None

"""A buyer's link to an order: unguessable, expiring, revocable; only a hash of it is kept (R12).

The token is derived from the request that asked for it, so a retry gets the same link, and
nobody has to keep one.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from models.base import Actor
from runtime.crypto import Vault
from store import audit, idempotency, steps
from store.pool import Connection, Row


@dataclass(frozen=True)
class Link:
    """A link that was just made: the only time its token is seen."""

    token: str = field(repr=False)
    expires_at: datetime


async def make(
    conn: Connection, vault: Vault, order_no: str, *, key: str, by: Actor, at: datetime, expires_at: datetime
) -> Link:
    """Make the link and put it on the order's record; the same request gets the same link."""
    token = base64.urlsafe_b64encode(idempotency.fingerprint(vault, f"tracking-link {order_no} {by.id} {key}"))
    text = token.decode().rstrip("=")
    chain = await audit.lock(conn, steps.subject_of(order_no))
    cursor = await conn.execute(
        "INSERT INTO tracking_links (token_hash, order_no, created_by, created_at, expires_at)"
        " VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (_hash(text), order_no, by.id, at, expires_at),
    )
    if cursor.rowcount:
        details = {"expires_at": expires_at.isoformat()}
        await audit.append(conn, _entry(order_no, "tracking_link_made", by, at, details), chain)
    row = await _row(conn, text)
    return Link(text, row["expires_at"] if row else expires_at)


async def revoke(conn: Connection, order_no: str, *, by: Actor, at: datetime) -> int:
    """Revoke every link of the order that still holds; returns how many."""
    chain = await audit.lock(conn, steps.subject_of(order_no))
    cursor = await conn.execute(
        "UPDATE tracking_links SET revoked_at = %(at)s"
        " WHERE order_no = %(order_no)s AND revoked_at IS NULL AND expires_at > %(at)s",
        {"order_no": order_no, "at": at},
    )
    if cursor.rowcount:
        details = {"links": cursor.rowcount}
        await audit.append(conn, _entry(order_no, "tracking_links_revoked", by, at, details), chain)
    return cursor.rowcount


async def order_of(conn: Connection, token: str, at: datetime) -> str | None:
    """The order behind a link; None for every link that does not hold: unknown, expired, revoked, buyer erased."""
    cursor = await conn.execute(_HOLDS, {"hash": _hash(token), "at": at})
    row = await cursor.fetchone()
    return row["order_no"] if row else None


async def _row(conn: Connection, token: str) -> Row | None:
    cursor = await conn.execute("SELECT * FROM tracking_links WHERE token_hash = %s", (_hash(token),))
    return await cursor.fetchone()


def _hash(token: str) -> bytes:
    return sha256(token.encode()).digest()


def _entry(order_no: str, act: str, by: Actor, at: datetime, details: Mapping[str, object]) -> audit.Entry:
    return audit.Entry(
        subject=steps.subject_of(order_no), order_no=order_no, at=at, by=by, act=act, details=details
    )  # fmt: skip


_HOLDS = """
SELECT l.order_no FROM tracking_links l JOIN orders USING (order_no) LEFT JOIN contacts c USING (contact_id)
WHERE l.token_hash = %(hash)s AND l.expires_at > %(at)s AND l.revoked_at IS NULL AND c.erased_at IS NULL
"""

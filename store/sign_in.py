"""Signing in: tries are counted before the password is looked at, and a sign-in goes on record (R22, R23).

Counting first is what stops a hundred guesses sent at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.sign_in import FORGOTTEN_AFTER, SessionLife, Tries
from models.base import Actor
from runtime.crypto import Vault
from store import accounts, audit, sessions
from store.accounts import Act
from store.idempotency import fingerprint
from store.pool import Connection, Row


@dataclass(frozen=True)
class Visitor:
    """Somebody who wants in: what they call themselves, and the network address they come from."""

    username: str = field(repr=False)
    address: str = field(repr=False)

    def known_as(self, vault: Vault) -> bytes:
        """The address as it is kept: a keyed hash."""
        return fingerprint(vault, f"address\0{self.address}")

    def counted_as(self, vault: Vault, account: Row | None) -> bytes:
        """Under what their failures are counted: at the owner's own address apart from everybody else's."""
        at_home = account is not None and account["known_address"] == self.known_as(vault)
        return fingerprint(vault, f"sign-in\0{self.username}\0{self.address if at_home else ''}")


async def count_try(conn: Connection, tried: bytes, at: datetime) -> timedelta:
    """Count a try as failed, or say how long to wait first; a try that has to wait is not counted."""
    await conn.execute("DELETE FROM sign_in_failures WHERE failed_at < %s", (at - FORGOTTEN_AFTER,))
    await conn.execute(
        "INSERT INTO sign_in_failures (tried, failed, failed_at) VALUES (%s, 0, %s) ON CONFLICT (tried) DO NOTHING",
        (tried, at),
    )
    cursor = await conn.execute("SELECT failed, failed_at FROM sign_in_failures WHERE tried = %s FOR UPDATE", (tried,))
    row = await cursor.fetchone()
    assert row is not None
    wait = Tries(row["failed"], row["failed_at"]).wait(at)
    if not wait:
        await conn.execute(
            "UPDATE sign_in_failures SET failed = failed + 1, failed_at = %s WHERE tried = %s", (at, tried)
        )
    return wait


@dataclass(frozen=True)
class Begun:
    """A session that was opened: the token is told once and stands nowhere."""

    token: str = field(repr=False)
    expires_at: datetime
    account: Row


@dataclass(frozen=True)
class Proof:
    """How somebody showed who they are: ``how`` in a word; a password by the hash it was held against.

    ``factor`` is how the second factor was shown ("code", "recovery"), where there is one.
    """

    how: str
    password_hash: str | None = field(default=None, repr=False)
    known_address: bytes | None = field(default=None, repr=False)
    factor: str = ""


async def let_in(conn: Connection, staff_id: str, life: SessionLife, act: Act, *, proof: Proof) -> Begun | None:
    """Open a session and put it on record; None when the account or its password was changed meanwhile."""
    chain = await audit.lock(conn, accounts.CHAIN)
    account = await accounts.find(conn, staff_id)
    if account["disabled_at"] is not None or not await _still(conn, staff_id, proof):
        return None
    if proof.how == "password" and account["second_factor"] and not proof.factor:
        # It was set up while the password was being checked: a password alone opens nothing any more.
        return None
    coming = sessions.Coming(proof.how, proof.known_address)
    token, expires_at = await sessions.begin(conn, staff_id, life, act.at, coming)
    await conn.execute(
        "UPDATE accounts SET last_sign_in = %s, known_address = coalesce(%s, known_address) WHERE staff_id = %s",
        (act.at, proof.known_address if proof.password_hash else None, staff_id),
    )
    told = {"staff_id": staff_id, "how": proof.how} | ({"second_factor": proof.factor} if proof.factor else {})
    await audit.append(conn, accounts.entry(act, "signed_in", told), chain)
    return Begun(token, expires_at, account)


async def _still(conn: Connection, staff_id: str, proof: Proof) -> bool:
    """A password that was changed while it was being checked opens nothing."""
    if proof.password_hash is None:
        return True
    cursor = await conn.execute(
        "SELECT 1 FROM accounts WHERE staff_id = %s AND password_hash = %s", (staff_id, proof.password_hash)
    )
    return await cursor.fetchone() is not None


async def forget_failures(conn: Connection, tried: bytes) -> None:
    """The password was right: what failed before counts no more."""
    await conn.execute("DELETE FROM sign_in_failures WHERE tried = %s", (tried,))


async def sign_out(conn: Connection, token: str, by: Actor, act: Act) -> bool:
    """End this session, on record; False when there was none."""
    staff_id = await sessions.end(conn, token)
    if staff_id is None:
        return False
    await audit.append(conn, accounts.entry(act, "signed_out", {"staff_id": by.id}))
    return True

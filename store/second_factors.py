"""Second factors of local accounts: begun, confirmed, asked for at each sign-in, reset; on record (R22, R23).

Secrets are sealed for their row; a code is spent by the statement that accepts it, so two requests
at once cannot both use it.

SecondFactorError (AccountError)
├── NothingBegun    no second factor waits for its first code
└── WrongCode       the code is not that of the second factor now
"""

from __future__ import annotations

import secrets
from datetime import datetime

from domain.second_factor import BEGUN_HOLDS
from runtime import second_factor
from runtime.crypto import Vault, place
from store import accounts, audit
from store.accounts import AccountError, Act
from store.pool import Connection, Row

_SEALED_AT = ("second_factors", "sealed")


class SecondFactorError(AccountError):
    """The second factor forbids it."""


class NothingBegun(SecondFactorError):
    """No second factor waits for its first code."""

    def __init__(self) -> None:
        super().__init__("no second factor waits for its first code, or it waited too long: begin again")


class WrongCode(SecondFactorError):
    """The code is another one by now, or was used."""

    def __init__(self) -> None:
        super().__init__("the code does not fit: each holds half a minute and is good once")


async def begin(conn: Connection, vault: Vault, staff_id: str, at: datetime) -> str:
    """A fresh secret, which stands for nothing before a code of it was seen; an earlier one that waits is dropped."""
    # The secret is bound to this id, and so to its owner: moved to another's account it fits nothing.
    await audit.lock(conn, accounts.CHAIN)
    secret, factor_id = second_factor.new_secret(), f"{staff_id}-{secrets.token_hex(8)}"
    await conn.execute("DELETE FROM second_factors WHERE staff_id = %s AND confirmed_at IS NULL", (staff_id,))
    await conn.execute(
        "INSERT INTO second_factors (factor_id, staff_id, sealed, begun_at) VALUES (%s, %s, %s, %s)",
        (factor_id, staff_id, vault.seal_message(secret.encode(), place(*_SEALED_AT, factor_id)), at),
    )
    return secret


async def confirm(conn: Connection, vault: Vault, staff_id: str, code: str, act: Act) -> list[str]:
    """Have the begun one stand in place of any other; its recovery codes. Raises NothingBegun, WrongCode."""
    chain = await audit.lock(conn, accounts.CHAIN)
    row = await _row(conn, staff_id, confirmed=False)
    if row is None or act.at - row["begun_at"] > BEGUN_HOLDS:
        raise NothingBegun
    step = second_factor.step_of(_secret(vault, row), code, act.at)
    if step is None:
        raise WrongCode
    await conn.execute("DELETE FROM second_factors WHERE staff_id = %s AND confirmed_at IS NOT NULL", (staff_id,))
    await conn.execute(
        "UPDATE second_factors SET confirmed_at = %s, last_step = %s WHERE factor_id = %s",
        (act.at, step, row["factor_id"]),
    )
    await audit.append(conn, accounts.entry(act, "second_factor_set", {"staff_id": staff_id}), chain)
    return await _give_recovery_codes(conn, staff_id, act.at)


async def renew_recovery_codes(conn: Connection, staff_id: str, act: Act) -> list[str]:
    """Fresh recovery codes; those given before are good no more."""
    await audit.append(conn, accounts.entry(act, "recovery_codes_renewed", {"staff_id": staff_id}))
    return await _give_recovery_codes(conn, staff_id, act.at)


async def reset(conn: Connection, staff_id: str, act: Act) -> Row:
    """Take the second factor away, with every session and recovery code; the account as it stands then."""
    await audit.lock(conn, accounts.CHAIN)
    await conn.execute("DELETE FROM second_factors WHERE staff_id = %s", (staff_id,))
    await conn.execute("DELETE FROM recovery_codes WHERE staff_id = %s", (staff_id,))
    return await accounts.end_sessions(conn, staff_id, act, "second_factor_reset")


async def spend(conn: Connection, vault: Vault, staff_id: str, code: str, at: datetime, *, fits: bool) -> str | None:
    """How the second factor was shown: "code", "recovery", or "" where the account has none; None if it was not.

    A code is used up only when the password ``fits``, yet the same is done either way: how long it
    takes must not tell which of the two was wrong.
    """
    row = await _row(conn, staff_id, confirmed=True)
    used = await _spend_recovery(conn, staff_id, code, at, fits=fits)
    own = row if row is not None and row["factor_id"].startswith(f"{staff_id}-") else None
    spent = await _spend_code(conn, vault, own, code, at, fits=fits)
    if row is None:
        return ""
    return "code" if spent else "recovery" if used else None


async def standing(conn: Connection, staff_id: str) -> Row:
    """``set_at`` (None: there is none), and how many ``recovery_codes`` are left."""
    cursor = await conn.execute(_STANDING, {"staff_id": staff_id})
    row = await cursor.fetchone()
    assert row is not None
    return row


_STANDING = """
SELECT (SELECT confirmed_at FROM second_factors WHERE staff_id = %(staff_id)s AND confirmed_at IS NOT NULL) AS set_at,
       (SELECT count(*) FROM recovery_codes WHERE staff_id = %(staff_id)s AND used_at IS NULL) AS recovery_codes
"""


async def _row(conn: Connection, staff_id: str, *, confirmed: bool) -> Row | None:
    cursor = await conn.execute(
        "SELECT factor_id, sealed, begun_at FROM second_factors"
        " WHERE staff_id = %s AND (confirmed_at IS NOT NULL) = %s",
        (staff_id, confirmed),
    )
    return await cursor.fetchone()


def _secret(vault: Vault, row: Row) -> str:
    return vault.open_message(bytes(row["sealed"]), place(*_SEALED_AT, row["factor_id"])).decode()


async def _spend_code(conn: Connection, vault: Vault, row: Row | None, code: str, at: datetime, *, fits: bool) -> bool:
    step = None if row is None else second_factor.step_of(_secret(vault, row), code, at)
    cursor = await conn.execute(
        "UPDATE second_factors SET last_step = %(step)s"
        " WHERE factor_id = %(factor_id)s AND last_step < %(step)s AND %(fits)s",
        {"step": step, "factor_id": row["factor_id"] if row else None, "fits": fits},
    )
    return cursor.rowcount == 1


async def _spend_recovery(conn: Connection, staff_id: str, code: str, at: datetime, *, fits: bool) -> bool:
    cursor = await conn.execute(
        "UPDATE recovery_codes SET used_at = %s WHERE code_hash = %s AND staff_id = %s AND used_at IS NULL AND %s",
        (at, second_factor.recovery_digest(code), staff_id, fits),
    )
    return cursor.rowcount == 1


async def _give_recovery_codes(conn: Connection, staff_id: str, at: datetime) -> list[str]:
    codes = second_factor.new_recovery_codes()
    await conn.execute("DELETE FROM recovery_codes WHERE staff_id = %s", (staff_id,))
    async with conn.cursor() as cursor:
        await cursor.executemany(
            "INSERT INTO recovery_codes (code_hash, staff_id, given_at) VALUES (%s, %s, %s)",
            [(second_factor.recovery_digest(code), staff_id, at) for code in codes],
        )
    return codes

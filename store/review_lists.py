"""Who and what is up for review: the rights as they are when the review begins, with their last use (R22, T16)."""

from __future__ import annotations

from datetime import datetime

from psycopg.types.json import Jsonb

from domain.permissions import GRANTS, Role
from store import right_uses
from store.pool import Connection


async def put_up_accounts(conn: Connection, review_id: str) -> None:
    """Every account that is not disabled, with its rights as they are and the last use of each."""
    cursor = await conn.execute("SELECT * FROM accounts WHERE disabled_at IS NULL ORDER BY staff_id")
    for account in await cursor.fetchall():
        used = await right_uses.of(conn, account["staff_id"])
        rights = [
            {"permission": one.value, "used_at": used[one.value].isoformat() if one.value in used else None}
            for one in sorted(GRANTS[Role(account["role"])])
        ]
        await conn.execute(
            "INSERT INTO rights_review_items (review_id, staff_id, role, warehouses, channels, rights)"
            " VALUES (%s, %s, %s, %s, %s, %s)",
            (
                review_id,
                account["staff_id"],
                account["role"],
                account["warehouses"],
                account["channels"],
                Jsonb(rights),
            ),
        )


async def put_up_tokens(conn: Connection, review_id: str, at: datetime) -> None:
    """Every machine's token that opens anything at that time."""
    granted = sorted(one.value for one in GRANTS[Role.INTEGRATOR])
    await conn.execute(_TOKENS, {"review_id": review_id, "at": at, "role": granted})


# A token without permissions of its own has all of the role's, and none beyond the role's.
_TOKENS = """
INSERT INTO rights_review_tokens
    (review_id, token_id, label, channels, rights, issued_by, issued_at, expires_at, last_used_at)
SELECT %(review_id)s, t.token_id, t.label, t.channels, coalesce((
    SELECT jsonb_agg(jsonb_build_object('permission', p.name, 'used_at', u.used_at) ORDER BY p.name)
    FROM unnest(%(role)s::text[]) AS p (name)
    LEFT JOIN right_uses u ON u.staff_id = t.token_id AND u.permission = p.name
    WHERE p.name = ANY(coalesce(t.permissions, %(role)s::text[]))
), '[]'), t.issued_by, t.issued_at, t.expires_at, t.last_used_at
FROM machine_tokens t WHERE t.revoked_at IS NULL AND t.expires_at > %(at)s
"""

"""Orders found by what somebody can tell of them; a person only through the blind index (R21, R27)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from runtime.crypto import Indexed, Vault
from runtime.postal import normal_phone
from store.pool import Connection, Row
from store.scopes import ORDER_WITHIN, Within
from store.views import ORDERS

_CONDITIONS: Mapping[str, str] = {
    "order_no": "o.order_no = %(value)s",
    "channel_order_id": "o.channel_order_id = %(value)s",
    "tracking_no": "o.order_no IN (SELECT order_no FROM parcels WHERE tracking_no = %(value)s)",
    "phone": "o.contact_id IN (SELECT contact_id FROM contacts WHERE phone_index = ANY(%(indexes)s))",
    "account": "o.contact_id IN (SELECT contact_id FROM contacts WHERE account_index = ANY(%(indexes)s))",
}


async def by_number(
    conn: Connection,
    what: str,
    value: str,
    *,
    before: tuple[datetime, str] | None,
    limit: int,
    within: Within | None = None,
) -> list[Row]:  # fmt: skip
    """Orders of that order_no, channel_order_id or tracking_no, the newest first."""
    return await _page(conn, what, {"value": value}, before, limit, within)


async def by_person(
    conn: Connection,
    kind: Indexed,
    indexes: Sequence[bytes],
    *,
    before: tuple[datetime, str] | None,
    limit: int,
    within: Within | None = None,
) -> list[Row]:  # fmt: skip
    """Orders of whoever stands under one of the blind indexes, the newest first; an erased person is found no more."""
    return await _page(conn, kind.value, {"indexes": list(indexes)}, before, limit, within)


def indexes_of(vault: Vault, kind: Indexed, value: str, country: str) -> list[bytes]:
    """Under what a value may stand: a phone as the country writes it, and as it was said."""
    spellings = [value]
    if kind is Indexed.PHONE and (normal := normal_phone(value, country)):
        spellings.append(normal)
    found = (vault.blind_index(kind, spelling) for spelling in spellings)
    return list({index for index in found if index is not None})


async def _page(
    conn: Connection,
    what: str,
    values: Mapping[str, object],
    before: tuple[datetime, str] | None,
    limit: int,
    within: Within | None,
) -> list[Row]:
    conditions = [_CONDITIONS[what], *([ORDER_WITHIN.format(row="o")] if within is not None else [])]
    if before is not None:
        conditions.append("(o.recorded_at, o.order_no) < (%(recorded_at)s, %(last_no)s)")
    confined = {} if within is None else vars(within)
    recorded_at, last_no = before or (None, None)
    cursor = await conn.execute(
        f"{ORDERS} WHERE {' AND '.join(conditions)}"
        " ORDER BY o.recorded_at DESC, o.order_no DESC LIMIT %(limit)s".encode(),
        {**values, **confined, "recorded_at": recorded_at, "last_no": last_no, "limit": limit},
    )
    return await cursor.fetchall()

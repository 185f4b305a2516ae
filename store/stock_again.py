"""Setting aside what an order still lacks: after a shortage, with a substitute, or for what ships later (R9, R28)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from models.steps import Reserved
from store import orders, stock
from store.pool import Connection


async def reserve(
    conn: Connection, order_no: str, at: datetime, key: str, *, later: Mapping[str, int] | None = None,
    partly: bool = False,
) -> Reserved:  # fmt: skip
    """Set aside all that is neither held nor gone, or nothing; ``partly``: as much of it as there is.

    ``later`` are pieces by SKU that are not asked for now, since they are to ship later.
    """
    wants = _less(await orders.lacking(conn, order_no), later or {})
    if not wants:
        return Reserved(warehouses=await stock.held_in(conn, order_no))
    return await stock.reserve_locked(conn, order_no, wants, at, key, partly=partly)


def _less(wants: Mapping[str, int], later: Mapping[str, int]) -> dict[str, int]:
    open_wants = {sku: pieces - later.get(sku, 0) for sku, pieces in wants.items()}
    return {sku: pieces for sku, pieces in sorted(open_wants.items()) if pieces > 0}

"""The auditor of a test: after all that happened order, money, stock, ledger and workflow must agree (accident 9)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from domain.sweep import Difference
from store import sweep, sweep_workflows
from tests.workflows.shop import Shop

# Orders' clocks were moved far ahead: what they ordered then is late only in years.
_YEARS = timedelta(days=10_000)

# In these tests no channel listens, and goods are packed by a word, without the scans that take them from a lot.
_SHORT_CUTS = frozenset({Difference.NOTICE_WAITING, Difference.LOTS_DRIFT})


async def differences(shop: Shop) -> list[str]:
    """What the nightly sweep would find, given that all orders are at rest; empty when everything agrees."""
    now = datetime.now(UTC)
    settled = now + timedelta(days=1)
    async with shop.pool.connection() as conn:
        await conn.execute("DELETE FROM sweep_differences")
    await sweep.check_books(shop.pool, now + _YEARS, settled)
    await sweep_workflows.compare_all(shop.skipper.client, shop.pool, now, settled)
    async with shop.pool.connection() as conn:
        rows = await sweep.open_differences(conn)
    return [f"{row['kind']} {row['subject']}: {row['evidence']}" for row in rows if row["kind"] not in _SHORT_CUTS]


async def nothing_more() -> list[str]:
    """Nobody else is asked."""
    return []


async def books_agree(shop: Shop, others: Callable[[], Awaitable[list[str]]] = nothing_more) -> None:
    """Nothing differs, nor do ``others`` say so: looked at again while what happens last is still being written."""
    found: list[str] = []
    for _ in range(100):
        if not (found := [*await differences(shop), *await others()]):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"the books do not agree: {found}")

"""Shortages that have one cause: so many orders short of one SKU are a problem of all departments (R9, R26)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import sha256

from models.cases import StockProblem
from store.pool import Connection

_NOT_IN_A_NUMBER = re.compile(r"[^A-Za-z0-9._-]")


async def of(conn: Connection, skus: Sequence[str], threshold: int) -> tuple[StockProblem, ...]:
    """Those of the SKUs whose case is open, or that at least ``threshold`` orders are short of.

    Two shortages that ask at once are given the same case number, so that one case is opened.
    """
    cursor = await conn.execute(_PROBLEMS, {"skus": sorted(set(skus)), "threshold": threshold})
    return tuple(
        StockProblem(
            sku=row["sku"],
            orders=row["orders"],
            case_no=row["case_no"] or number_for(row["sku"], row["before"] + 1),
            open=row["case_no"] is not None,
        )
        for row in await cursor.fetchall()
    )


def number_for(sku: str, nth: int) -> str:
    """The number of the nth case about this SKU, as Temporal and our paths take it."""
    plain = _NOT_IN_A_NUMBER.sub("_", sku)[:80]
    # Two SKUs that differ only in what a number cannot hold must not share a case.
    mark = "" if plain == sku else f"-{sha256(sku.encode()).hexdigest()[:8]}"
    return f"STOCK-{plain}{mark}-{nth}"


_PROBLEMS = """
SELECT s.sku, short.orders, problem.case_no, problem.before
FROM unnest(%(skus)s::text[]) AS s (sku)
CROSS JOIN LATERAL (
    SELECT count(DISTINCT order_no)::int AS orders FROM cases
    WHERE kind = 'shortage' AND closed_at IS NULL AND skus @> ARRAY[s.sku]
) short
CROSS JOIN LATERAL (
    SELECT max(case_no) FILTER (WHERE closed_at IS NULL) AS case_no, count(*)::int AS before FROM cases
    WHERE kind = 'cross_department' AND subject = s.sku
) problem
WHERE problem.case_no IS NOT NULL OR short.orders >= %(threshold)s
ORDER BY s.sku
"""

"""The versions of the review's rules, and what they would have said of past orders (R6).

Version 0 is built in and has no row; a version once in force is never changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.types.json import Jsonb
from pydantic import TypeAdapter

from domain.review import Facts, Finding, risk_level
from domain.risk import BUILT_IN, Changes, RuleSet, changed
from models.base import Actor
from models.steps import OpenReview, Rules
from store import audit
from store.pool import Connection, Row

_FACTS = TypeAdapter(Facts)
_PAGE = 1_000

OUTCOMES = {"none": "approved", "review": "manual_review", "block": "intercepted"}
"""Where each verdict of the review leads an order."""


async def current(conn: Connection) -> RuleSet:
    """The rules in force."""
    cursor = await conn.execute("SELECT version, changes FROM rule_sets ORDER BY version DESC LIMIT 1")
    row = await cursor.fetchone()
    return RuleSet(row["version"], row["changes"]) if row else BUILT_IN


def message_of(rules: RuleSet) -> Rules | None:
    """The rules as they travel to the order; the built-in ones need not."""
    if not rules.version:
        return None
    return Rules(version=rules.version, changes={rule: dict(keys) for rule, keys in rules.changes.items()})


async def versions(conn: Connection) -> list[Row]:
    """Every version ever put in force, the newest first."""
    cursor = await conn.execute("SELECT * FROM rule_sets ORDER BY version DESC")
    return await cursor.fetchall()


async def put_in_force(
    conn: Connection, wanted: Changes, *, by: Actor, why: str, at: datetime, from_built_in: bool = False
) -> RuleSet:
    """Make the next version: the rules in force with what is wanted changed, on record (R23).

    With ``from_built_in`` earlier changes are dropped. Orders reviewed from now on follow it.
    Raises WrongRules, and then nothing has changed.
    """
    chain = await audit.lock(conn, "rules")
    before = await current(conn)
    after = changed(BUILT_IN if from_built_in else before, wanted, version=before.version + 1)
    await conn.execute(
        "INSERT INTO rule_sets (version, changes, set_at, set_by, why) VALUES (%s, %s, %s, %s, %s)",
        (after.version, Jsonb(after.changes), at, by.id, why),
    )
    entry = audit.Entry(
        subject="rules",
        at=at,
        by=by,
        act="rules_set",
        before=str(before.version),
        after=str(after.version),
        why=why,
        details={"before": before.changes, "after": after.changes},
    )
    await audit.append(conn, entry, chain)
    return after


async def keep_facts(conn: Connection, request: OpenReview) -> None:
    """Keep what the order's newest review looked at, and what it came to; no personal data (R21)."""
    if request.facts is None:
        return
    await conn.execute(
        "INSERT INTO review_facts (order_no, reviewed_at, rules, verdict, facts) VALUES (%s, %s, %s, %s, %s)"
        " ON CONFLICT (order_no) DO UPDATE SET reviewed_at = excluded.reviewed_at, rules = excluded.rules,"
        " verdict = excluded.verdict, facts = excluded.facts",
        (
            request.step.order_no,
            request.step.at,
            request.rules,
            risk_level([Finding(one.rule, one.severity, one.evidence) for one in request.findings]),
            Jsonb(_FACTS.dump_python(request.facts, mode="json")),
        ),
    )


@dataclass(frozen=True)
class Other:
    """An order that other rules would have led elsewhere; ``status`` is where it stands today."""

    order_no: str
    was: str
    would: str
    because: tuple[str, ...]
    status: str


@dataclass(frozen=True)
class Trial:
    """What a rule set would have changed. ``moves`` counts (was, would); ``unknown`` orders have no facts on record."""

    orders: int
    unknown: int
    moves: dict[tuple[str, str], int]
    others: Sequence[Other]


async def try_on(conn: Connection, rules: RuleSet, newest: int) -> Trial:
    """Judge the newest reviewed orders again by these rules; nothing is changed.

    What a counter had marked then counts as it stood then: a changed threshold marks later
    buyers, not these. Must run inside a transaction: the orders are read as a stream.
    """
    others, moves, orders = [], Counter[tuple[str, str]](), 0
    async for row in _reviewed(conn, newest):
        orders += 1
        findings = rules.review(_FACTS.validate_python(row["facts"]))
        was, would = OUTCOMES[row["verdict"]], OUTCOMES[risk_level(findings)]
        if was != would:
            moves[was, would] += 1
            because = tuple(sorted({finding.rule for finding in findings}))
            others.append(Other(row["order_no"], was, would, because, row["status"]))
    return Trial(orders, await _without_facts(conn), dict(moves), others)


async def _reviewed(conn: Connection, newest: int) -> AsyncIterator[Row]:
    async with conn.cursor("reviewed_orders") as rows:
        rows.itersize = _PAGE
        await rows.execute(
            "SELECT f.order_no, f.verdict, f.facts, o.status FROM review_facts f JOIN orders o USING (order_no)"
            " ORDER BY f.reviewed_at DESC, f.order_no LIMIT %s",
            (newest,),
        )
        async for row in rows:
            yield row


async def _without_facts(conn: Connection) -> int:
    """Orders that were reviewed before facts were kept."""
    cursor = await conn.execute(
        "SELECT count(DISTINCT order_no) AS number FROM audit_entries a WHERE act = 'auto_reviewed'"
        " AND NOT EXISTS (SELECT FROM review_facts f WHERE f.order_no = a.order_no)"
    )
    row = await cursor.fetchone()
    return 0 if row is None else int(row["number"])

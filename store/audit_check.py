"""Is the record whole? Its locks, its anchors and every chain, in one snapshot (R23)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from store import anchors
from store.anchors import NO_ROOT
from store.chain_check import Chain, Fault, Finding, diagnose
from store.pool import Connection, Row

DATABASE = "database"
"""The subject of findings about the database's own locks."""

_LOCKED = ("audit_entries", "audit_anchors", "audit_anchor_heads")
_REFUSES = "RAISE EXCEPTION 'the audit record is append-only (R23)'"


@dataclass(frozen=True)
class Trust:
    """What the verifier brings along: public keys, and roots noted outside the database, by number."""

    keys: Collection[bytes]
    roots: Mapping[int, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Report:
    """What was looked at, and every finding: none means that the record is whole.

    ``unanchored`` counts the entries that no anchor covers yet: chains alone guard those.
    """

    chains: int
    entries: int
    anchors: int
    anchored_at: datetime | None
    unanchored: int
    findings: Sequence[Finding]

    @property
    def whole(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


async def verify(
    conn: Connection, trust: Trust, progress: Callable[[int], None] = lambda _: None, subject: str | None = None
) -> Report:
    """Verify everything, or of the chains only that of ``subject``.

    The transaction must be fresh, and becomes read-only. ``progress`` is told how many entries
    were read. Reads a stream: memory holds one chain at a time.
    """
    await conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    await conn.execute("SET LOCAL statement_timeout = 0")
    findings = [*await _locks(conn), *await _anchors(conn, trust)]
    chains = entries = unanchored = 0
    async for chain in _chains(conn, subject):
        chains, entries = chains + 1, entries + len(chain.rows)
        unanchored += max(0, len(chain.rows) - chain.anchored)
        progress(entries)
        if found := diagnose(chain):
            findings.append(found)
    newest = await anchors.last(conn)
    return Report(
        chains=chains,
        entries=entries,
        anchors=newest["anchor_no"] if newest else 0,
        anchored_at=newest["wall_at"] if newest else None,
        unanchored=unanchored,
        findings=findings,
    )


async def number_of_entries(conn: Connection, subject: str | None = None) -> int:
    """How many entries there are to read."""
    cursor = await conn.execute(
        "SELECT count(*) AS number FROM audit_entries WHERE %(subject)s::text IS NULL OR subject = %(subject)s",
        {"subject": subject},
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(row["number"])


# --- the locks --------------------------------------------------------------------


async def _locks(conn: Connection) -> list[Finding]:
    """Triggers that are missing, disabled or emptied, what swallows or hides entries, and rights to change them."""
    return [*await _triggers(conn), *await _added(conn), *await _grants(conn)]


async def _triggers(conn: Connection) -> list[Finding]:
    cursor = await conn.execute(
        """SELECT c.relname || '_' || w.what AS wanted, t.tgenabled, t.tgqual IS NOT NULL AS conditional, p.prosrc
           FROM pg_class c CROSS JOIN (VALUES ('append_only'), ('no_truncate')) w (what)
           LEFT JOIN pg_trigger t ON t.tgrelid = c.oid AND t.tgname = c.relname || '_' || w.what
           LEFT JOIN pg_proc p ON p.oid = t.tgfoid
           WHERE c.oid = ANY(%s::regclass[]) ORDER BY wanted""",
        (list(_LOCKED),),
    )
    problems = {row["wanted"]: _unlocked(row) for row in await cursor.fetchall()}
    return [
        Finding(DATABASE, 0, Fault.UNLOCKED, f"the trigger {name} {problem}")
        for name, problem in problems.items()
        if problem
    ]


async def _added(conn: Connection) -> list[Finding]:
    """What stands on the record's tables and is none of ours: it could keep new entries out, or hide old ones."""
    cursor = await conn.execute(_ADDED, {"locked": list(_LOCKED), "tables": [*_LOCKED, "audit_chains"]})
    return [
        Finding(DATABASE, 0, Fault.UNLOCKED, f"{row['what']} was put on {row['relname']}")
        for row in await cursor.fetchall()
    ]


def _unlocked(row: Row) -> str | None:
    if row["tgenabled"] is None:
        return "is missing"
    if row["tgenabled"] != "A":
        return "was switched off, or on again in a weaker way: it must be ENABLE ALWAYS"
    body = (row["prosrc"] or "").split("BEGIN", 1)[-1].strip()
    if row["conditional"] or not body.startswith(_REFUSES):
        return "does not refuse any more"
    return None


async def _grants(conn: Connection) -> list[Finding]:
    """Who may change the record beside its owner; the owner meets the triggers."""
    cursor = await conn.execute(
        """SELECT c.relname, coalesce(r.rolname, 'everybody') AS who, a.privilege_type AS may
           FROM pg_class c CROSS JOIN aclexplode(c.relacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
           WHERE c.oid = ANY(%s::regclass[]) AND a.grantee <> c.relowner
             AND a.privilege_type IN ('UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER')
           ORDER BY 1, 2, 3""",
        (list(_LOCKED),),
    )
    return [
        Finding(DATABASE, 0, Fault.UNLOCKED, f"{row['who']} was granted {row['may']} on {row['relname']}")
        for row in await cursor.fetchall()
    ]


_ADDED = """
WITH ours AS (SELECT oid, relname FROM pg_class WHERE oid = ANY(%(tables)s::regclass[]))
SELECT relname, 'the trigger ' || tgname AS what FROM ours JOIN pg_trigger ON tgrelid = ours.oid
WHERE NOT tgisinternal AND NOT (relname = ANY(%(locked)s)
    AND tgname IN (relname || '_append_only', relname || '_no_truncate'))
UNION ALL
SELECT relname, 'the rule ' || rulename FROM ours JOIN pg_rewrite ON ev_class = ours.oid
UNION ALL
SELECT relname, 'the policy ' || polname FROM ours JOIN pg_policy ON polrelid = ours.oid
ORDER BY 1, 2
"""


# --- the anchors ------------------------------------------------------------------


async def _anchors(conn: Connection, trust: Trust) -> list[Finding]:
    """The first broken anchor, if any; the anchors after it prove nothing."""
    cursor = await conn.execute("SELECT * FROM audit_anchors ORDER BY anchor_no")
    previous, expected = NO_ROOT, 1
    for row in await cursor.fetchall():
        if row["anchor_no"] != expected:
            return [_anchor(expected, Fault.REMOVED, "the anchor is missing")]
        if problem := await _anchor_problem(conn, row, previous, trust):
            return [_anchor(expected, *problem)]
        previous, expected = bytes(row["root"]), expected + 1
    if gone := sorted(number for number in trust.roots if number >= expected):
        return [_anchor(gone[0], Fault.REMOVED, "the anchor is missing: its root was noted elsewhere")]
    return []


async def _anchor_problem(conn: Connection, row: Row, previous: bytes, trust: Trust) -> tuple[Fault, str] | None:
    digest = await anchors.heads_digest(conn, row["anchor_no"])
    if (digest.chains, digest.hash) != (row["chains"], bytes(row["heads"])):
        return Fault.CHANGED, "its heads are not those that were signed"
    if bytes(row["previous"]) != previous:
        return Fault.CHANGED, "it does not follow the anchor before it"
    if bytes(row["root"]) != anchors.root_hash(row):
        return Fault.CHANGED, "it does not match its root"
    if bytes(row["public_key"]) not in trust.keys:
        return Fault.UNSIGNED, "it is signed with a key that nobody vouches for"
    if not anchors.is_signed(row):
        return Fault.UNSIGNED, "its signature does not hold"
    if trust.roots.get(row["anchor_no"], bytes(row["root"])) != bytes(row["root"]):
        return Fault.CHANGED, "its root is another than the one noted elsewhere"
    return None


def _anchor(number: int, fault: Fault, detail: str) -> Finding:
    return Finding(f"anchor:{number}", number, fault, detail)


# --- the chains -------------------------------------------------------------------


async def _chains(conn: Connection, subject: str | None) -> AsyncIterator[Chain]:
    """Every chain of which the entries, the chains' own rows or the anchors know."""
    async with conn.cursor("audit_check") as rows:
        await rows.execute(_OF_ONE if subject else _EVERYTHING, {"subject": subject})
        gathered: list[Row] = []
        async for row in rows:
            if gathered and gathered[0]["chain"] != row["chain"]:
                yield _chain(gathered)
                gathered = []
            gathered.append(row)
        if gathered:
            yield _chain(gathered)


def _chain(rows: Sequence[Row]) -> Chain:
    first = rows[0]
    return Chain(
        subject=first["chain"],
        rows=[row for row in rows if row["id"] is not None],
        length=first["known_length"],
        head=None if first["known_head"] is None else bytes(first["known_head"]),
        anchored=first["anchored"] or 0,
    )


_SELECT = """
SELECT coalesce(e.subject, s.subject) AS chain, s.known_length, s.known_head, s.anchored, e.*,
       h.head AS anchored_head, h.anchor_no
FROM (SELECT * FROM audit_entries {of}) e
FULL JOIN (
    SELECT subject, c.length AS known_length, c.head AS known_head, a.anchored
    FROM (SELECT * FROM audit_chains {of}) c
    FULL JOIN (SELECT subject, max(length) AS anchored FROM audit_anchor_heads {of} GROUP BY subject) a USING (subject)
) s ON s.subject = e.subject
LEFT JOIN audit_anchor_heads h ON h.subject = e.subject AND h.length = e.chain_no
ORDER BY 1, e.chain_no, e.id
"""
_EVERYTHING = _SELECT.format(of="").encode()
_OF_ONE = _SELECT.format(of="WHERE subject = %(subject)s").encode()

"""What somebody with the whole database in hand could do to the record; for the tests of its verification."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import timedelta

from psycopg.types.json import Jsonb

from models.base import Actor
from store import anchors, audit, audit_check
from store.anchors import AnchorKey
from store.audit_check import Report, Trust
from store.chain_check import Fault, Finding
from store.pool import Connection, Pool, Row
from tests.fixtures.orders import NOON

KEY = AnchorKey.from_base64(base64.b64encode(b"invented anchor key for tests!!!").decode())
OTHER_KEY = AnchorKey.from_base64(base64.b64encode(b"another key that nobody trusts!!").decode())
CLERK = Actor(id="service-1", role="customer_service")
SUBJECT = "order:web-1"


async def write(pool: Pool, count: int, subject: str = SUBJECT, start: int = 1) -> None:
    """So many acts on a subject, one by one."""
    for number in range(start, start + count):
        async with pool.connection() as conn:
            entry = audit.Entry(
                subject=subject,
                order_no=subject.removeprefix("order:"),
                at=NOON + timedelta(minutes=number),
                by=CLERK,
                act=f"act_{number}",
                why="asked for",
                details={"number": number},
            )
            await audit.append(conn, entry)


async def sign(pool: Pool, key: AnchorKey = KEY) -> anchors.Anchor:
    """An anchor over what stands now."""
    async with pool.connection() as conn:
        return await anchors.anchor(conn, key, NOON)


async def verified(pool: Pool, **roots: bytes) -> Report:
    """The report of a verifier who trusts :data:`KEY`, and noted these roots (``_1=…``)."""
    noted = {int(name.removeprefix("_")): root for name, root in roots.items()}
    async with pool.connection() as conn:
        return await audit_check.verify(conn, Trust({KEY.public}, noted))


async def only_finding(pool: Pool) -> Finding:
    """The one thing that verification finds."""
    report = await verified(pool)
    assert len(report.findings) == 1, report.findings
    return report.findings[0]


async def found(pool: Pool) -> tuple[Fault, int]:
    """How, and at which entry, the one broken chain breaks."""
    finding = await only_finding(pool)
    assert finding.subject == SUBJECT
    return finding.fault, finding.number


async def tamper(conn: Connection, *statements: str, table: str = "audit_entries") -> None:
    """Change the record past its trigger, and leave no trace of that."""
    await conn.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER".encode())
    for statement in statements:
        await conn.execute(statement.encode())
    for trigger in ("append_only", "no_truncate"):
        await conn.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_{trigger}".encode())


async def chain_rows(conn: Connection, subject: str = SUBJECT) -> list[Row]:
    """The entries of a chain, in order."""
    cursor = await conn.execute("SELECT * FROM audit_entries WHERE subject = %s ORDER BY chain_no", (subject,))
    return await cursor.fetchall()


async def make_anew(conn: Connection, rows: Sequence[Row], start: int = 1) -> None:
    """Write the chain's hashes anew from entry ``start`` on, head included: it then holds by itself."""
    head = audit.GENESIS
    await conn.execute("ALTER TABLE audit_entries DISABLE TRIGGER USER")
    for row in rows:
        if row["chain_no"] >= start:
            row["prev_hash"], row["hash"] = head, audit.chain_hash(head, row)
            await conn.execute(
                "UPDATE audit_entries SET why = %s, details = %s, prev_hash = %s, hash = %s WHERE id = %s",
                (row["why"], Jsonb(row["details"]), row["prev_hash"], row["hash"], row["id"]),
            )
        head = bytes(row["hash"])
    await conn.execute("UPDATE audit_chains SET head = %s WHERE subject = %s", (head, rows[0]["subject"]))
    for trigger in ("append_only", "no_truncate"):
        await conn.execute(f"ALTER TABLE audit_entries ENABLE ALWAYS TRIGGER audit_entries_{trigger}".encode())

"""Verification of the record as the API answers it: at once, or told of as it goes on (R23)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict

from api.house import House
from api.schemas.audit import FindingView, Verification
from store import anchors, audit_check
from store.audit_check import Report, Trust

TOLD_EVERY_S = 0.5


async def report_of(house: House, subject: str | None, progress: Callable[[int], None] = lambda _: None) -> Report:
    """Verify every chain, or that of the subject, in one snapshot; one verification at a time."""
    own = Trust({anchors.key_of(house.settings).public})
    async with house.verifying, house.pool.connection() as conn:
        return await audit_check.verify(conn, own, progress, subject)


def view(report: Report) -> Verification:
    """The report for readers."""
    findings = [FindingView(**asdict(finding)) for finding in report.findings]
    told = {name: value for name, value in vars(report).items() if name != "findings"}
    return Verification(whole=report.whole, findings=findings, **told)


async def as_it_goes(house: House, subject: str | None) -> AsyncIterator[str]:
    """Server-sent events: how many entries were read, of how many; and in the end the report."""
    read, of = 0, await _entries(house, subject)

    def progress(entries: int) -> None:
        nonlocal read
        read = entries

    verifying = asyncio.create_task(report_of(house, subject, progress))
    try:
        while not verifying.done():
            yield _event("progress", json.dumps({"entries": read, "of": max(of, read)}))
            await asyncio.wait({verifying}, timeout=TOLD_EVERY_S)
        yield _event("report", view(await verifying).model_dump_json())
    finally:
        # Whoever no longer listens has nothing verified.
        verifying.cancel()


async def _entries(house: House, subject: str | None) -> int:
    async with house.pool.connection() as conn:
        return await audit_check.number_of_entries(conn, subject)


def _event(kind: str, data: str) -> str:
    return f"event: {kind}\ndata: {data}\n\n"

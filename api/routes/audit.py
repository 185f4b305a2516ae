"""The record of acts: searched, taken along, and verified (R23)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Annotated, Any, Literal, cast

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime

from api import verifying
from api.act_names import text_en, text_zh
from api.auth import Staff, allowed
from api.csv_files import UTF8, written
from api.house import House, InHouse
from api.pages import Cursor, Limit, cursor_of, key_of
from api.problems import REFUSALS, Away, among
from api.schemas.audit import AuditPage, AuditView, Verification
from domain.permissions import Permission
from store import audit, audit_export
from store.audit import Wanted
from store.pool import Row

router = APIRouter(prefix="/v1", tags=["audit"])

Word = Query(max_length=150, pattern=r"^[^\x00]*$")
Auditor = Annotated[Staff, Depends(allowed(Permission.AUDIT_READ))]

_VERIFIES_FOR_S = 60.0
_CSV: dict[int | str, dict[str, Any]] = REFUSALS | {
    200: {
        "description": "A header line and one line for each entry, UTF-8 with a byte order mark",
        "content": {"text/csv": {"example": ",".join(audit_export.COLUMNS)}},
    }
}
_ALOUD = 'event: progress\ndata: {"entries": 80000, "of": 310000}\n\n'
_TOLD: dict[int | str, dict[str, Any]] = {
    **among(401, 403, 422, 429, 503),
    200: {"description": "the stream", "content": {"text/event-stream": {"example": _ALOUD}}},
}


async def wanted_entries(
    subject: Annotated[str | None, Word] = None,
    order: Annotated[str | None, Word] = None,
    act: Annotated[str | None, Word] = None,
    actor: Annotated[str | None, Word] = None,
    since: AwareDatetime | None = None,
    until: Annotated[AwareDatetime | None, Query(description="exclusive")] = None,
) -> Wanted:
    """The filter that search and export share; instants are workflow time."""
    return Wanted(order, act, since, until, subject, actor)


Filter = Annotated[Wanted, Depends(wanted_entries)]


@router.get("/audit", responses=REFUSALS, summary="Search the record")
async def search_audit(
    house: InHouse,
    by: Auditor,
    wanted: Filter,
    sort: Annotated[
        Literal["written", "newest"], Query(description="order of writing, or the newest first")
    ] = "written",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> AuditPage:
    """By order, person, act, subject and time (R23). Denied attempts and reveals are in it."""
    wanted = _own(wanted, by)
    key = cast("tuple[int] | None", key_of(cursor, int))
    async with house.pool.connection() as conn:
        rows = await audit.page(conn, wanted, after=key[0] if key else None, newest=sort == "newest", limit=limit + 1)
    shown = rows[:limit]
    following = cursor_of(shown[-1]["id"]) if len(rows) > limit else None
    return AuditPage(items=[_entry(row) for row in shown], next_cursor=following)


@router.get("/audit.csv", response_class=StreamingResponse, responses=_CSV, summary="Take entries along as CSV")
async def export_audit(house: InHouse, by: Auditor, wanted: Filter) -> StreamingResponse:
    """Exactly the filtered entries with their hashes, in order of writing; there is no person in them (R21)."""
    wanted = _own(wanted, by)
    headers = {"Content-Disposition": 'attachment; filename="audit.csv"'}
    return StreamingResponse(_lines(house, wanted), 200, headers, "text/csv; charset=utf-8")


@router.get(
    "/audit/verification", responses=among(401, 403, 422, 429, 503), summary="Is the record whole, or of one subject"
)
async def verify_audit(house: InHouse, by: Auditor, subject: Annotated[str | None, Word] = None) -> Verification:
    """Every chain (of `subject`, if one is named), every anchor, and the database's locks.

    A record that takes longer than a minute is not verified here: `/v1/audit/verification/events` has no limit.
    """
    del by
    try:
        async with asyncio.timeout(_VERIFIES_FOR_S):
            return verifying.view(await verifying.report_of(house, subject))
    except TimeoutError:
        raise Away("the record is too long to verify at once: ask for its events, or name a subject") from None


@router.get(
    "/audit/verification/events",
    response_class=StreamingResponse,
    responses=_TOLD,
    summary="Verify the record, told of as it goes on",
)
async def verify_audit_aloud(
    house: InHouse, by: Auditor, subject: Annotated[str | None, Word] = None
) -> StreamingResponse:
    """The same, however long it takes: `progress` {entries, of} twice a second, and in the end `report`.

    A stream that ends without a report was broken off; whoever leaves has nothing more verified.
    """
    del by
    if house.verifying.locked():
        raise Away("another verification is under way: ask again when it is over")
    told = verifying.as_it_goes(house, subject)
    return StreamingResponse(told, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


def _own(wanted: Wanted, by: Staff) -> Wanted:
    """Of the record, what whoever is confined may see: the acts on orders of theirs."""
    return replace(wanted, channels=by.scope.listed_channels, warehouses=by.scope.listed_warehouses)


async def _lines(house: House, wanted: Wanted) -> AsyncIterator[str]:
    yield UTF8 + written([audit_export.COLUMNS])
    async for entries in audit_export.every(house.pool, wanted):
        yield written(list(entry.values()) for entry in entries)


def _entry(row: Row) -> AuditView:
    words = {"text_en": text_en(row["act"]), "text_zh": text_zh(row["act"])}
    ours = words | {"written_at": row["wall_at"], "who": row["actor"], "hash": bytes(row["hash"]).hex()}
    plain = {name: row[name] for name in AuditView.model_fields if name not in ours}
    return AuditView(**plain, **ours)

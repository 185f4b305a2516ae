"""``orderflow audit export``: the record of acts as JSON or CSV, entry by entry (R23)."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from cli.keeping import with_database
from cli.output import WRONG_SETTINGS, refuse, settings_or_exit

if TYPE_CHECKING:
    from store.audit import Wanted
    from store.pool import Pool

# A spreadsheet takes a cell that begins so for a formula, and would run it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def export(
    order: Annotated[str | None, typer.Option(help="Acts on this order only.")] = None,
    since: Annotated[str | None, typer.Option("--from", help="From this day or instant on (ISO 8601).")] = None,
    until: Annotated[str | None, typer.Option("--to", help="To the end of this day, or before this instant.")] = None,
    act: Annotated[str | None, typer.Option(help="One kind of act only, for instance contact_erased.")] = None,
    as_json: Annotated[bool, typer.Option("--json/--csv", help="A JSON array, or CSV with a heading.")] = True,
) -> None:
    """Print entries with their hashes, in order of writing; days are those of the shop's time zone.

    There is no person in the record (R21): notes and contacts appear by id.
    Exit codes: 0 printed, 2 wrong settings or options, 4 no database.
    """
    from store.audit import Wanted

    settings = settings_or_exit()
    zone = ZoneInfo(settings.shop_timezone)
    wanted = Wanted(order, act, _instant(since, zone), _instant(until, zone, end=True))
    with_database(settings, lambda pool: _print(pool, wanted, as_json=as_json))


async def _print(pool: Pool, wanted: Wanted, *, as_json: bool) -> None:
    from store import audit_export

    write, close = _as_json() if as_json else _as_csv(audit_export.COLUMNS)
    async for entries in audit_export.every(pool, wanted):
        for entry in entries:
            write(entry)
    close()


def _instant(text: str | None, zone: ZoneInfo, *, end: bool = False) -> datetime | None:
    """An instant with a zone; a day is its beginning, or, as an end, the beginning of the next."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        refuse(f"{text} is neither a day (2030-01-31) nor an instant (2030-01-31T12:00:00+08:00)", WRONG_SETTINGS)
    if end and "T" not in text and moment.time() == time():
        moment += timedelta(days=1)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


Writer = tuple[Callable[[Mapping[str, Any]], None], Callable[[], None]]


def _as_json() -> Writer:
    """One array, written entry by entry: a record of years does not fit into memory."""
    written = 0

    def write(entry: Mapping[str, Any]) -> None:
        nonlocal written
        sys.stdout.write(("[\n" if not written else ",\n") + json.dumps(entry, ensure_ascii=False))
        written += 1

    return write, lambda: typer.echo("\n]" if written else "[]")


def _as_csv(columns: tuple[str, ...]) -> Writer:
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(columns)
    return (lambda entry: table.writerow([_cell(entry[name]) for name in columns])), lambda: None


def _cell(value: Any) -> str:
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"'{text}" if text.startswith(_FORMULA) else text

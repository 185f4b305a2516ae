"""``orderflow import``: a ledger of past sales becomes archived orders (R1, R18, decision 0009)."""

from __future__ import annotations

import asyncio
import re
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from cli import import_file
from cli.import_file import Unreadable
from cli.import_watch import Watch
from cli.output import AsJson, print_json, print_table, refuse, settings_or_exit
from domain.csv_orders import Ledger
from domain.money import EXPONENT
from domain.permissions import Role
from models.base import SYSTEM, Actor
from runtime.settings import Settings

if TYPE_CHECKING:
    from cli.import_run import Tally

SOME_REFUSED, NOT_IMPORTED = 1, 2
_CHANNEL = re.compile(r"[a-z0-9_]{1,20}")


def import_orders(
    file: Annotated[Path, typer.Argument(help="CSV in the UCI Online Retail format, also .gz.")],
    channel: Annotated[str, typer.Option(help="The channel whose order ids the invoice numbers are.")] = "csv",
    report: Annotated[Path | None, typer.Option(help="Where refused rows go; else FILE.refused.csv here.")] = None,
    currency: Annotated[str, typer.Option(help="The currency of the file's prices.")] = "GBP",
    timezone: Annotated[str, typer.Option(help="The time zone of the file's dates.")] = "Europe/London",
    by: Annotated[str | None, typer.Option(help="The staff id of who imports, for the record (R23).")] = None,
    live: Annotated[bool, typer.Option("--live", help="Start the orders instead of archiving them.")] = False,
    as_json: AsJson = False,
) -> None:
    """Import a ledger of past sales; run it again after a crash, and it ends the same.

    Exit code 0: all invoices are imported; 1: some were refused; 2: the file could not be imported.
    """
    settings = settings_or_exit()
    ledger = _ledger(channel, currency, timezone)
    who = Actor(id=by, role=Role.OPERATIONS) if by else SYSTEM
    refusals = report or Path(f"{file.name}.refused.csv")
    began, whys = time.perf_counter(), _whys()
    try:
        tally = asyncio.run(_import(settings, file, channel, refusals, ledger, by=who, live=live, quiet=as_json))
    except tuple(whys) as error:
        refuse(next(why for kind, why in whys.items() if isinstance(error, kind)) or str(error), NOT_IMPORTED)
    _show(_summary(tally, refusals, time.perf_counter() - began), as_json=as_json)
    if tally.refused:
        raise typer.Exit(SOME_REFUSED)


def _ledger(channel: str, currency: str, timezone: str) -> Ledger:
    if not _CHANNEL.fullmatch(channel):
        refuse("a channel's name is small letters, digits and _, at most 20", NOT_IMPORTED)
    if currency not in EXPONENT:
        refuse(f"{currency} is not a currency this shop takes; known: {', '.join(sorted(EXPONENT))}", NOT_IMPORTED)
    try:
        return Ledger(currency, ZoneInfo(timezone))
    except (ZoneInfoNotFoundError, ValueError):
        refuse(f"{timezone} is not a known time zone", NOT_IMPORTED)


async def _import(
    settings: Settings, file: Path, channel: str, report: Path, ledger: Ledger, *, by: Actor, live: bool, quiet: bool
) -> Tally:
    from cli.import_run import run
    from cli.import_sinks import opened
    from runtime import log

    log.configure(settings)
    with Watch.over(import_file.size(file), report, quiet=quiet) as watch:
        async with opened(settings, channel, by, datetime.now(UTC), live=live) as (conn, sink):
            return await run(conn, import_file.rows(file, watch.read), ledger, sink, watch)


def _whys() -> dict[type[Exception], str]:
    """Why a file could not be imported; "" where the error says it. Read here, as no other command needs them."""
    from psycopg.errors import UndefinedTable
    from psycopg_pool import PoolTimeout

    from store.imports import AnotherImport

    return {
        Unreadable: "",
        AnotherImport: "another import is under way on this database: wait for it, or stop it",
        PoolTimeout: "the database cannot be reached at ORDERFLOW_DATABASE_URL; is it running?",
        UndefinedTable: "the database is empty: run orderflow migrate",
    }


def _summary(tally: Tally, report: Path, seconds: float) -> dict[str, Any]:
    return {
        "invoices": tally.invoices,
        "imported": tally.imported,
        "new": tally.new,
        "refused": tally.refused,
        "rows": tally.rows,
        "seconds": round(seconds, 1),
        "rows_per_second": round(tally.rows / seconds),
        "report": str(report),
        "reasons": dict(tally.reasons.most_common()),
    }


def _show(summary: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(summary)
        return
    typer.echo(
        f"{summary['invoices']} invoices: {summary['imported']} imported ({summary['new']} new),"
        f" {summary['refused']} refused; {summary['rows']} rows in {summary['seconds']} s,"
        f" {summary['rows_per_second']} a second"
    )
    if summary["refused"]:
        print_table([{"invoices": number, "refused because": why} for why, number in summary["reasons"].items()])
        typer.echo(f"every refused row, with its reasons: {summary['report']}")

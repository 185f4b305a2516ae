"""``orderflow audit``: verify the record of acts, sign it, and take it along (R23)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.keeping import with_database
from cli.output import WRONG_SETTINGS, AsJson, print_json, print_table, refuse, settings_or_exit
from runtime.settings import Settings

if TYPE_CHECKING:
    from store.anchors import Anchor
    from store.audit_check import Report, Trust
    from store.pool import Pool

BROKEN = 1
_ROOT = 32

app = typer.Typer(help="The record of every act: is it whole, and what does it say (R23).", no_args_is_help=True)


@app.command()
def verify(
    trust: Annotated[
        list[str] | None, typer.Option(help="A further public key (base64) that anchors may be signed with.")
    ] = None,
    root: Annotated[
        list[str] | None, typer.Option(help="A root noted outside the database, as NUMBER:HEX, to compare.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Verify every chain, every anchor and the database's locks; name the first broken place of each.

    Exit codes: 0 whole, 1 broken, 2 wrong settings or options, 4 no database.
    """
    from store import audit_check

    settings = settings_or_exit()
    trusted = _trust(settings, trust or [], root or [])

    async def check(pool: Pool) -> Report:
        async with pool.connection() as conn:
            return await audit_check.verify(conn, trusted)

    report = with_database(settings, check)
    if as_json:
        print_json(_report(report, settings))
    else:
        _show(report)
    raise typer.Exit(0 if report.whole else BROKEN)


@app.command()
def anchor(as_json: AsJson = False) -> None:
    """Sign the heads of all chains now; the Schedule does it every hour by itself.

    Keep the printed root outside the database: `verify --root` compares with it.
    """
    from store import anchors

    settings = settings_or_exit()
    key = anchors.key_of(settings)

    async def sign(pool: Pool) -> Anchor:
        async with pool.connection() as conn:
            return await anchors.anchor(conn, key, datetime.now(UTC))

    made = with_database(settings, sign)
    if as_json:
        print_json({"anchor_no": made.anchor_no, "root": made.root.hex(), "chains": made.chains})
    else:
        typer.echo(f"{made.anchor_no}:{made.root.hex()}")


def _trust(settings: Settings, keys: list[str], roots: list[str]) -> Trust:
    """The own key's public half, what the options add, and the noted roots."""
    from store import anchors
    from store.audit_check import Trust

    try:
        own = anchors.key_of(settings).public
        return Trust({own, *(base64.b64decode(key, validate=True) for key in keys)}, _roots(roots))
    except (binascii.Error, ValueError):
        refuse("--trust takes a public key in base64, --root takes NUMBER:HEX", WRONG_SETTINGS)


def _roots(noted: list[str]) -> Mapping[int, bytes]:
    """Raises ValueError for what ``orderflow audit anchor`` cannot have printed."""
    roots = {int(number): bytes.fromhex(root) for number, _, root in (text.partition(":") for text in noted)}
    if any(len(root) != _ROOT for root in roots.values()):
        raise ValueError("a root has 32 bytes")
    return roots


def _report(report: Report, settings: Settings) -> dict[str, Any]:
    from store import anchors

    public = base64.b64encode(anchors.key_of(settings).public).decode()
    anchored_at = report.anchored_at.isoformat() if report.anchored_at else None
    return {"whole": report.whole} | asdict(report) | {"anchored_at": anchored_at, "public_key": public}


def _show(report: Report) -> None:
    typer.echo(f"{report.entries} entries in {report.chains} chains, {report.anchors} anchors")
    if report.anchored_at is None:
        typer.echo("never anchored: whoever has the whole database could make it anew unseen")
    else:
        typer.echo(f"last anchored {report.anchored_at.isoformat(timespec='seconds')}; since then {report.unanchored}")
    if report.whole:
        typer.echo("the record is whole")
        return
    rows = [
        {"subject": one.subject, "entry": one.number, "fault": str(one.fault), "what": one.detail,
         "row id": one.entry_id or ""}
        for one in report.findings
    ]  # fmt: skip
    typer.echo("THE RECORD IS BROKEN; the first broken place of each subject:")
    print_table(rows)

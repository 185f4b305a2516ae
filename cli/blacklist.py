"""``orderflow blacklist``: high-risk buyers by account, phone or address (R27).

A value is read from standard input, or asked for without showing it: on the command line
it would stay in the shell's history. Only its blind index is stored.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from cli.database import database
from cli.output import AsJson, print_json, print_table, refuse, settings_or_exit
from domain.risk import BuyerIndex
from runtime.settings import Settings

if TYPE_CHECKING:
    from store.blacklist import Value
    from store.pool import Connection

T = TypeVar("T")

_REFUSED = 3

app = typer.Typer(help="Show and change the blacklist of buyers.", no_args_is_help=True)

Kind = Annotated[BuyerIndex, typer.Argument(help="What to match.")]
Text = Annotated[str | None, typer.Option("--value", help="The value; better leave it out and pipe it in.")]
Country = Annotated[str, typer.Option(help="The country of a phone number that names none.")]
By = Annotated[str, typer.Option(help="Your staff id.")]
Why = Annotated[str, typer.Option(help="The reason, kept in the record.")]


@app.command()
def add(
    kind: Kind,
    by: By,
    why: Why,
    value: Text = None,
    days: Annotated[int | None, typer.Option(min=1, max=3650, help="Until when; for good if left out.")] = None,
    country: Country = "CN",
    as_json: AsJson = False,
) -> None:
    """Put an account, a phone or an address (as on the parcel, largest part first) on the blacklist."""
    settings = settings_or_exit()
    from runtime.crypto import vault_of
    from store import blacklist

    wanted = blacklist.Value(kind, _text(value), country)
    now = datetime.now(UTC)
    until = now + timedelta(days=days) if days else None

    async def put(conn: Connection) -> int:
        return await blacklist.add(
            conn, vault_of(settings), wanted, reason=why, by=_actor(by), at=now, expires_at=until
        )

    number = _run(settings, put)
    if as_json:
        print_json({"entry": number, "kind": kind, "expires_at": until.isoformat() if until else None})
    else:
        typer.echo(f"entry {number}: {kind}, " + (f"until {until:%Y-%m-%d %H:%M} UTC" if until else "for good"))


@app.command()
def remove(
    by: By,
    why: Why,
    entry: Annotated[int | None, typer.Option(help="The number of the entry, as the list shows it.")] = None,
    kind: Annotated[BuyerIndex | None, typer.Option(help="Instead of the number: what kind of value it is.")] = None,
    value: Text = None,
    country: Country = "CN",
) -> None:
    """Take an entry off the blacklist, by its number or by its value."""
    settings = settings_or_exit()
    from store import blacklist

    if (entry is None) == (kind is None):
        refuse("give either --entry, or --kind and the value", 2)
    wanted = blacklist.Value(kind, _text(value), country) if kind else None

    async def take(conn: Connection) -> int:
        number = entry if wanted is None else await _entry_of(conn, settings, wanted)
        assert number is not None
        await blacklist.remove(conn, number, by=_actor(by), why=why, at=datetime.now(UTC))
        return number

    typer.echo(f"entry {_run(settings, take)} is off the blacklist")


@app.command("list")
def entries(
    expired: Annotated[bool, typer.Option("--expired", help="Also what has expired.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the entries: never a value, which nobody can read back."""
    settings = settings_or_exit()
    from store import blacklist

    async def read(conn: Connection) -> list[dict[str, Any]]:
        return await blacklist.entries(conn, at=datetime.now(UTC), expired=expired)

    rows = [{**row, **_times(row)} for row in _run(settings, read)]
    if as_json:
        print_json(rows)
    elif rows:
        print_table(rows)
    else:
        typer.echo("the blacklist is empty")


def _run(settings: Settings, work: Callable[[Connection], Awaitable[T]]) -> T:
    from store.errors import StoreError

    async def run() -> T:
        async with database(settings) as pool, pool.connection() as conn:
            return await work(conn)

    try:
        return asyncio.run(run())
    except StoreError as error:
        refuse(str(error), _REFUSED)


async def _entry_of(conn: Connection, settings: Settings, wanted: Value) -> int:
    from runtime.crypto import vault_of
    from store import blacklist

    return await blacklist.entry_of(conn, vault_of(settings), wanted)


def _actor(by: str) -> Any:
    from domain.permissions import Role
    from models.base import Actor

    if not by.strip():
        refuse("say --by whom: it is kept in the record (R23)", 2)
    return Actor(id=by, role=Role.OPERATIONS)


def _text(value: str | None) -> str:
    if value is not None:
        return value
    text = typer.prompt("value", hide_input=True) if sys.stdin.isatty() else sys.stdin.readline()
    return str(text).strip()


def _times(row: dict[str, Any]) -> dict[str, str | None]:
    return {name: row[name].isoformat(timespec="seconds") if row[name] else None for name in ("added_at", "expires_at")}

"""``orderflow reconcile``: the nightly sweep by hand, its list, and the repairs (accident 9)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.database import database
from cli.output import AsJson, print_json, print_table, refuse, settings_or_exit
from runtime.settings import Settings

if TYPE_CHECKING:
    from store.pool import Pool, Row

_DIFFERENCES = 1
_REFUSED = 3


@dataclass(frozen=True)
class Swept:
    """What a sweep by hand came to; ``compared`` is None where Temporal could not be asked."""

    compared: int | None
    rows: list[Row]


def reconcile(
    repair: Annotated[int | None, typer.Option(metavar="ID", help="Repair this difference, if that is safe.")] = None,
    accept: Annotated[int | None, typer.Option(metavar="ID", help="Let this difference stand.")] = None,
    by: Annotated[str, typer.Option(help="Your staff id; needed to repair or accept.")] = "",
    why: Annotated[str, typer.Option(help="The reason, kept in the record; needed to repair or accept.")] = "",
    grace: Annotated[int, typer.Option(min=0, help="Leave alone what moved in the last so many minutes.")] = 15,
    as_json: AsJson = False,
) -> None:
    """Compare orders, workflows, money, stock and messages; list what disagrees.

    Exit codes: 0 nothing is open, 1 differences are open, 2 wrong settings or options,
    3 the repair was refused, 4 the database cannot be reached.
    """
    settings = settings_or_exit()
    number = repair if repair is not None else accept
    if repair is not None and accept is not None:
        refuse("either --repair or --accept", 2)
    if number is not None and not (by.strip() and why.strip()):
        refuse("say --by whom and --why: both are kept in the record (R23)", 2)
    if number is not None:
        _act(settings, number, by=by, why=why, accept=repair is None)
    swept = asyncio.run(_sweep(settings, timedelta(minutes=grace)))
    _show(swept, as_json=as_json)
    raise typer.Exit(_DIFFERENCES if swept.rows else 0)


def _act(settings: Settings, number: int, *, by: str, why: str, accept: bool) -> None:
    from store.errors import StoreError

    try:
        done = asyncio.run(_repair(settings, number, by=by, why=why, accept=accept))
    except StoreError as error:
        refuse(str(error), _REFUSED)
    typer.echo(f"difference {number}: {done}", err=True)


async def _repair(settings: Settings, number: int, *, by: str, why: str, accept: bool) -> str:
    from domain.permissions import Role
    from models.base import Actor
    from runtime.crypto import vault_of
    from runtime.temporal import connect
    from store import sweep
    from store.sweep_repairs import Bench, Order, repair

    who, now = Actor(id=by, role=Role.OPERATIONS), datetime.now(UTC)
    async with database(settings) as pool:
        if not accept:
            bench = Bench(pool, await connect(settings, lazy=True), vault_of(settings))
            return f"repaired by {await repair(bench, Order(number, who, why, now))}"
        async with pool.connection() as conn:
            await sweep.accept(conn, number, by=who, why=why, at=now)
        return "accepted"


async def _sweep(settings: Settings, grace: timedelta) -> Swept:
    from store import sweep

    at = datetime.now(UTC)
    async with database(settings) as pool:
        await sweep.check_books(pool, at, at - grace)
        compared = await _compare(settings, pool, at, at - grace)
        async with pool.connection() as conn:
            await sweep.conclude(conn, at, without_temporal=compared is None)
            return Swept(compared, await sweep.open_differences(conn))


async def _compare(settings: Settings, pool: Pool, at: datetime, settled: datetime) -> int | None:
    """The number of orders compared with their workflows; None where Temporal is away."""
    from runtime.temporal import connect
    from store import sweep_workflows
    from store.reaching import TemporalAway, reaching_temporal

    try:
        with reaching_temporal():
            client = await connect(settings)
        return await sweep_workflows.compare_all(client, pool, at, settled)
    except TemporalAway:
        typer.echo("Temporal cannot be reached: workflows were not compared", err=True)
        return None


def _show(swept: Swept, *, as_json: bool) -> None:
    if as_json:
        print_json({"workflows_compared": swept.compared, "differences": [_plain(row) for row in swept.rows]})
    elif swept.rows:
        print_table([_readable(row) for row in swept.rows])
        typer.echo("\nRepair with: orderflow reconcile --repair ID --by YOU --why REASON")
    else:
        compared = "not compared" if swept.compared is None else f"{swept.compared} compared with their orders"
        typer.echo(f"nothing disagrees (workflows: {compared})")


def _plain(row: Row) -> dict[str, Any]:
    from domain.sweep import MEANINGS, Difference

    meaning = MEANINGS[Difference(row["kind"])]
    return {
        "id": row["id"],
        "kind": row["kind"],
        "says": meaning.says,
        "says_zh": meaning.chinese,
        "subject": row["subject"],
        "order_no": row["order_no"],
        "evidence": row["evidence"],
        "suggestion": meaning.suggestion,
        "repair": meaning.repair,
        "department": meaning.department,
        "first_seen": row["first_seen"].isoformat(),
        "last_seen": row["last_seen"].isoformat(),
    }


def _readable(row: Row) -> dict[str, str]:
    plain = _plain(row)
    return {
        "id": str(plain["id"]),
        "kind": plain["kind"],
        "subject": plain["subject"],
        "evidence": plain["evidence"],
        "suggestion": plain["suggestion"] + ("" if plain["repair"] else " (no repair: a person decides)"),
        "first seen": f"{row['first_seen']:%Y-%m-%d %H:%M}",
    }

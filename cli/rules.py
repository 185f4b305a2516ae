"""``orderflow rules``: the review's rules as configuration: shown, changed, tried on past orders (R6)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from cli.database import database
from cli.output import AsJson, print_json, print_table, refuse, settings_or_exit
from domain.risk import BUILT_IN, RULES, Changes, RuleSet, Value, WrongRules, changed, read_change
from runtime.settings import Settings

if TYPE_CHECKING:
    from store.rules import Trial

T = TypeVar("T")

_WRONG = 3

app = typer.Typer(help="Show, change and try the rules of the automatic review.", no_args_is_help=True)

What = Annotated[
    list[str] | None,
    typer.Argument(metavar="RULE.WHAT=VALUE…", help="As in large_first_order.amount=300000 or phone.enabled=false."),
]
File = Annotated[
    Path | None,
    typer.Option(exists=True, dir_okay=False, help='A JSON file: {"blacklist": {"severity": "review"}, …}.'),
]
FromBuiltIn = Annotated[bool, typer.Option("--from-built-in", help="Begin with the built-in rules.")]


@app.command()
def show(as_json: AsJson = False) -> None:
    """Show every rule as it is in force: whether it is on, how severe it is, its parameters."""
    rules, versions = asyncio.run(_show(settings_or_exit()))
    if as_json:
        print_json({"version": rules.version, "rules": _plain(rules), "versions": versions})
        return
    typer.echo(f"version {rules.version}" + ("" if rules.version else " (built in)"))
    print_table([_readable(name, rules) for name in RULES])


@app.command("set")
def put(
    by: Annotated[str, typer.Option(help="Your staff id.")],
    why: Annotated[str, typer.Option(help="The reason, kept in the record.")],
    what: What = None,
    file: File = None,
    from_built_in: FromBuiltIn = False,
    as_json: AsJson = False,
) -> None:
    """Change the rules: orders reviewed from now on follow them. Exit code 3 names everything that is wrong."""
    settings = settings_or_exit()
    if not (by.strip() and why.strip()):
        refuse("say --by whom and --why: both are kept in the record (R23)", 2)
    wanted = _or_refuse(lambda: _wanted(what, file))
    if not wanted and not from_built_in:
        refuse("say what to change, as in blacklist.severity=review", 2)
    _or_refuse(lambda: changed(BUILT_IN, wanted))
    rules = asyncio.run(_set(settings, wanted, by=by, why=why, from_built_in=from_built_in))
    if as_json:
        print_json({"version": rules.version, "rules": _plain(rules)})
    else:
        typer.echo(f"version {rules.version} is in force")


@app.command("try")
def attempt(
    what: What = None,
    file: File = None,
    from_built_in: FromBuiltIn = False,
    orders: Annotated[int, typer.Option(min=1, max=1_000_000, help="So many orders, the newest first.")] = 10_000,
    as_json: AsJson = False,
) -> None:
    """Try changed rules on past orders: which would the review have led elsewhere? Nothing is changed."""
    settings = settings_or_exit()
    wanted = _or_refuse(lambda: _wanted(what, file))
    _or_refuse(lambda: changed(BUILT_IN, wanted))
    _print_trial(asyncio.run(_try(settings, wanted, orders, from_built_in=from_built_in)), as_json=as_json)


def _or_refuse(make: Callable[[], T]) -> T:
    try:
        return make()
    except WrongRules as error:
        refuse(f"wrong rules:\n{error}", _WRONG)


def _wanted(what: list[str] | None, file: Path | None) -> Changes:
    """The file's changes, and on top of them those of the command line."""
    wanted: dict[str, dict[str, Value]] = _read(file) if file else {}
    for text in what or ():
        rule, name, value = read_change(text)
        wanted.setdefault(rule, {})[name] = value
    return wanted


def _read(file: Path) -> dict[str, dict[str, Value]]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        refuse(f"{file} is no JSON", _WRONG)
    if not isinstance(content, dict) or not all(isinstance(keys, dict) for keys in content.values()):
        refuse(f'{file} must hold an object of objects: {{"blacklist": {{"severity": "review"}}}}', _WRONG)
    return {rule: dict(keys) for rule, keys in content.items()}


async def _show(settings: Settings) -> tuple[RuleSet, list[dict[str, Any]]]:
    from store import rules

    async with database(settings) as pool, pool.connection() as conn:
        known = [{**row, "set_at": row["set_at"].isoformat()} for row in await rules.versions(conn)]
        return await rules.current(conn), known


async def _set(settings: Settings, wanted: Changes, *, by: str, why: str, from_built_in: bool) -> RuleSet:
    from domain.permissions import Role
    from models.base import Actor
    from store import rules

    who = Actor(id=by, role=Role.OPERATIONS)
    async with database(settings) as pool, pool.connection() as conn:
        return await rules.put_in_force(
            conn, wanted, by=who, why=why, at=datetime.now(UTC), from_built_in=from_built_in
        )


async def _try(settings: Settings, wanted: Changes, orders: int, *, from_built_in: bool) -> Trial:
    from store import rules

    async with database(settings) as pool, pool.connection() as conn:
        base = BUILT_IN if from_built_in else await rules.current(conn)
        return await rules.try_on(conn, changed(base, wanted), orders)


def _print_trial(trial: Trial, *, as_json: bool) -> None:
    moves = [{"was": was, "would": would, "orders": count} for (was, would), count in sorted(trial.moves.items())]
    if as_json:
        others = [{**vars(other), "because": list(other.because)} for other in trial.others]
        counts = {"orders": trial.orders, "otherwise": len(trial.others), "without_facts": trial.unknown}
        print_json({**counts, "moves": moves, "others": others})
        return
    typer.echo(f"{trial.orders} orders judged again, {len(trial.others)} would have gone elsewhere")
    if trial.unknown:
        typer.echo(f"{trial.unknown} more were reviewed before facts were kept; they cannot be judged again")
    for rows in (moves, [_readable_other(vars(other)) for other in trial.others]):
        if rows:
            print_table(rows)


def _readable_other(other: dict[str, Any]) -> dict[str, str]:
    return {**other, "because": ", ".join(other["because"]) or "no finding"}


def _plain(rules: RuleSet) -> dict[str, Any]:
    return {name: {**vars(rules.setting(name)), "values": dict(rules.setting(name).values)} for name in RULES}


def _readable(name: str, rules: RuleSet) -> dict[str, str]:
    setting, spec = rules.setting(name), RULES[name]
    values = [f"{key}={value} {spec.parameters[key].unit}" for key, value in setting.values.items()]
    return {
        "rule": name,
        "": "on" if setting.enabled else "off",
        "severity": setting.severity,
        "parameters": ", ".join(values),
        "finds": spec.says,
        "changed": ", ".join(rules.changes.get(name, ())),
    }

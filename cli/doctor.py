"""``orderflow doctor``: what works and what does not."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from enum import StrEnum
from typing import Annotated

import typer

from cli.output import AsJson, print_json, print_table

_UNHEALTHY = 1


class Subject(StrEnum):
    """What can be checked alone."""

    DATABASE = "database"
    MIGRATIONS = "migrations"
    TEMPORAL = "temporal"
    WORKERS = "workers"
    API = "api"


Only = Annotated[list[Subject] | None, typer.Option(help="Check this beside the settings; may be repeated.")]


def doctor(only: Only = None, as_json: AsJson = False) -> None:
    """Check settings, database, migrations, Temporal, workers and the API; exit code 1 if any fails."""
    from cli.checks import examine

    checks = asyncio.run(examine(only or ()))
    if as_json:
        print_json([asdict(check) for check in checks])
    else:
        print_table([{"check": c.check, "": "ok" if c.ok else "WRONG", "detail": c.detail} for c in checks])
    raise typer.Exit(0 if all(check.ok for check in checks) else _UNHEALTHY)

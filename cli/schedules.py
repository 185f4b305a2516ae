"""``orderflow schedules``: create the Temporal Schedules this version needs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import typer

from cli.output import AsJson, print_json, settings_or_exit
from runtime.settings import Settings


def schedules(as_json: AsJson = False) -> None:
    """Create the Schedules that are not there yet, and name all of them; safe to repeat."""
    names = asyncio.run(_ensure(settings_or_exit()))
    if as_json:
        print_json({"schedules": list(names)})
    else:
        typer.echo("\n".join(names))


async def _ensure(settings: Settings) -> Sequence[str]:
    from runtime.temporal import connect
    from worker import ensure_schedules

    return await ensure_schedules(await connect(settings), settings)

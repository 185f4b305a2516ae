"""``python -m bench``: measure, print, and fail only when an order did not live to its archive."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated

import typer
from rich.console import Console

from bench import cost, report
from bench.driver import NotFinished
from bench.figures import Figure
from bench.ground import Ground, build_ground
from dev.stack.errors import StackError

MEASUREMENTS: Sequence[Callable[[Ground, int], Awaitable[list[Figure]]]] = (cost.of_one_order,)
"""Each gives rows for the same table, from about so many orders."""


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    json_out: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
    orders: Annotated[int, typer.Option(min=4, help="How many orders to measure in all.")] = 120,
) -> None:
    """Measure what one order costs, beside a no-op workflow with the same waits. Takes about two minutes.

    Exit code 0: measured, whatever the figures; 1: an order did not end as archived, or a server did not start.
    """
    # Ended by SIGTERM, too, the servers are stopped and their data removed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    errors = Console(stderr=True)
    try:
        figures = asyncio.run(measure(orders))
    except (NotFinished, StackError) as problem:
        errors.print("\n".join((str(problem), *getattr(problem, "__notes__", ()))), markup=False)
        raise typer.Exit(1) from None
    if json_out:
        print(report.as_json(figures, orders))
    else:
        report.show(figures, Console())


async def measure(orders: int) -> list[Figure]:
    """All rows of all measurements, on one ground."""
    async with build_ground() as ground:
        return [figure for one in MEASUREMENTS for figure in await one(ground, orders)]


if __name__ == "__main__":
    try:
        app()
    except SystemExit as ended:
        sys.stdout.flush()
        sys.stderr.flush()
        # The SDK's threads can abort a short-lived interpreter on its way out.
        os._exit(ended.code if isinstance(ended.code, int) else 1)

"""``python -m bench``: measure, print, and fail only when an order did not live to its archive."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.console import Console

from bench import cost, drain, hot_sku, importing, intake, lists, report
from bench.driver import NotFinished
from bench.figures import Figure
from bench.ground import Ground, build_ground
from dev.stack.errors import StackError


@dataclass(frozen=True)
class Measurement:
    """One table: ``take`` gives its rows, from about so many orders."""

    title: str
    headings: tuple[str, str]
    take: Callable[[Ground, int], Awaitable[list[Figure]]]


MEASUREMENTS: Mapping[str, Measurement] = {
    "order": Measurement(
        "What one order costs, beside a no-op with the same waits", ("order", "no-op"), cost.of_one_order
    ),
    "drain": Measurement("5,000 orders whose T1 falls at once", ("order", "no-op"), drain.of_unpaid_orders),
    "stock": Measurement("One SKU that everybody wants", ("reserve", "raw statement"), hot_sku.of_a_hot_sku),
    "intake": Measurement("Taking orders in, beside a bare insert", ("ours", "bare"), intake.of_doors),
    "import": Measurement("Importing a history", ("import", "raw inserts"), importing.of_a_history),
    "lists": Measurement("Lists of 1,000,000 orders, the 95th percentile", ("ours", "SELECT 1"), lists.of_a_million),
}


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    json_out: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
    orders: Annotated[int, typer.Option(min=4, help="How many orders to measure in all.")] = 120,
    only: Annotated[list[str] | None, typer.Option(help=f"One of {', '.join(MEASUREMENTS)}; repeat it.")] = None,
) -> None:
    """Measure what one order costs, and what the doors, the stock and the lists do. Takes some minutes.

    Exit code 0: measured, whatever the figures; 1: an order did not end as archived, or a server did not start.
    """
    # Ended by SIGTERM, too, the servers are stopped and their data removed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    errors = Console(stderr=True)
    try:
        figures = asyncio.run(measure(orders, _chosen(only)))
    except (NotFinished, StackError) as problem:
        errors.print("\n".join((str(problem), *getattr(problem, "__notes__", ()))), markup=False)
        raise typer.Exit(1) from None
    if json_out:
        print(report.as_json([row for rows in figures.values() for row in rows], orders))
    else:
        for name, rows in figures.items():
            report.show(MEASUREMENTS[name].title, MEASUREMENTS[name].headings, rows, Console())


def _chosen(only: Sequence[str] | None) -> Sequence[str]:
    if unknown := set(only or ()) - set(MEASUREMENTS):
        raise typer.BadParameter(f"there is no measurement {', '.join(sorted(unknown))}", param_hint="--only")
    return only or list(MEASUREMENTS)


async def measure(orders: int, names: Sequence[str]) -> dict[str, list[Figure]]:
    """The rows of each measurement, each on a ground of its own."""
    figures: dict[str, list[Figure]] = {}
    for name in names:
        async with build_ground() as ground:
            figures[name] = await MEASUREMENTS[name].take(ground, orders)
    return figures


if __name__ == "__main__":
    try:
        app()
    except SystemExit as ended:
        sys.stdout.flush()
        sys.stderr.flush()
        # The SDK's threads can abort a short-lived interpreter on its way out.
        os._exit(ended.code if isinstance(ended.code, int) else 1)

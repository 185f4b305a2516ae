"""One run of an import: stage the file, read each invoice, record or refuse it.

Nothing is lost on the way: imported + refused = invoices in the file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from domain.csv_orders import Ledger, Refusal, Row, SoldOrder, read
from store import imports
from store.imports import Recorded
from store.pool import Connection

_ORDERS_AT_ONCE = 500


class Sink(Protocol):
    """Where orders go: into the archive, or into life."""

    async def take(self, orders: Sequence[SoldOrder]) -> Recorded:
        """Take a batch, whole or not at all; what is there already is counted as known."""


class Watcher(Protocol):
    """Who is told how far a run has come."""

    def staged(self, invoices: int) -> None:
        """The whole file is read."""

    def done(self, invoices: int) -> None:
        """So many invoices more are decided."""

    def refused(self, refusal: Refusal) -> None:
        """An invoice was refused."""


@dataclass
class Tally:
    """What became of the invoices. ``imported`` are on record now; ``new`` of them were not before."""

    rows: int = 0
    invoices: int = 0
    imported: int = 0
    new: int = 0
    refused: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, recorded: Recorded) -> None:
        """Count a batch."""
        self.imported += recorded.new + recorded.known
        self.new += recorded.new

    def refuse(self, refusal: Refusal) -> None:
        """Count a refusal, each of its different reasons once."""
        self.refused += 1
        self.reasons.update({f"{reason.field} {reason.problem}" for reason in refusal.reasons})


async def run(conn: Connection, rows: Iterable[Row], ledger: Ledger, sink: Sink, watcher: Watcher) -> Tally:
    """Import all rows; ``conn`` holds them meanwhile, in its transaction."""
    await imports.begin(conn)
    staged = await imports.stage(conn, rows)
    watcher.staged(staged.invoices)
    tally = Tally(rows=staged.rows, invoices=staged.invoices)
    async for decided in _batches(imports.invoices(conn), ledger):
        orders = [one for one in decided if isinstance(one, SoldOrder)]
        recorded = await sink.take(orders)
        tally.add(recorded)
        for refusal in [*(one for one in decided if isinstance(one, Refusal)), *recorded.refused]:
            tally.refuse(refusal)
            watcher.refused(refusal)
        watcher.done(len(decided))
    return tally


async def _batches(invoices: AsyncIterator[list[Row]], ledger: Ledger) -> AsyncIterator[list[SoldOrder | Refusal]]:
    batch: list[SoldOrder | Refusal] = []
    async for rows in invoices:
        batch.append(read(rows, ledger))
        if len(batch) == _ORDERS_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch

"""What a person sees of an import while it runs, and the report of what was refused."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from cli.import_file import Unreadable
from domain.csv_orders import Refusal

REPORT_COLUMNS = ("InvoiceNo", "Line", "Column", "Problem")


class Watch:
    """Two bars on standard error, and the report's rows: of the file's values they show invoice numbers only."""

    def __init__(self, progress: Progress, report: TextIO, whole: int) -> None:
        self._progress = progress
        self._report = csv.writer(report)
        self._report.writerow(REPORT_COLUMNS)
        self._reading = progress.add_task("reading the file", total=whole)
        self._importing = progress.add_task("importing invoices", total=None)

    @classmethod
    @contextmanager
    def over(cls, whole: int, report: Path, *, quiet: bool) -> Iterator[Watch]:
        """Watch a file of ``whole`` bytes; raises :class:`Unreadable` if the report cannot be written."""
        try:
            written = report.open("w", encoding="utf-8", newline="")
        except OSError as error:
            raise Unreadable(f"the report cannot be written to {report}: {error.strerror}") from error
        columns = (
            TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), MofNCompleteColumn(),
            TimeRemainingColumn(),
        )  # fmt: skip
        with written, Progress(*columns, console=Console(stderr=True), disable=quiet) as progress:
            yield cls(progress, written, whole)

    def read(self, position: int) -> None:
        """So many bytes of the file are read."""
        self._progress.update(self._reading, completed=position)

    def staged(self, invoices: int) -> None:
        """The whole file is read."""
        self._progress.update(self._importing, total=invoices)

    def done(self, invoices: int) -> None:
        """So many invoices more are decided."""
        self._progress.advance(self._importing, invoices)

    def refused(self, refusal: Refusal) -> None:
        """Each reason is a row of the report; line 0 is the invoice as a whole."""
        for reason in refusal.reasons:
            self._report.writerow((_shown(refusal.invoice), reason.line, reason.field, reason.problem))


def _shown(invoice: str) -> str:
    """A number as somebody may have written it, made harmless for a spreadsheet."""
    readable = "".join(sign for sign in invoice if sign.isprintable())[:40]
    return f"'{readable}" if readable[:1] in ("=", "+", "-", "@") else readable

"""The file of an import, read once from its first byte to its last: plain or gzip, UTF-8.

Unreadable    it is no such file; nothing was imported
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from domain.csv_orders import COLUMNS, Row

_TELL_EVERY = 5_000


class Unreadable(Exception):
    """The file cannot be read as a ledger; the text says why, for people."""


def rows(path: Path, tell: Callable[[int], None]) -> Iterator[Row]:
    """Every row below the header; ``tell`` hears how many bytes of the file are behind us.

    Raises :class:`Unreadable`.
    """
    with _saying_why(path), path.open("rb") as raw:
        reader = csv.reader(_text(path, raw), strict=True)
        _check_header(next(reader, []))
        for number, cells in enumerate(reader):
            if cells:
                yield Row(reader.line_num, tuple(cells))
            if number % _TELL_EVERY == 0:
                tell(raw.tell())
        tell(raw.tell())


def size(path: Path) -> int:
    """Bytes of the file; raises :class:`Unreadable`."""
    with _saying_why(path):
        return path.stat().st_size


def _text(path: Path, raw: BinaryIO) -> io.TextIOWrapper:
    stream = gzip.GzipFile(fileobj=raw) if path.suffix == ".gz" else raw
    # Spreadsheets put a byte order mark before the first column's name.
    return io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")


def _check_header(found: list[str]) -> None:
    if tuple(name.strip() for name in found) != COLUMNS:
        raise Unreadable(f"its first line has to be: {','.join(COLUMNS)}")


@contextmanager
def _saying_why(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unreadable(f"{path.name} cannot be read: {error.strerror or error}") from error
    except (EOFError, zlib.error) as error:
        raise Unreadable(f"{path.name} ends before its end: it is damaged") from error
    except UnicodeDecodeError as error:
        raise Unreadable(f"{path.name} is not UTF-8") from error
    except csv.Error as error:
        raise Unreadable(f"{path.name} is no CSV: {error}") from error

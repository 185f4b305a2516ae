"""CSV as spreadsheets take it, and never as something they run.

A spreadsheet runs what begins with ``=``, ``+``, ``-`` or ``@``: such a text gets an apostrophe in front.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence

UTF8 = "\ufeff"
"""Without this mark spreadsheets read Chinese as something else."""
_RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def written(rows: Iterable[Sequence[object]]) -> str:
    """The rows as lines; what is no text, number or instant stands as JSON."""
    file = io.StringIO()
    csv.writer(file, lineterminator="\r\n").writerows([_cell(value) for value in row] for row in rows)
    return file.getvalue()


def _cell(value: object) -> str:
    text = "" if value is None else _text(value)
    return f"'{text}" if text.lstrip(" ").startswith(_RUN_BY_SPREADSHEETS) else text


def _text(value: object) -> str:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)

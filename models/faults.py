"""What pydantic found wrong, as faults that name every field at once (R2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from domain.intake import Fault


def faults_of(errors: Sequence[Mapping[str, Any]]) -> list[Fault]:
    """pydantic's errors as faults: paths and words, never the value that was sent (R21)."""
    faults = [Fault(_path(error["loc"]), _words(error)) for error in errors]
    # pydantic also calls a list too short whose items are faulty: the items' own faults say it better.
    return [
        fault
        for fault, error in zip(faults, errors, strict=True)
        if error["type"] != "too_short" or not any(other.field.startswith(f"{fault.field}.") for other in faults)
    ]


# A body's fields are named as the caller wrote them; only other places say where they are.
_PLACES = {"body": "", "query": "query.", "path": "path.", "header": "header."}


def _path(loc: Sequence[str | int]) -> str:
    if not loc:
        return "body"
    place, rest = str(loc[0]), loc[1:]
    if place not in _PLACES:
        return ".".join(str(part) for part in loc)
    return _PLACES[place] + ".".join(str(part) for part in rest) if rest else place


def _words(error: Mapping[str, Any]) -> str:
    if error["type"] in _OUR_WORDS:
        return _OUR_WORDS[error["type"]]
    return str(error["msg"]).removeprefix("Value error, ").removeprefix("Input ").removeprefix("String ")


_OUR_WORDS = {
    "missing": "is missing",
    "json_invalid": "is not JSON",
    "timezone_aware": "has no offset from UTC",
    "int_type": "should be a whole number",
}

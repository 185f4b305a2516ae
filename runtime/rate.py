"""How often something may be asked for: ``600/min`` in a setting."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any, NamedTuple

from pydantic import BeforeValidator
from pydantic_settings import NoDecode

_TEXT = re.compile(r"([1-9]\d{0,6}) ?/ ?(s|min|h)")
_PER = {"s": timedelta(seconds=1), "min": timedelta(minutes=1), "h": timedelta(hours=1)}


class Allowance(NamedTuple):
    """So many in such a time."""

    number: int
    per: timedelta


def _read(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if (read := _TEXT.fullmatch(value)) is None:
        raise ValueError("is written as 600/min: a number per s, min or h")
    return Allowance(int(read[1]), _PER[read[2]])


Rate = Annotated[Allowance, NoDecode, BeforeValidator(_read)]
"""A setting's allowance."""

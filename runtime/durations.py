"""Durations as settings write them: ``24h``, ``30min``, ``7d``, ``90s``, or ISO 8601 (``PT24H``)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

_UNITS = {"s": "seconds", "min": "minutes", "h": "hours", "d": "days"}
_SHORT_DURATION = re.compile(r"(\d+) ?(s|min|h|d)")


def _duration(value: Any) -> Any:
    """Read ``24h``; leave everything else to pydantic."""
    short = _SHORT_DURATION.fullmatch(value) if isinstance(value, str) else None
    return timedelta(**{_UNITS[short[2]]: int(short[1])}) if short else value


Duration = Annotated[timedelta, BeforeValidator(_duration), Field(ge=timedelta(0))]

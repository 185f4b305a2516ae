"""Looking again and again at something that another process changes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

PACE = timedelta(milliseconds=400)


async def rounds(pace: timedelta = PACE) -> AsyncIterator[None]:
    """One round after the other until the caller has seen enough; it sets its own time limit."""
    while True:
        yield
        await asyncio.sleep(pace.total_seconds())

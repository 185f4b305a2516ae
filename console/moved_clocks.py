"""Clocks that were moved, in development only: every countdown goes by the clock of whom it is about.

In production no clock but the wall's is known, and nothing is asked.
"""

from __future__ import annotations

import json

from nicegui import ui
from pydantic import BaseModel

from console.bench import Bench
from console.errors import Away, Refused, SignedOut

_TICK_S = 0.5
_NEEDS = "deadline.read"
_KINDS = ("moved",)


class MovedClock(BaseModel):
    """Whose clock it is, as the deadline board names them, and how far ahead it is."""

    subject: str
    ahead_seconds: int


class MovedClocks(BaseModel):
    """What the API says of them."""

    items: list[MovedClock]


def follow(bench: Bench) -> None:
    """Keep the browser told of them, on every page."""
    if not (bench.development and bench.may(_NEEDS)):
        return
    told: dict[str, int] = {}

    async def look() -> None:
        try:
            moved = await bench.api.get("/v1/deadlines/moved", MovedClocks)
        except (Refused, Away, SignedOut):
            # A page says these by itself; here the last that was known stays.
            return
        ahead = {one.subject: one.ahead_seconds * 1000 for one in moved.items}
        if ahead != told:
            told.clear()
            told.update(ahead)
            ui.run_javascript(f"window.movedClocks = {json.dumps(ahead)}")

    listening = bench.listens(_KINDS)

    async def tick() -> None:
        if listening is None or not listening.hears or listening.changed():
            await look()

    slot, timers = ui.context.slot, list[ui.timer]()

    def begin() -> None:
        # As in console.live: a timer that waits for the browser has the page sent there at once, empty.
        bench.ear.begin(ui.context.client)
        if not timers:
            with slot:
                timers.append(ui.timer(_TICK_S, tick))

    ui.context.client.on_connect(begin)

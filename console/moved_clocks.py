"""Clocks that were moved, in development only: every countdown goes by the clock of whom it is about.

In production no clock but the wall's is known, and nothing is asked.
"""

from __future__ import annotations

import json

from nicegui import ui
from pydantic import BaseModel

from console.bench import Bench
from console.live import Live

_NEEDS = "deadline.read"


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

    def tell(moved: MovedClocks) -> None:
        ahead = {one.subject: one.ahead_seconds * 1000 for one in moved.items}
        ui.run_javascript(f"window.movedClocks = {json.dumps(ahead)}")

    Live(bench, lambda: bench.api.get("/v1/deadlines/moved", MovedClocks), tell, told=("moved",), wholly=True)

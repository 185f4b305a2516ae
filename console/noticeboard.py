"""What stands before everybody: broadcasts, over every page of whom they concern (R25)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from api.schemas.emergencies import BroadcastPage, BroadcastView
from console.bench import Bench
from console.calls import Query
from console.kit import box, moment, text
from console.live import Live

_FRESH_S = 0.5
_MOST = 5
_NEEDS = "broadcast.read"
KINDS = {"emergency": "no", "warning": "warn", "notice": "info"}
"""How each severity looks, the most urgent first."""


@dataclass
class Noticeboard:
    """What stands before each department, read for all pages of this process together.

    A page at every desk asks every second; the API is asked twice a second for each role at most.
    """

    _seen: dict[str, tuple[float, list[BroadcastView]]] = field(default_factory=dict)
    _reading: set[str] = field(default_factory=set)

    async def standing(self, bench: Bench) -> list[BroadcastView]:
        """What stands before this person's department, the most urgent first."""
        role, now = bench.staff.role, asyncio.get_running_loop().time()
        if role in self._seen:
            at, seen = self._seen[role]
            if now - at < _FRESH_S or role in self._reading:
                return seen
        self._reading.add(role)
        try:
            query: Query = {"standing": "true", "department": role, "limit": _MOST}
            page = await bench.api.get("/v1/broadcasts", BroadcastPage, query)
        finally:
            self._reading.discard(role)
        ranks = list(KINDS)
        found = sorted(page.items, key=lambda one: ranks.index(one.severity))
        self._seen[role] = (asyncio.get_running_loop().time(), found)
        return found


def hang(bench: Bench, board: Noticeboard) -> None:
    """Make the place over a page where they stand, and keep it true."""
    if not bench.may(_NEEDS):
        return
    place = box("banners", "section", aria_label=bench.t("broadcast.standing"), aria_live="assertive")

    def show(found: list[BroadcastView]) -> None:
        place.clear()
        with place:
            for one in found:
                draw_banner(bench, one.severity, one.text, f"{one.sent_by} · {moment(one.sent_at, bench.zone)}")

    Live(bench, lambda: board.standing(bench), show)


def draw_banner(bench: Bench, severity: str, words: str, by: str) -> None:
    """One broadcast, as everybody sees it."""
    with box(f"notice {KINDS[severity]} banner"):
        text(bench.t(f"severity.{severity}"), classes="strong")
        text(words, classes="wrap said", tabindex="0")
        text(by, classes="small num")

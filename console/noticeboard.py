"""What stands before everybody: broadcasts, over every page of whom they concern (R25)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from api.schemas.emergencies import BroadcastPage, BroadcastView
from console.bench import Bench
from console.calls import Query
from console.kit import box, moment, text
from console.live import Live

_MOST = 5
_NEEDS = "broadcast.read"
KINDS = {"emergency": "no", "warning": "warn", "notice": "info"}
"""How each severity looks, the most urgent first."""


def hang(bench: Bench) -> None:
    """Make the place over a page where they stand, and keep it true."""
    if not bench.may(_NEEDS):
        return
    place = box("banners", "section", aria_label=bench.t("broadcast.standing"), aria_live="assertive")

    def show(found: list[BroadcastView]) -> None:
        place.clear()
        with place:
            for one in found:
                draw_banner(bench, one.severity, one.text, f"{one.sent_by} · {moment(one.sent_at, bench.zone)}")

    Live(bench, lambda: standing(bench), show, told=("broadcast",), wholly=True, until=first_over)


async def standing(bench: Bench) -> list[BroadcastView]:
    """What stands before this person's department, the most urgent first."""
    query: Query = {"standing": "true", "department": bench.staff.role, "limit": _MOST}
    page = await bench.api.get("/v1/broadcasts", BroadcastPage, query)
    ranks = list(KINDS)
    return sorted(page.items, key=lambda one: ranks.index(one.severity))


def first_over(found: Iterable[BroadcastView]) -> datetime | None:
    """When the first of those that stand has stood as long as any: nobody ends it, so nobody tells of it."""
    return min((one.stands_until for one in found if one.stands), default=None)


def draw_banner(bench: Bench, severity: str, words: str, by: str) -> None:
    """One broadcast, as everybody sees it."""
    with box(f"notice {KINDS[severity]} banner"):
        text(bench.t(f"severity.{severity}"), classes="strong")
        text(words, classes="wrap said", tabindex="0")
        text(by, classes="small num")

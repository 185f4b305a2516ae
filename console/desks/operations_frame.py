"""The pages of the operations desk, and the way between them."""

from __future__ import annotations

from console.bench import Bench
from console.kit import box, link, text

PAGES = (
    ("emergencies", "/operations", "hold.read"),
    ("stuck", "/operations/stuck", "stuck.read"),
    ("schedules", "/operations/schedules", "schedule.read"),
)
"""Name, path, and the permission without which it is not offered."""


def draw_pages(bench: Bench, at: str) -> None:
    """The desk's title, and its pages for those who may see them."""
    t = bench.t
    text(t(f"ops.{at}"), "h1")
    with box("desks pages", "nav", aria_label=t("ops.pages")):
        for name, path, needed in PAGES:
            if bench.may(needed):
                link(t(f"ops.{name}"), path, **({"aria_current": "page"} if name == at else {}))

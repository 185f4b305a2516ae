"""Open parcel exceptions, the first due first (R13, T5)."""

from __future__ import annotations

from nicegui import ui

from api.schemas.cases import CasePage, CaseRowView
from console import saying
from console.bench import Bench
from console.kit import box, countdown, empty, link, status, text


def counted(cases: CasePage) -> str:
    """How many there are; of more than a page, that there are more."""
    return f"{len(cases.items)}{'+' if cases.next_cursor else ''}"


def draw_exceptions(bench: Bench, place: ui.element, cases: CasePage) -> None:
    """Each with its clock and the way to where it is settled."""
    t = bench.t
    place.clear()
    with place:
        if not cases.items:
            empty(t("logistics.no_exception"), t("logistics.no_exception_hint"))
            return
        text(t("logistics.exceptions_counted", number=counted(cases)), "p", "small soft num")
        for one in cases.items:
            _draw(bench, one)
        if cases.next_cursor:
            link(t("logistics.more_exceptions"), "/cases")


def _draw(bench: Bench, one: CaseRowView) -> None:
    t = bench.t
    with box("stack tight parted"):
        with box("spread"):
            link(one.subject, f"/cases/{one.case_no}", "strong mono wrap")
            if one.due_at:
                countdown(one.due_at, one.opened_at, f"{t('due')} {one.case_no}", f"case:{one.case_no}")
        with box("bar small"):
            status(one.state, "amber")
            text(saying.of_case(bench, one), classes="wrap")
            text(bench.who(one.assignee), classes="soft")

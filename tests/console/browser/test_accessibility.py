"""Every page, light and dark, wide and narrow: names, contrast, landmarks, focus, nothing cut off."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from domain.permissions import Role
from tests.console.browser.accessibility import faults_of, walk_by_tab
from tests.console.browser.conftest import Desks, ready
from tests.console.browser.orders import packed, waiting_for_a_picker, waiting_for_review
from tests.console.browser.reviews_of_rights import a_review

OPERATIONS = ("/operations", "/operations/stuck", "/operations/schedules")
LOOKS = [("light", False, "en"), ("dark", True, "zh")]


@pytest.fixture(scope="module")
def places(desks: Desks) -> dict[str, list[str]]:
    """Pages by who works at them, each with something on it."""
    number, task = waiting_for_a_picker(desks.shop)
    a_review(desks.shop, Role.SALES)
    parcel, _ = packed(desks.shop), waiting_for_review(desks.shop)
    return {
        "reviewer": ["/review"],
        "warehouse/picker-9": ["/warehouse", f"/warehouse/{task['task_no']}", f"/warehouse/{parcel}-T1"],
        "customer_service": ["/orders", f"/orders/{number}"],
        "operations": ["/clocks", "/orders?status=picking", "/risk", "/risk/rules", *OPERATIONS],
        "auditor": [f"/audit?order={number}", "/rights"],
        "administrator": ["/accounts", "/accounts/tokens"],
        "finance": ["/finance", "/finance/ledger", f"/finance/orders/{parcel}"],
        "logistics": ["/logistics", "/board", "/board/digests"],
    }


@pytest.mark.parametrize(("theme", "narrow", "language"), LOOKS)
def test_no_page_shuts_anybody_out(
    desks: Desks, places: dict[str, list[str]], theme: str, narrow: bool, language: str
) -> None:
    found: dict[str, list[str]] = {}
    for role, paths in places.items():
        with desks.at(role, paths[0], theme=theme, narrow=narrow, language=language) as page:
            for path in paths:
                page.goto(path)
                ready(page)
                choose_the_first(page)
                found[f"{path} {theme}"] = faults_of(page)
    assert {path: faults for path, faults in found.items() if faults} == {}


def choose_the_first(page: Page) -> None:
    """The review desk shows most when an order is chosen."""
    if page.url.endswith("/review"):
        # The queue comes a moment after the page, and a key finds nothing to choose before.
        expect(page.locator("main").get_by_role("timer").first).to_be_visible()
        page.keyboard.press("j")
        expect(page.locator(".detail-side .btn.primary")).to_be_visible()


def test_the_keyboard_leads_from_the_top_to_the_work_and_shows_where_it_is(
    desks: Desks, places: dict[str, list[str]]
) -> None:
    with desks.at("reviewer") as page:
        way = walk_by_tab(page, 14)
    assert "skip" in way[0][0]
    assert all(shown for where, shown in way if where)
    assert any("<select" in where for where, _ in way), way

"""Signing in, whose desk is whose, language and theme, a lost line (R22)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import expect

from tests.console.browser.conftest import Desks, console_of, ready, shot
from tests.console.browser.orders import waiting_for_review
from tests.console.browser.serve import PASSWORD
from tests.fixtures.temporal import free_port

DESKS_OF = {
    "customer_service": ["Review", "Orders", "Cases", "Alerts", "Board"],
    "reviewer": ["Review", "Orders", "Cases", "Alerts", "Board", "Risk"],
    "warehouse": ["Warehouse", "Cases", "Alerts"],
    "auditor": ["Orders", "Cases", "Alerts", "Board", "Operations", "Risk", "Rights", "Audit"],
    "administrator": ["Orders", "Cases", "Clocks", "Alerts", "Board", "Operations", "Rights", "Audit", "Accounts"],
    "logistics": ["Orders", "Cases", "Logistics", "Alerts", "Board"],
    "finance": ["Orders", "Cases", "Finance", "Alerts", "Board"],
    "operations": [
        "Review",
        "Orders",
        "Cases",
        "Logistics",
        "Finance",
        "Clocks",
        "Alerts",
        "Board",
        "Operations",
        "Risk",
        "Rights",
        "Audit",
    ],
}
_CSP = "Content Security Policy"
_FOREIGN_SCRIPT = """
document.head.append(Object.assign(document.createElement("script"), {src: "http://elsewhere.test/a.js"}))
"""
_OUT_OF_REACH_FOR_A_WHILE = """
() => {
  const line = window.socket.io;
  line.randomizationFactor(0);
  line.reconnectionDelay(4500);
  line.engine.close();
}
"""
ALL_DESKS = {desk for desks_of_role in DESKS_OF.values() for desk in desks_of_role}


@pytest.mark.parametrize("role", DESKS_OF)
def test_each_role_sees_its_own_desks_and_no_other(desks: Desks, role: str) -> None:
    with desks.at(role) as page:
        shown = page.get_by_role("navigation", name="Desks").get_by_role("link")
        expect(shown).to_have_count(len(DESKS_OF[role]))
        assert [name.split("\n")[-1] for name in shown.all_inner_texts()] == DESKS_OF[role]
        for other in ALL_DESKS - set(DESKS_OF[role]):
            page.goto(f"/{other.lower()}")
            expect(page.get_by_text("This desk is not yours")).to_be_visible()


def test_nobody_comes_in_without_the_password(desks: Desks) -> None:
    context = desks.browser.new_context(base_url=desks.address)
    page = context.new_page()
    page.goto("/orders")
    expect(page).to_have_url(f"{desks.address}/sign-in?to=/orders")
    page.get_by_label("User name").fill("reviewer")
    page.get_by_label("Password").fill("guessed")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("do not match")
    shot(page, "sign-in-1280-light-en")
    page.get_by_label("User name").fill("reviewer")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{desks.address}/orders")
    ready(page)
    [cookie] = [one for one in context.cookies() if one.get("name") == "orderflow_console"]
    assert (cookie.get("httpOnly"), cookie.get("sameSite")) == (True, "Lax")
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(f"{desks.address}/sign-in")
    page.goto("/orders")
    expect(page).to_have_url(f"{desks.address}/sign-in?to=/orders")
    context.close()


def test_a_page_runs_nothing_from_elsewhere_is_framed_by_nobody_and_kept_in_no_cache(desks: Desks) -> None:
    complaints: list[str] = []
    with desks.at("operations", "/orders") as page:
        page.on("console", lambda said: complaints.append(said.text) if _CSP in said.text else None)
        for desk in DESKS_OF["operations"]:
            answer = page.goto(f"/{desk.lower()}")
            ready(page)
            assert answer is not None
            told = answer.headers
            assert (told["cache-control"], told["referrer-policy"]) == ("no-store", "no-referrer")
            assert (told["x-content-type-options"], told["x-frame-options"]) == ("nosniff", "SAMEORIGIN")
            assert "frame-ancestors 'self'" in told["content-security-policy"]
            assert "strict-transport-security" not in told, "development has no https"
        assert complaints == []
        with page.expect_console_message(lambda said: "elsewhere.test" in said.text and _CSP in said.text):
            page.evaluate(_FOREIGN_SCRIPT)


def test_on_a_handheld_the_desk_one_is_at_is_seen_among_many(desks: Desks) -> None:
    with desks.at("operations", "/board", narrow=True) as page:
        expect(page.get_by_role("navigation", name="Desks").locator("[aria-current]")).to_be_in_viewport(ratio=0.9)


def test_language_and_theme_are_remembered(desks: Desks) -> None:
    with desks.at("auditor", "/orders") as page:
        page.get_by_role("link", name="Switch to Chinese").click()
        expect(page.get_by_role("heading", name="查找訂單")).to_be_visible()
        page.get_by_role("link", name="深色").click()
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        page.goto("/orders")
        expect(page.locator("html")).to_have_attribute("lang", "zh-Hant")
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_a_sign_in_leads_nowhere_else(desks: Desks) -> None:
    with desks.at("auditor", "//elsewhere.example/") as page:
        assert page.url == f"{desks.address}/orders"


def test_a_page_comes_with_what_it_shows_also_when_the_api_takes_its_time(desks: Desks) -> None:
    number = waiting_for_review(desks.shop)
    slow = console_of(desks.shop.settings, "tests.console.browser.slowly")
    with slow as address, replace(desks, address=address).at("auditor") as page:
        assert "auto_reviewed" in page.request.get(f"/audit?order={number}").text()
        assert number in page.request.get("/orders").text()


def test_a_lost_line_is_said_on_the_page(desks: Desks) -> None:
    nobody_serves = desks.shop.settings.model_copy(update={"api_port": free_port()})
    with console_of(nobody_serves) as address, replace(desks, address=address).at("reviewer") as page:
        expect(page.get_by_text("No connection to the order system")).to_be_visible()


def test_what_was_typed_outlives_a_lost_line_and_the_page_is_true_again(desks: Desks) -> None:
    number = waiting_for_review(desks.shop)
    with desks.at("customer_service", f"/orders/{number}") as page:
        page.get_by_label("Write a note").fill("half a sentence")
        page.evaluate(_OUT_OF_REACH_FOR_A_WHILE)
        expect(page.locator("#popup")).to_be_visible()
        desks.shop.run(lambda caller: caller.post(f"/v1/orders/{number}/review", {"decision": "approve"}, "reviewer"))
        expect(page.locator("#popup")).to_be_hidden()
        expect(page.get_by_text("approved", exact=True).first).to_be_visible()
        expect(page.get_by_label("Write a note")).to_have_value("half a sentence")

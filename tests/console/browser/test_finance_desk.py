"""The finance desk: refunds with four eyes, transfers, the ledger, payment problems, differences (R3, R16, R25)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from playwright.sync_api import Locator, Page, expect

from domain.sweep import Difference
from store import sweep
from tests.api.caller import Caller, an_order, order_no, paid
from tests.console.browser.accessibility import faults_of
from tests.console.browser.conftest import SCREENS, Desks, Shop, ready, shot
from tests.console.browser.orders import a_buyer

LARGE: dict[str, Any] = {"lines__0__quantity": 30, "lines__0__discount": 0, "total": 602_900}
FINANCE = "finance"


def refund_waiting(shop: Shop, asked_by: str) -> str:
    """An order of CNY 6,029.00 whose refund a second person has to look at; its number."""

    async def ask(caller: Caller) -> str:
        order = an_order(**LARGE, **a_buyer())
        number = order_no(order)
        await caller.place(order)
        await caller.stripe(paid(number, order["total"], order["payment"]["reference"]))
        await caller.until(number, "manual_review")
        wish = {"whole": True, "reason": "late"}
        asked = await caller.post(f"/v1/orders/{number}/refunds", wish, "operations", subject=asked_by)
        assert asked.status_code == 200, asked.text
        return number

    return shop.run(ask)


def refund_of(shop: Shop, number: str) -> dict[str, Any]:
    """The one refund of that order."""
    [one] = shop.run(lambda caller: caller.get(f"/v1/orders/{number}/payments", FINANCE)).json()["refunds"]
    found: dict[str, Any] = one
    return found


def card(page: Page, words: str) -> Locator:
    """The card that says this."""
    return page.locator(".card").filter(has_text=words)


def test_a_refund_is_approved_by_a_second_person_and_whoever_asked_is_told_why_not(desks: Desks) -> None:
    number = refund_waiting(desks.shop, "operations-7")
    with desks.at("operations/operations-7", "/finance") as page:
        own = card(page, number)
        expect(own).to_contain_text("another person has to approve it")
        own.get_by_role("button", name="Decide").click()
        expect(own.get_by_role("button", name="Refuse")).to_be_visible()
        expect(own.get_by_role("button", name="Approve")).to_have_count(0)
    assert refund_of(desks.shop, number)["state"] == "waiting"
    with desks.at(FINANCE, "/finance") as page:
        waiting = card(page, number)
        expect(waiting).to_contain_text("CNY 6,029.00")
        waiting.get_by_role("button", name="Decide").click()
        shot(page, "finance-1280-light-en")
        waiting.get_by_role("button", name="Approve").click()
        expect(page.get_by_role("alert")).to_contain_text("on record under your name")
        expect(card(page, number).get_by_role("button", name="Decide")).to_have_count(0)
    assert refund_of(desks.shop, number)["decided_by"] == "finance-1"


def test_a_refund_is_refused_with_a_reason(desks: Desks) -> None:
    number = refund_waiting(desks.shop, "operations-7")
    with desks.at(FINANCE, "/finance") as page:
        card(page, number).get_by_role("button", name="Decide").click()
        card(page, number).get_by_role("button", name="Refuse").click()
        expect(page.get_by_role("alert")).to_contain_text("Reason is needed")
        card(page, number).get_by_label("Reason").fill("already_sent")
        card(page, number).get_by_role("button", name="Refuse").click()
        expect(card(page, number)).to_have_count(0)
    refused = refund_of(desks.shop, number)
    assert (refused["state"], refused["decided_by"]) == ("declined", "finance-1")


def test_a_bank_transfer_is_booked_once_and_stands_in_the_ledger(desks: Desks) -> None:
    order = an_order(payment={"method": "online", "provider": "bank_transfer"}, **a_buyer())
    number = order_no(order)
    desks.shop.run(lambda caller: caller.place(order))
    with desks.at(FINANCE, "/finance") as page:
        page.get_by_label("Order number").fill(number)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name=number)).to_be_visible()
        ready(page)
        expect(page.get_by_text("No money has moved")).to_be_visible()
        for amount in ("about 456", "456.00"):
            page.get_by_label("Amount").fill(amount)
            page.get_by_label("The bank's number").fill(f"ICBC-{number}")
            page.get_by_label("Received at").fill("2026-01-02T20:00")
            page.get_by_role("button", name="Book a bank transfer").click()
            expect(page.get_by_role("alert")).to_contain_text("408.00" if amount != "456.00" else "is safe")
        expect(page.get_by_role("cell", name="CNY 456.00")).to_be_visible()
        shot(page, "finance-order-1280-light-en")
        page.goto("/finance/ledger?provider=bank_transfer")
        ready(page)
        expect(page.get_by_role("link", name=number)).to_be_visible()
        expect(page.get_by_label("Provider")).to_have_value("bank_transfer")
        page.get_by_label("What").select_option("refunded")
        expect(page.get_by_role("link", name=number)).to_have_count(0)
        expect(page.get_by_text("No movement of this kind")).to_be_visible()
        page.reload()
        ready(page)
        expect(page.get_by_label("What")).to_have_value("refunded")
        page.get_by_label("What").select_option("captured")
        page.get_by_role("link", name=number).click()
        expect(page.get_by_role("heading", name=number)).to_be_visible()


def test_a_difference_is_repaired_or_let_stand_under_a_name_and_a_refusal_is_the_apis_own(desks: Desks) -> None:
    found = sweep.Found(Difference.MONEY_KEPT, "order:invented-0", "paid 100, given back 0")

    async def differ(caller: Caller) -> None:
        async with caller.pool.connection() as conn:
            await sweep.keep(conn, datetime.now(UTC), [found])

    desks.shop.run(differ)
    with desks.at(FINANCE, "/finance", narrow=True, theme="dark", language="zh") as page:
        assert faults_of(page) == []
        page.screenshot(path=SCREENS / "finance-390-dark-zh.png", full_page=True)
    with desks.at(FINANCE, "/finance") as page:
        one = card(page, "order:invented-0")
        expect(one).to_contain_text("paid 100, given back 0")
        expect(one).to_contain_text("Suggested:")
        one.get_by_role("button", name="Decide").click()
        expect(one.get_by_role("button", name="Repair")).to_have_count(0)
        one.get_by_role("button", name="Let it stand").click()
        expect(page.get_by_role("alert")).to_contain_text("Refused")
        one.get_by_label("Reason").fill("invented order")
        one.get_by_role("button", name="Let it stand").click()
        expect(card(page, "order:invented-0")).to_have_count(0)

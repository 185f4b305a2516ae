"""The deadline board in a browser: overdue first, extended and waived with a reason (R7, R25)."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.console.browser.conftest import SEEN_WITHIN_MS, Desks, shot
from tests.console.browser.orders import waiting_for_review


def card(page: Page, number: str, clock: str) -> Locator:
    """The clock of that order."""
    return page.locator(".card").filter(has_text=number).filter(has=page.get_by_text(clock, exact=True))


def test_operations_extend_a_clock_with_a_reason_and_waive_another(desks: Desks) -> None:
    number = waiting_for_review(desks.shop)
    with desks.at("operations", "/clocks") as page:
        t3 = card(page, number, "T3")
        shot(page, "clocks-1280-light-en")
        t3.get_by_role("button", name="Extend or waive").click()
        t3.get_by_role("button", name="Extend", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("reason")
        t3.get_by_label("Reason").fill("supplier_asked")
        t3.get_by_role("button", name="Extend", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("T3 changed")
        t2 = card(page, number, "T2")
        t2.get_by_role("button", name="Extend or waive").click()
        t2.get_by_label("Reason").fill("known_buyer")
        t2.get_by_role("button", name="Waive").click()
        expect(page.get_by_role("alert")).to_contain_text("T2 changed")
        expect(card(page, number, "T2")).to_have_count(0)
    timeline = desks.shop.run(lambda shop: shop.get(f"/v1/orders/{number}/timeline")).json()["items"]
    changed = [(act["act"], act["why"]) for act in timeline if act["act"].startswith("deadline_")]
    assert sorted(changed) == [("deadline_extended", "supplier_asked"), ("deadline_waived", "known_buyer")]


def test_what_somebody_does_at_one_clock_goes_on_while_others_come_and_go(desks: Desks) -> None:
    number, other = waiting_for_review(desks.shop), waiting_for_review(desks.shop)
    with desks.at("operations", "/clocks") as page:
        open_form = card(page, number, "T2").get_by_role("button", name="Extend or waive")
        open_form.focus()
        decide(desks, other)
        expect(card(page, other, "T3")).to_have_count(0, timeout=SEEN_WITHIN_MS)
        expect(open_form).to_be_focused()
        page.keyboard.press("Enter")
        reason = card(page, number, "T2").get_by_label("Reason")
        reason.fill("half a rea")
        third = waiting_for_review(desks.shop)
        expect(card(page, third, "T3")).to_be_visible(timeout=SEEN_WITHIN_MS)
        decide(desks, number)
        expect(card(page, number, "T3")).to_have_count(0, timeout=SEEN_WITHIN_MS)
        expect(reason).to_have_value("half a rea")
        card(page, number, "T2").get_by_role("button", name="Waive").click()
        expect(page.get_by_role("alert")).to_contain_text("Refused")


def decide(desks: Desks, number: str) -> None:
    """Somebody else approves it."""
    answer = desks.shop.run(lambda shop: shop.post(f"/v1/orders/{number}/review", {"decision": "approve"}, "reviewer"))
    assert answer.status_code == 200, answer.text


def test_the_clocks_of_a_held_order_stand_still_wherever_they_are_shown(desks: Desks) -> None:
    number = waiting_for_review(desks.shop)
    stop = {"reason": "invented_flood", "clocks": "stop"}
    held = desks.shop.run(lambda caller: caller.post(f"/v1/orders/{number}/hold", stop, "operations"))
    assert held.status_code == 200, held.text
    with desks.at("operations", f"/orders/{number}") as page:
        expect(page.get_by_text("stands still while held")).to_have_count(2)
        expect(page.get_by_role("timer")).to_have_count(0)
        page.goto("/clocks")
        expect(card(page, number, "T3")).to_contain_text("stands still while held")


def test_who_may_not_change_clocks_has_no_such_desk(desks: Desks) -> None:
    with desks.at("customer_service") as page:
        expect(page.get_by_role("link", name="Clocks")).to_have_count(0)

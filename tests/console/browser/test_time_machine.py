"""The time machine on an order's page: one order's clock is moved, in development and nowhere else."""

from __future__ import annotations

from dataclasses import replace

from playwright.sync_api import expect

from tests.console.browser.conftest import Desks, console_of, shot
from tests.console.browser.orders import waiting_for_review

_SERVE = "tests.console.browser.serve"


def test_a_person_lets_a_deadline_of_one_order_pass_and_sees_what_comes_of_it(desks: Desks) -> None:
    number, other = waiting_for_review(desks.shop), waiting_for_review(desks.shop)
    with desks.at("operations", f"/orders/{number}") as page:
        machine = page.get_by_role("region", name="Time machine")
        expect(machine).to_contain_text("was not moved yet")
        machine.get_by_role("button", name="Past T2").click()
        expect(page.get_by_text("reminder: review waits (T2)")).to_be_visible()
        expect(machine).to_contain_text("ahead by 1:00:00 h")
        shot(page, "time-machine-1280-light-en")
        machine.get_by_role("button", name="On by 1 day").click()
        expect(page.get_by_text("review escalated to operations (T3)")).to_be_visible()
        page.goto(f"/orders/{other}")
        expect(page.get_by_role("region", name="Time machine")).to_contain_text("was not moved yet")
        expect(page.get_by_text("reminder: review waits (T2)")).to_have_count(0)


def test_whoever_may_not_change_deadlines_has_no_time_machine(desks: Desks) -> None:
    number = waiting_for_review(desks.shop)
    with desks.at("reviewer", f"/orders/{number}") as page:
        expect(page.get_by_role("heading", name=number)).to_be_visible()
        expect(page.get_by_role("region", name="Time machine")).to_have_count(0)


def test_a_production_console_shows_none_even_before_an_api_that_has_the_door(desks: Desks) -> None:
    number = waiting_for_review(desks.shop)
    with (
        console_of(desks.shop.settings, _SERVE, "production") as address,
        replace(desks, address=address).at("operations", f"/orders/{number}") as page,
    ):
        expect(page.get_by_role("heading", name=number)).to_be_visible()
        expect(page.get_by_role("link", name="History in the Temporal UI")).to_be_visible()
        expect(page.get_by_role("region", name="Time machine")).to_have_count(0)

"""The time machine at the desks: one clock of the deadline board is moved, in development and nowhere else."""

from __future__ import annotations

import re
from dataclasses import replace

from playwright.sync_api import expect

from tests.console.browser.conftest import Desks, console_of, shot
from tests.console.browser.orders import waiting_for_review

UNDER_AN_HOUR = re.compile(r"^5\d:\d\d$")
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
        # Two hours were promised, and one has passed for this order, whatever the wall clock says.
        expect(page.get_by_role("timer", name="manual review: due")).to_have_text(UNDER_AN_HOUR)
        page.goto("/clocks")
        expect(page.get_by_role("timer", name=f"T3 order:{number}")).to_have_text(UNDER_AN_HOUR)
        expect(page.get_by_role("timer", name=f"T3 order:{other}")).to_have_text(re.compile(r"^1:5\d:\d\d$"))
        page.goto(f"/orders/{number}")
        machine.get_by_role("button", name="On by 1 day").click()
        expect(page.get_by_text("review escalated to operations (T3)")).to_be_visible()
        page.goto(f"/orders/{other}")
        expect(page.get_by_role("region", name="Time machine")).to_contain_text("was not moved yet")
        expect(page.get_by_text("reminder: review waits (T2)")).to_have_count(0)


def test_the_clock_of_a_case_runs_out_from_the_board_and_those_who_are_told_look_at_it(desks: Desks) -> None:
    number = waiting_for_review(desks.shop)
    opened = desks.shop.run(
        lambda shop: shop.post(f"/v1/orders/{number}/cases", {"kind": "complaint", "reason": "late"}, "operations")
    )
    case = opened.json()["case_no"]
    with desks.at("operations", "/clocks") as page:
        row = page.locator(".card").filter(has=page.get_by_text(case, exact=True))
        expect(row.get_by_role("link", name=number)).to_be_visible()
        row.get_by_role("button", name="Past T10").click()
        expect(row).to_have_count(0)
        page.goto(f"/cases/{case}")
        expect(page.get_by_text("told: customer service, operations")).to_be_visible()
        expect(page.get_by_role("region", name="Time machine")).to_contain_text("ahead by 1 day")
        shot(page, "case-past-t10-1280-light-en")
    with desks.at("customer_service", "/alerts", language="zh", theme="dark", narrow=True) as page:
        told = page.get_by_role("article", name=f"T10 {number}")
        expect(told).to_contain_text(f"客訴 {case} 逾期未答覆")
        shot(page, "alerts-390-dark-zh")
        told.get_by_role("button", name="已查看").click()
        expect(told).to_have_count(0)
    with desks.at("operations", "/alerts") as page:
        expect(page.get_by_role("article", name=f"T10 {number}")).to_have_count(1)
        shot(page, "alerts-1280-light-en")
    with desks.at("auditor", "/alerts") as page:
        told = page.get_by_role("article", name=f"T10 {number}")
        expect(told).to_have_count(1)
        expect(page.get_by_role("button", name="Seen")).to_have_count(0)


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

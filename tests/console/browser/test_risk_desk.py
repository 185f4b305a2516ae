"""The risk desk: the blacklist, the rules of the review and their dry run (R6, R27)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from console.words import CATALOGUE
from domain.risk import RULES, BuyerIndex
from tests.api.caller import Caller, an_order, order_no, paid
from tests.console.browser.accessibility import faults_of
from tests.console.browser.conftest import SCREENS, Desks, Shop, shot
from tests.console.browser.orders import a_buyer, waiting_for_review

OPERATIONS = "operations"


def card(page: Page, words: str) -> Locator:
    """The card that says this."""
    return page.locator(".card").filter(has_text=words)


def version(shop: Shop) -> int:
    """Of the rules in force."""
    return int(shop.run(lambda caller: caller.get("/v1/rules")).json()["version"])


@pytest.fixture
def rules(desks: Desks) -> Iterator[None]:
    """Whatever a test puts in force, the built-in rules are in force after it."""
    yield
    back = {"changes": {}, "from_built_in": True, "reason": "end of the test"}
    desks.shop.run(lambda caller: caller.post("/v1/rules", back))


def test_every_rule_and_every_value_of_one_has_words() -> None:
    values = {f"rule.value.{name}" for spec in RULES.values() for name in spec.parameters}
    kinds = {f"blacklist.kind.{kind}" for kind in BuyerIndex}
    assert {f"rule.{name}" for name in RULES} | {f"rule.says.{name}" for name in RULES} <= set(CATALOGUE)
    assert values | kinds <= set(CATALOGUE)


def test_a_buyer_is_put_on_the_blacklist_stopped_at_review_and_taken_off(desks: Desks) -> None:
    buyer = a_buyer()
    phone = buyer["buyer__phone"]
    with desks.at(OPERATIONS, "/risk") as page:
        page.get_by_label("Value").fill(phone)
        page.get_by_role("button", name="Put on the list").click()
        expect(page.get_by_role("alert")).to_contain_text("Reason is needed")
        page.get_by_label("Reason").fill("chargebacks of an invented buyer")
        page.get_by_label("Stands for").select_option("90")
        page.get_by_role("button", name="Put on the list").click()
        expect(page.get_by_role("alert")).to_contain_text("On the list as number")
        entry = card(page, "chargebacks of an invented buyer")
        expect(entry).to_contain_text("until")
        expect(entry).to_contain_text("operations-1")
        expect(page.get_by_label("Value")).to_have_value("")
        assert phone not in page.content()
        assert phone not in page.url
        shot(page, "risk-1280-light-en")

        async def stopped(caller: Caller) -> list[str]:
            order = an_order(**buyer)
            await caller.place(order)
            await caller.stripe(paid(order_no(order), order["total"], order["payment"]["reference"]))
            found = await caller.until(order_no(order), "intercepted")
            return [finding["rule"] for finding in found["findings"]]

        assert "blacklist" in desks.shop.run(stopped)
        entry.get_by_role("button", name="Take off").click()
        entry.get_by_label("Reason").fill("settled")
        entry.get_by_role("button", name="Take off").click()
        expect(page.get_by_role("alert")).to_contain_text("is off the list")
        expect(entry).to_have_count(0)
    acts = desks.shop.run(lambda caller: caller.get("/v1/audit", subject="blacklist", sort="newest", limit=2)).json()
    assert [(act["act"], act["why"]) for act in acts["items"]] == [
        ("blacklist_removed", "settled"), ("blacklist_added", "chargebacks of an invented buyer"),
    ]  # fmt: skip


def test_entries_are_narrowed_by_the_address_and_who_only_reads_changes_none(desks: Desks) -> None:
    reason = "an account nobody has"
    wish = {"kind": "account", "value": "Invented-Account-77", "days": None, "reason": reason}
    desks.shop.run(lambda caller: caller.post("/v1/blacklist", wish))
    with desks.at("reviewer", "/risk?kind=account", narrow=True, theme="dark", language="zh") as page:
        expect(card(page, reason)).to_contain_text("長期有效")
        expect(page.get_by_role("button", name="加入")).to_have_count(0)
        expect(page.get_by_role("button", name="移除")).to_have_count(0)
        assert faults_of(page) == []
        page.screenshot(path=SCREENS / "risk-390-dark-zh.png", full_page=True)
        page.get_by_label("來源").select_option("counter")
        page.wait_for_url("**/risk?kind=account&source=counter")
        expect(card(page, reason)).to_have_count(0)


def test_changed_rules_are_tried_on_past_orders_and_nothing_is_changed_by_it(desks: Desks) -> None:
    number, before = waiting_for_review(desks.shop), version(desks.shop)
    with desks.at("reviewer", "/risk/rules") as page:
        rule = page.get_by_role("region", name="large first order")
        rule.get_by_label("on", exact=True).uncheck()
        expect(page.get_by_text("Changed here, not in force: 1")).to_be_visible()
        page.get_by_role("button", name="Try on past orders").click()
        trial = page.get_by_role("region", name="Try on past orders")
        expect(trial).to_contain_text("would have gone elsewhere")
        expect(trial.get_by_role("listitem").filter(has_text=number)).to_contain_text("manual review → approved")
        shot(page, "risk-rules-1280-light-en")
        rule.get_by_label("Amount").fill("much")
        expect(trial).not_to_contain_text("would have gone elsewhere")
        page.get_by_role("button", name="Try on past orders").click()
        expect(page.get_by_role("alert")).to_contain_text("must be a whole number")
        expect(page.get_by_role("button", name="Put in force")).to_have_count(0)
    assert version(desks.shop) == before


@pytest.mark.usefixtures("rules")
def test_rules_are_put_in_force_with_a_reason_and_a_change_by_somebody_else_is_told(desks: Desks) -> None:
    with desks.at(OPERATIONS, "/risk/rules") as page:
        rule = page.get_by_role("region", name="cancels often")
        rule.get_by_label("Share cancelled").fill("60")
        page.get_by_role("button", name="Put in force").click()
        expect(page.get_by_role("alert")).to_contain_text("Reason is needed")
        page.get_by_label("Reason").fill("season of fraud")
        page.get_by_role("button", name="Put in force").click()
        expect(page.get_by_role("alert")).to_contain_text("is in force, and on record")
        expect(rule).to_contain_text("differs from the built-in rule")
        first = version(desks.shop)
        expect(page.get_by_text(f"Version {first} is in force", exact=True)).to_be_visible()
        rule.get_by_label("Share cancelled").fill("70")
        expect(page.get_by_text("Changed here, not in force: 1")).to_be_visible()
        other = {"changes": {"often_cancelled": {"of": 4}}, "reason": "somebody else"}
        desks.shop.run(lambda caller: caller.post("/v1/rules", other, subject="operations-2"))
        expect(page.get_by_text(f"changed meanwhile: version {first + 1}")).to_be_visible()
        expect(rule.get_by_label("Share cancelled")).to_have_value("70")
        page.get_by_role("button", name="Read them anew").click()
        expect(rule.get_by_label("Share cancelled")).to_have_value("60")
        expect(rule.get_by_label("Of at least")).to_have_value("4")
    kept = {one["rule"]: one for one in desks.shop.run(lambda caller: caller.get("/v1/rules")).json()["rules"]}
    assert kept["often_cancelled"]["parameters"] == {"share": 60, "of": 4}

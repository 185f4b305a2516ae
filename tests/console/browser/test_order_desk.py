"""The order and service desk: find an order, read its story, open and settle a case, reveal (R13 to R21)."""

from __future__ import annotations

from playwright.sync_api import expect

from console.desks import story
from domain.order_status import BEFORE_HAND_OVER
from tests.api.test_returns import signed
from tests.console.browser.conftest import Desks, ready, shot
from tests.console.browser.orders import packed, waiting_for_a_picker

SERVICE = "customer_service"


def test_an_order_is_found_by_phone_and_its_story_stands_on_one_page(desks: Desks) -> None:
    number = packed(desks.shop, buyer__phone="13911112222")
    with desks.at(SERVICE, "/orders") as page:
        shot(page, "orders-1280-light-en")
        page.get_by_label("By").select_option("phone")
        page.get_by_label("Number").fill("13911112222")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Found")).to_be_visible()
        assert "13911112222" not in page.url
        page.get_by_role("link", name=number).click()
        expect(page.get_by_role("heading", name=number)).to_be_visible()
        for words in ("139****2222", "order recorded", "approved", f"{number}-P1", "待發貨"):
            expect(page.get_by_text(words, exact=False).first).to_be_visible()
        page.screenshot(path="build/screens/story-1280-light-en.png", full_page=True)
    with desks.at(SERVICE, f"/orders/{number}", narrow=True, theme="dark", language="zh") as page:
        expect(page.get_by_role("heading", name=number)).to_be_visible()
        page.screenshot(path="build/screens/story-390-dark-zh.png", full_page=True)


def test_cancelling_is_offered_until_the_goods_have_left(desks: Desks) -> None:
    assert {status.value for status in BEFORE_HAND_OVER} == story.BEFORE_HAND_OVER
    leaving, left = packed(desks.shop), desks.shop.run(signed)
    with desks.at(SERVICE, f"/orders/{leaving}") as page:
        expect(page.get_by_role("button", name="Cancel the order")).to_be_visible()
        page.goto(f"/orders/{left}")
        expect(page.get_by_text("order recorded")).to_be_visible()
        expect(page.get_by_role("button", name="Return or exchange")).to_be_visible()
        expect(page.get_by_role("button", name="Cancel the order")).to_have_count(0)


def test_nothing_found_says_so_and_what_to_do(desks: Desks) -> None:
    with desks.at(SERVICE, "/orders") as page:
        page.get_by_label("Number").fill("site-nothing-0")
        page.get_by_role("button", name="Find").click()
        expect(page.get_by_text("Nothing is found under site-nothing-0")).to_be_visible()


def test_a_complaint_is_opened_answered_settled_and_closed(desks: Desks) -> None:
    number, _ = waiting_for_a_picker(desks.shop)
    with desks.at(SERVICE, f"/orders/{number}") as page:
        page.get_by_role("button", name="Open a case").click()
        page.get_by_label("Kind").wait_for()
        page.get_by_label("Reason").first.fill("wet_box")
        page.get_by_role("button", name="Open a case").click()
        expect(page.get_by_role("alert")).to_contain_text("is opened")
        page.get_by_role("link", name="complaint").click()
        ready(page)
        expect(page.get_by_role("timer", name="ordinary complaint answered")).to_be_visible()
        page.get_by_role("button", name="Claim").click()
        page.get_by_role("button", name="Give back").wait_for()
        page.get_by_label("What was said or done").fill("called the invented buyer")
        reached = page.get_by_role("button", name="Stage reached: answer to the buyer")
        reached.click()
        expect(reached).to_have_count(0)
        expect(page.get_by_role("alert")).to_contain_text("Done")
        shot(page, "case-1280-light-en")
        page.get_by_label("Reason").fill("apologised")
        page.get_by_role("button", name="Settle").click()
        page.get_by_role("button", name="Close", exact=True).click()
        expect(page.get_by_text("已結案").first).to_be_visible()


def test_a_refusal_of_the_api_is_shown_plainly(desks: Desks) -> None:
    number, _ = waiting_for_a_picker(desks.shop)
    with desks.at(SERVICE, f"/orders/{number}") as page:
        page.get_by_role("button", name="Open a case").click()
        page.get_by_label("Kind").select_option("parcel_exception")
        page.get_by_label("Reason").first.fill("lost")
        page.get_by_role("button", name="Open a case").click()
        expect(page.get_by_role("alert")).to_contain_text("subject names the parcel, and is missing")


def test_a_buyer_is_revealed_for_a_purpose_and_hidden_again(desks: Desks) -> None:
    number, _ = waiting_for_a_picker(desks.shop)
    with desks.at(SERVICE, f"/orders/{number}") as page:
        page.get_by_role("button", name="Reveal").click()
        page.get_by_role("button", name="Show for 60 seconds").click()
        expect(page.get_by_text("王測試")).to_be_visible()
        shot(page, "reveal-1280-light-en")
        page.get_by_role("button", name="Hide now").click()
        expect(page.get_by_text("王測試")).to_have_count(0)
    acts = desks.shop.run(lambda shop: shop.get(f"/v1/orders/{number}/timeline")).json()["items"]
    assert "contact_revealed" in {act["act"] for act in acts}

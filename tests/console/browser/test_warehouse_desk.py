"""The warehouse desk on a handheld: scans, a wrong one, a shortage, the recheck, the label (R8 to R10)."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.api.test_providers import pick_and_pack
from tests.console.browser.conftest import Desks, ready, shot
from tests.console.browser.orders import packed, waiting_for_a_picker


def scan(page: Page, value: str) -> None:
    """What a keyboard-wedge scanner does: type, then Enter, into whatever has the cursor."""
    expect(page.locator(".scan input")).to_be_focused()
    page.keyboard.type(value)
    page.keyboard.press("Enter")


def answer(page: Page, words: str) -> None:
    """The big answer."""
    expect(page.locator(".verdict")).to_contain_text(words)


def test_a_picker_scans_bin_and_goods_and_another_person_rechecks(desks: Desks) -> None:
    number, task = waiting_for_a_picker(desks.shop)
    path = f"/warehouse/{task['task_no']}"
    with desks.at("warehouse/picker-1", narrow=True) as page:
        expect(page.get_by_role("link", name=task["task_no"])).to_be_visible()
        shot(page, "warehouse-390-light-en")
        page.get_by_role("link", name=task["task_no"]).click()
        ready(page)
        answer(page, "Go to A-01")
        scan(page, "Z-99")
        answer(page, "Wrong")
        shot(page, "warehouse-wrong-390-light-en")
        scan(page, "A-01")
        answer(page, "This is the bin")
        scan(page, "NO-SUCH-THING")
        answer(page, "this is not part of the task")
        for goods, left in (("TEA", 2), ("TEA", 1), ("CUP", 0)):
            scan(page, goods)
            if left:
                answer(page, f"{goods} · {left} left")
        answer(page, "All picked")
        expect(page.get_by_text("You picked this yourself")).to_be_visible()
    with desks.at("warehouse/checker-2", path, narrow=True, theme="dark", language="zh") as page:
        for goods in ("TEA", "TEA", "CUP"):
            scan(page, goods)
        answer(page, "已清點 3 / 3")
        shot(page, "warehouse-recheck-390-dark-zh")
        page.get_by_role("button", name="打包").click()
        expect(page.get_by_text("已打包，承運商下單後")).to_be_visible()
        expect(page.get_by_role("button", name="預覽面單")).to_be_visible()
    desks.shop.run(lambda shop: shop.until(number, "packed"))


def test_a_short_pick_is_reported_from_the_handheld(desks: Desks) -> None:
    number, task = waiting_for_a_picker(desks.shop)
    with desks.at("warehouse/picker-1", f"/warehouse/{task['task_no']}", narrow=True) as page:
        page.get_by_role("button", name="Not enough there").click()
        page.get_by_label("How many are missing").fill("0")
        page.get_by_role("button", name="Report the shortage").click()
        expect(page.get_by_role("alert")).to_contain_text("a whole number, 1 or more")
        page.get_by_label("How many are missing").fill("1")
        page.get_by_role("button", name="Report the shortage").click()
        expect(page.get_by_text("Customer service settles it")).to_be_visible()
    desks.shop.run(lambda shop: shop.until(number, "shortage"))


def test_a_label_is_offered_as_soon_as_the_carrier_has_booked_and_not_before(desks: Desks) -> None:
    number, task = waiting_for_a_picker(desks.shop)
    desks.shop.goes_wrong("kuaidi100", "down", 1_000)
    desks.shop.run(lambda shop: pick_and_pack(shop, number))
    with desks.at("warehouse/checker-2", f"/warehouse/{task['task_no']}", narrow=True) as page:
        expect(page.get_by_text("The carrier has not booked it yet")).to_be_visible()
        expect(page.get_by_role("button", name="Show the label")).to_have_count(0)
        shot(page, "warehouse-not-booked-390-light-en")
        desks.shop.goes_wrong("kuaidi100", "down", 0)
        expect(page.get_by_role("button", name="Show the label")).to_be_visible()


def test_a_label_is_shown_from_the_desk_and_kept_by_nobody(desks: Desks) -> None:
    number = packed(desks.shop)
    with desks.at("warehouse/checker-2", f"/warehouse/{number}-T1") as page:
        with page.expect_response(lambda response: response.url.endswith("-P1.pdf")) as told:
            page.get_by_role("button", name="Show the label").click()
        label = told.value
        assert (label.status, label.headers["content-type"]) == (200, "application/pdf")
        assert label.headers["cache-control"] == "no-store"
        expect(page.get_by_role("button", name="Print")).to_be_visible()
        shot(page, "warehouse-label-1280-light-en")
    with desks.at("reviewer") as page:
        assert page.request.get(f"/labels/{number}-P1.pdf").status == 403

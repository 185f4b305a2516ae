"""The inbox of cases: a return from the order's page to the replacement, a shortage settled by line (R9, R16)."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.api.test_returns import signed
from tests.console.browser.accessibility import faults_of
from tests.console.browser.conftest import SCREENS, Desks, ready, shot
from tests.console.browser.orders import waiting_for_a_picker

SERVICE, WAREHOUSE = "customer_service", "warehouse/inspector-1"


def open_case(page: Page, number: str) -> None:
    """From the inbox to the case of that order."""
    page.get_by_role("link", name=number).click()
    ready(page)


def test_a_return_goes_from_the_orders_page_through_the_warehouse_to_the_exchange(desks: Desks) -> None:
    number = desks.shop.run(signed)
    with desks.at(SERVICE, f"/orders/{number}") as page:
        page.get_by_role("button", name="Return or exchange").click()
        expect(page.get_by_label("Pieces back TEA")).to_be_visible()
        page.get_by_role("button", name="Return or exchange").click()
        expect(page.get_by_role("alert")).to_contain_text("Pieces back is needed")
        page.get_by_label("Pieces back TEA").fill("1")
        page.get_by_label("Wants").select_option("exchange")
        shot(page, "return-1280-light-en")
        page.get_by_role("button", name="Return or exchange").click()
        expect(page.get_by_role("alert")).to_contain_text("is opened")
        page.get_by_role("link", name="return or exchange").click()
        ready(page)
        page.get_by_role("button", name="Decline").click()
        expect(page.get_by_role("alert")).to_contain_text("give a reason or a note")
        page.get_by_role("button", name="Accept").click()
        expect(page.get_by_text("RMA-")).to_be_visible()
        assert faults_of(page) == []
        page.screenshot(path=SCREENS / "case-return-1280-light-en.png", full_page=True)
    with desks.at(WAREHOUSE, "/cases", narrow=True, theme="dark", language="zh") as page:
        assert faults_of(page) == []
        shot(page, "cases-390-dark-zh")
        open_case(page, number)
        page.get_by_label("收貨倉").fill("SZ")
        page.get_by_role("button", name="確認收貨").click()
        page.get_by_label("TEA · 可再售").fill("1")
        page.screenshot(path=SCREENS / "case-inspection-390-dark-zh.png", full_page=True)
        assert faults_of(page) == []
        page.get_by_role("button", name="驗收通過").click()
        expect(page.get_by_text("1 × 可再售")).to_be_visible()
    sent = desks.shop.run(lambda shop: shop.eventually(lambda: shop.get(f"/v1/orders/{number}-R1")))
    assert sent.json()["replaces"] == number


def test_a_shortage_is_settled_by_naming_lines_and_only_what_its_way_takes_is_asked(desks: Desks) -> None:
    number, task = waiting_for_a_picker(desks.shop)
    short = {"sku": "TEA", "missing": 1}
    desks.shop.run(lambda shop: shop.post(f"/v1/pick-tasks/{task['task_no']}/short", short, "warehouse"))
    desks.shop.run(lambda shop: shop.until(number, "shortage"))
    with desks.at(SERVICE, "/cases", language="zh") as page:
        expect(page.get_by_role("link").filter(has_text=number)).to_contain_text("TEA 無庫存")
        open_case(page, number)
        expect(page.get_by_text("TEA 無庫存")).to_have_count(2)
        shot(page, "case-1280-light-zh")
    with desks.at("operations", "/alerts", language="zh") as page:
        expect(page.get_by_role("article", name=f"short_pick {number}")).to_contain_text("配貨時 TEA 缺少 1 件")
    with desks.at(SERVICE, "/cases") as page:
        shot(page, "cases-1280-light-en")
        page.get_by_label("Kind").first.select_option("complaint")
        expect(page.get_by_role("link", name=number)).to_have_count(0)
        page.get_by_label("Kind").first.select_option("shortage")
        open_case(page, number)
        page.get_by_label("Settlement").select_option("delay_to")
        expect(page.get_by_label("Agreed date")).to_be_visible()
        page.get_by_label("Settlement").select_option("substitute")
        expect(page.get_by_label("Instead of TEA")).to_be_visible()
        page.get_by_label("Price each in CNY, if another, of TEA").fill("cheap")
        page.get_by_label("Pieces of TEA").fill("1")
        page.get_by_role("button", name="Settle").click()
        expect(page.get_by_role("alert")).to_contain_text("Write amounts as in 408.00")
        page.get_by_label("Settlement").select_option("refund_lines")
        expect(page.get_by_label("Instead of TEA")).to_have_count(0)
        page.get_by_label("Pieces of TEA").fill("1")
        page.get_by_label("Reason").fill("buyer_agreed")
        page.screenshot(path=SCREENS / "case-settling-1280-light-en.png", full_page=True)
        page.get_by_role("button", name="Settle").click()
        expect(page.get_by_role("alert")).to_contain_text("Done")
    order = desks.shop.run(lambda shop: shop.until(number, "picking"))
    assert {line["sku"]: line["quantity"] for line in order["lines"]}["TEA"] == 1

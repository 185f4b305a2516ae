"""Lists at the orders desk: filters in the address, views, export, holding together (R25)."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect

from console.desks import order_list
from console.words import Words
from domain.order_status import OrderStatus
from domain.waits import WAITS
from tests.console.browser.accessibility import faults_of
from tests.console.browser.conftest import SCREENS, Desks, ready, shot
from tests.console.browser.orders import waiting_for_a_picker, waiting_for_review

OPERATIONS = "operations"


def asked(page: Page) -> dict[str, list[str]]:
    """The filters in the page's address."""
    return parse_qs(urlsplit(page.url).query)


def test_every_status_and_wait_of_an_order_can_be_asked_for() -> None:
    assert set(order_list.STATUSES) == set(OrderStatus)
    assert set(order_list.WAITS) == {wait.what for wait in WAITS.values() if wait.what}


def test_filters_stand_in_the_address_so_a_list_can_be_shared_and_exported(desks: Desks, tmp_path: Path) -> None:
    large = waiting_for_review(desks.shop)
    picked, _ = waiting_for_a_picker(desks.shop)
    with desks.at(OPERATIONS, "/orders") as page:
        expect(page.get_by_role("link", name=picked)).to_be_visible()
        page.get_by_label("Status").select_option("manual_review")
        expect(page.get_by_role("link", name=picked)).to_have_count(0)
        expect(page.get_by_role("link", name=large)).to_be_visible()
        page.wait_for_url("**/orders?status=manual_review")
        page.get_by_text("More filters").click()
        page.get_by_label("Placed from").fill("2020-01-02T08:00")
        page.get_by_label("Placed from").blur()
        page.wait_for_url("**placed_from=2020-01-02T08*")
        assert asked(page)["placed_from"] == ["2020-01-02T08:00:00+08:00"]
        page.get_by_label(f"Select {large}").check()
        expect(page.get_by_role("button", name="Hold the selected (1)")).to_be_enabled()
        expect(page.get_by_label("Placed from")).to_have_value("2020-01-02T08:00")
        shared = page.url.removeprefix(desks.address)
        shot(page, "order-list-1280-light-en")
        with page.expect_download() as download:
            page.get_by_role("link", name="Export as CSV").click()
        file = tmp_path / "orders.csv"
        download.value.save_as(file)
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    assert any(line.startswith(large) for line in lines)
    assert not any(line.startswith(picked) for line in lines)
    assert not {"name", "phone", "address"} & set(lines[0].split(","))
    count = desks.shop.run(lambda caller: caller.get("/v1/orders/count", status="manual_review")).json()["text"]
    assert len(lines) - 1 == int(count)
    with desks.at("customer_service", shared) as page:
        expect(page.get_by_label("Status")).to_have_value("manual_review")
        expect(page.get_by_label("Placed from")).to_have_value("2020-01-02T08:00")
        expect(page.get_by_text(Words("en")("list.count", number=count))).to_be_visible()
        page.get_by_label("Order", exact=True).select_option("due")
        page.wait_for_url("**&sort=due")
        page.get_by_role("link", name="Switch to Chinese").click()
        expect(page.get_by_label("狀態")).to_have_value("manual_review")
        assert asked(page)["sort"] == ["due"]


def test_a_view_is_saved_chosen_and_deleted(desks: Desks) -> None:
    with desks.at("customer_service/viewer-1", "/orders?status=archived&sort=due") as page:
        page.get_by_role("button", name="Save these filters").click()
        expect(page.get_by_role("alert")).to_contain_text("Name of the view is needed")
        page.get_by_label("Name of the view").fill("已歸檔 100%?")
        page.get_by_role("button", name="Save these filters").click()
        expect(page.get_by_role("alert")).to_contain_text("is saved")
        expect(page.get_by_text("No order under these filters")).to_be_visible()
        page.goto("/orders")
        ready(page)
        page.get_by_label("Saved view", exact=True).select_option("已歸檔 100%?")
        page.wait_for_url("**/orders?status=archived&sort=due")
        expect(page.get_by_label("Status")).to_have_value("archived")
        page.get_by_role("button", name="Delete the view").click()
        expect(page.get_by_role("alert")).to_contain_text("is deleted")
        expect(page.get_by_label("Saved view", exact=True)).to_have_count(0)
    kept = desks.shop.run(lambda caller: caller.get("/v1/views/orders", "customer_service", subject="viewer-1"))
    assert kept.json()["items"] == []


def test_selected_orders_are_held_after_a_preview_and_released_with_each_answer_shown(desks: Desks) -> None:
    one, other = waiting_for_review(desks.shop), waiting_for_review(desks.shop)
    with desks.at(OPERATIONS, "/orders?status=manual_review") as page:
        for number in (one, other):
            page.get_by_label(f"Select {number}").check()
        page.get_by_role("button", name="Hold the selected (2)").click()
        expect(page.get_by_role("heading", name="2 orders would be held")).to_be_visible()
        page.get_by_role("button", name="Hold 2 orders").click()
        expect(page.get_by_role("alert")).to_contain_text("Reason is needed")
        held = desks.shop.run(lambda caller: caller.get(f"/v1/orders/{one}")).json()["held"]
        assert held is None
        page.get_by_label("Reason").fill("invented_flood")
        shot(page, "order-hold-preview-1280-light-en")
        page.get_by_role("button", name="Hold 2 orders").click()
        page.wait_for_url("**/orders/holds/H-*")
        ready(page)
        for number in (one, other):
            expect(page.get_by_role("link", name=number)).to_contain_text("held")
        assert faults_of(page) == []
        shot(page, "order-hold-1280-light-en")
        assert desks.shop.run(lambda caller: caller.get(f"/v1/orders/{one}")).json()["held"] == "invented_flood"
        page.get_by_label("Reason").fill("flood_over")
        page.get_by_role("button", name="Release them together").click()
        for number in (one, other):
            expect(page.get_by_role("link", name=number)).to_contain_text("released")
    assert desks.shop.run(lambda caller: caller.get(f"/v1/orders/{other}")).json()["held"] is None


def test_the_whole_filtered_list_is_previewed_and_an_empty_one_is_not_held(desks: Desks) -> None:
    number, _ = waiting_for_a_picker(desks.shop)
    with desks.at(OPERATIONS, "/orders?status=picking", narrow=True, theme="dark", language="zh") as page:
        page.get_by_role("button", name="掛起整個列表").click()
        expect(page.locator(".preview").get_by_text(number)).to_be_visible()
        assert faults_of(page) == []
        page.screenshot(path=SCREENS / "order-list-390-dark-zh.png", full_page=True)
        page.goto("/orders?status=signed&channel=nowhere")
        ready(page)
        page.get_by_role("button", name="掛起整個列表").click()
        expect(page.get_by_role("alert")).to_contain_text("沒有符合條件的訂單")


def test_who_may_not_hold_together_has_no_ticks(desks: Desks) -> None:
    number, _ = waiting_for_a_picker(desks.shop)
    with desks.at("customer_service", "/orders") as page:
        expect(page.get_by_role("link", name=number)).to_be_visible()
        expect(page.get_by_role("checkbox")).to_have_count(0)
        expect(page.get_by_role("button", name="Hold all of this list")).to_have_count(0)

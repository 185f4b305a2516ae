"""The logistics desk in a browser: parcels by state, another carrier with a reason, exceptions, carriers (R11, R13)."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from playwright.sync_api import Locator, Page, expect

from domain.carriers import TARIFFS
from tests.api.caller import Caller
from tests.api.test_board import delivered
from tests.api.test_providers import event, push
from tests.console.browser.accessibility import faults_of
from tests.console.browser.conftest import SEEN_WITHIN_MS, Desks, Shop, ready, shot
from tests.console.browser.orders import packed

CHOOSE, SEND = "Choose another carrier", "Give it to this carrier"


def parcel(page: Page, number: str) -> Locator:
    """What the list says of the parcel."""
    return page.get_by_role("article", name=f"{number}-P1", exact=True)


def parcel_of(shop: Shop, number: str) -> dict[str, Any]:
    """The order's one parcel, as the API tells it."""
    [one] = shop.run(lambda caller: caller.get(f"/v1/orders/{number}", "logistics")).json()["parcels"]
    found: dict[str, Any] = one
    return found


async def carried_by(caller: Caller, number: str, carrier: str) -> bool:
    """Whether that carrier has the order's one parcel by now."""
    [one] = (await caller.get(f"/v1/orders/{number}", "logistics")).json()["parcels"]
    return bool(one["carrier"] == carrier)


def carrier_says(shop: Shop, number: str, code: str) -> None:
    """The carrier pushes this of the order's one parcel; a moment after its booking, to the second."""
    at = datetime.now(timezone(timedelta(hours=8))) + timedelta(seconds=1)
    trace = push(parcel_of(shop, number)["tracking_no"], event(code, at.strftime("%Y-%m-%d %H:%M:%S"), "…"))
    answer = shop.run(lambda caller: caller.kuaidi100(trace))
    assert answer.status_code == 200, answer.text


def test_another_carrier_is_chosen_with_a_reason(desks: Desks) -> None:
    number = packed(desks.shop)
    before = parcel_of(desks.shop, number)["carrier"]
    other = next(one.code for one in TARIFFS if one.code not in (before, "SF"))
    with desks.at("logistics", "/logistics?state=booked") as page:
        card = parcel(page, number)
        card.get_by_role("button", name=CHOOSE).click()
        options = card.get_by_label("Other carrier").locator("option")
        expect(options).to_have_count(len(TARIFFS) - 1)
        offered = {option.get_attribute("value") for option in options.all()}
        assert offered == {one.code for one in TARIFFS} - {before}
        card.get_by_label("Other carrier").select_option(other)
        card.get_by_role("button", name=SEND).click()
        expect(page.get_by_role("alert")).to_contain_text("Reason is needed")
        card.get_by_label("Reason").fill("out_of_area")
        shot(page, "logistics-1280-light-en")
        assert faults_of(page) == []
        card.get_by_role("button", name=SEND).click()
        expect(page.get_by_role("alert")).to_contain_text(f"{number}-P1 goes with")
        expect(card.get_by_role("button", name=CHOOSE)).to_be_visible()
    desks.shop.run(lambda caller: caller.holds(lambda: carried_by(caller, number, other)))


def test_a_parcel_moves_between_the_states_by_itself_and_a_late_choice_is_refused(desks: Desks) -> None:
    number = packed(desks.shop)
    with desks.at("logistics", "/logistics") as page:
        page.get_by_role("tab", name="booked").click()
        page.wait_for_url("**state=booked*")
        parcel(page, number).get_by_role("button", name=CHOOSE).click()
        parcel(page, number).get_by_label("Reason").fill("late")
        with desks.at("logistics", "/logistics?state=handed_over") as other:
            carrier_says(desks.shop, number, "1")
            desks.shop.run(lambda caller: caller.until(number, "shipped"))
            expect(parcel(other, number)).to_be_visible(timeout=SEEN_WITHIN_MS)
            expect(parcel(other, number).get_by_role("button", name=CHOOSE)).to_have_count(0)
        parcel(page, number).get_by_role("button", name=SEND).click()
        expect(page.get_by_role("alert")).to_contain_text("Refused")
        parcel(page, number).get_by_role("button", name="Never mind").click()
        expect(parcel(page, number)).to_have_count(0)


def test_filters_stand_in_the_address(desks: Desks) -> None:
    number = packed(desks.shop)
    carrier = parcel_of(desks.shop, number)["carrier"]
    other = next(one.code for one in TARIFFS if one.code != carrier)
    with desks.at("logistics", f"/logistics?state=booked&carrier={other}") as page:
        expect(page.get_by_role("tab", name="booked")).to_have_attribute("aria-selected", "true")
        expect(page.get_by_label("Carrier", exact=True)).to_have_value(other)
        expect(page.get_by_text("No parcel here: booked").or_(page.get_by_role("article")).first).to_be_visible()
        expect(parcel(page, number)).to_have_count(0)
        page.get_by_label("Carrier", exact=True).select_option(carrier)
        expect(parcel(page, number)).to_be_visible()
        page.wait_for_url(f"**carrier={carrier}*")


def test_on_a_handheld_the_chosen_tab_is_brought_into_view(desks: Desks) -> None:
    with desks.at("logistics", "/logistics?state=to_pick", narrow=True) as page:
        expect(page.get_by_role("tab", name="to pick")).to_be_in_viewport(ratio=0.95)
        page.get_by_role("tab", name="packed").press("Enter")
        page.wait_for_url("**state=packed*")
        expect(page.get_by_role("tab", name="packed")).to_be_in_viewport(ratio=0.95)


def test_an_exception_opens_at_the_desk_without_reloading_and_leads_to_its_case(desks: Desks) -> None:
    number = desks.shop.run(delivered)
    body = {"kind": "parcel_exception", "subject": f"{number}-P1", "order_no": number, "reason": "out_of_area"}
    with desks.at("logistics", "/logistics", narrow=True, theme="dark", language="zh") as page:
        row = page.get_by_role("region", name="包裹異常").get_by_role("link", name=f"{number}-P1")
        expect(page.get_by_role("table", name="承運商比較")).to_contain_text("100.0%")
        expect(row).to_have_count(0)
        opened = desks.shop.run(lambda shop: shop.post("/v1/cases", body, "logistics"))
        assert opened.status_code < 300, opened.text
        expect(row).to_be_visible(timeout=SEEN_WITHIN_MS)
        shot(page, "logistics-390-dark-zh")
        assert faults_of(page) == []
        row.press("Enter")
        page.wait_for_url("**/cases/**")
        ready(page)
        expect(page.get_by_text("out_of_area").first).to_be_visible()
        contacted = page.get_by_role("button", name="完成階段: 已聯絡承運商")
        page.get_by_label("原因").fill("called_the_depot")
        contacted.click()
        expect(contacted).to_have_count(0)
        expect(page.get_by_role("button", name="完成階段: 已聯絡買家")).to_be_visible()

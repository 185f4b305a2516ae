"""The buyer's page in a browser: no sign-in, no person, one answer for every link that does not hold (R12, R21)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, expect

from tests.api.caller import PERSONAL
from tests.api.test_providers import event, push
from tests.console.browser.accessibility import faults_of
from tests.console.browser.conftest import NARROW, PATIENCE_MS, SCREENS, WIDE, Desks
from tests.console.browser.orders import packed


def on_its_way(desks: Desks) -> tuple[str, str]:
    """An order whose carrier has told of it, and its tracking number."""
    number = packed(desks.shop)
    parcel = desks.shop.run(lambda shop: shop.get(f"/v1/orders/{number}")).json()["parcels"][0]
    told = push(
        parcel["tracking_no"],
        event("0", "2030-01-03 08:00:00", "invented: at the depot, courier 15933334444"),
        event("1", "2030-01-02 21:00:00", "invented: picked up"),
    )
    desks.shop.run(lambda shop: shop.kuaidi100(told))
    desks.shop.run(lambda shop: shop.until(number, "shipped"))
    return number, parcel["tracking_no"]


def a_link(desks: Desks, number: str) -> str:
    """As the desk makes one; the path in the console."""
    with desks.at("customer_service", f"/orders/{number}") as page:
        page.get_by_role("button", name="Link for the buyer").click()
        url = page.get_by_label("Link", exact=True).input_value()
        path = page.get_by_role("link", name="Open", exact=True).get_attribute("href") or ""
    assert url.endswith(path)
    return path


@contextmanager
def buyer(desks: Desks, path: str, *, narrow: bool, theme: str = "light", locale: str = "en-GB") -> Iterator[Page]:
    """A browser in which nobody signed in."""
    size = NARROW if narrow else WIDE
    context = desks.browser.new_context(viewport=size, base_url=desks.address, locale=locale)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(f"/preferences/theme/{theme}?back={path}")
    page.wait_for_function("window.did_handshake")
    yield page
    context.close()


def test_a_buyer_reads_where_the_order_is_without_a_sign_in_and_without_a_person_on_the_page(desks: Desks) -> None:
    number, tracking_no = on_its_way(desks)
    path = a_link(desks, number)
    looks = ((True, "light", "en-GB", "Your order is on its way."), (False, "dark", "zh-TW", "您的訂單正在運輸中。"))
    for narrow, theme, locale, words in looks:
        with buyer(desks, path, narrow=narrow, theme=theme, locale=locale) as page:
            expect(page.get_by_text(words)).to_be_visible()
            expect(page.get_by_text(tracking_no)).to_be_visible()
            expect(page.locator(".track-steps [aria-current=step]")).to_have_text(
                ["On its way" if narrow else "運輸中"]
            )
            page.locator(".track-text summary").first.click()
            assert faults_of(page) == []
            assert [mark for mark in (*PERSONAL, "15933334444", "depot") if mark in page.content()] == []
            page.screenshot(
                path=SCREENS / f"track-{'390' if narrow else '1280'}-{theme}-{locale[:2]}.png", full_page=True
            )


def test_a_link_that_is_unknown_or_revoked_shows_nothing(desks: Desks) -> None:
    path = a_link(desks, packed(desks.shop))
    for dead in ("/track/" + "x" * 43, "/track/short"):
        with buyer(desks, dead, narrow=True) as page:
            expect(page.get_by_text("This link does not hold any more")).to_be_visible()
    with buyer(desks, path, narrow=True) as page:
        expect(page.get_by_text("Your parcel is packed")).to_be_visible()
        number = page.locator("h1").inner_text().removeprefix("Order ")
        with desks.at("customer_service", f"/orders/{number}") as desk:
            desk.get_by_role("button", name="Link for the buyer").click()
            desk.get_by_role("button", name="Revoke all links").click()
            expect(desk.get_by_role("alert")).to_contain_text("No link to this order holds")
        page.reload()
        expect(page.get_by_text("This link does not hold any more")).to_be_visible()

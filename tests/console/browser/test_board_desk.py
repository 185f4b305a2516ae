"""The board in a browser: true without being loaded again, by period and channel; the archive of digests (R33, T17)."""

from __future__ import annotations

from datetime import UTC, date, datetime

from playwright.sync_api import Locator, Page, expect

from domain.digest import Day
from store import digests
from tests.api.caller import Caller
from tests.api.test_board import delivered
from tests.console.browser.accessibility import faults_of
from tests.console.browser.conftest import SCREENS, SEEN_WITHIN_MS, Desks, Shop
from tests.console.browser.orders import packed


def now() -> str:
    """When a channel says that its order was placed."""
    return datetime.now(UTC).isoformat()


def figure(page: Page, name: str) -> Locator:
    """One of the numbers at a glance."""
    return page.locator(".figures .card").filter(has=page.get_by_role("heading", name=name)).locator(".figure")


def picture(page: Page, name: str) -> None:
    """Keep the whole page as a build output."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENS / f"{name}.png", full_page=True)


def test_the_board_moves_by_itself_and_says_in_tables_what_it_draws(desks: Desks) -> None:
    desks.shop.run(delivered)
    packed(desks.shop, placed_at=now())
    with desks.at("sales", "/board") as page:
        before = int(figure(page, "Orders").inner_text())
        way = page.get_by_role("table", name="How far orders came")
        expect(way.get_by_role("row").filter(has_text="packed")).to_contain_text("%")
        expect(page.get_by_text("The bottleneck, where orders wait longest")).to_be_visible()
        expect(page.get_by_role("table", name="On time by carrier")).to_contain_text("100.0%")
        page.get_by_label("As a table: Orders by channel and time").press("Enter")
        columns = page.get_by_role("table", name="Orders by channel and time")
        expect(columns.get_by_role("columnheader", name="site")).to_be_visible()
        packed(desks.shop, placed_at=now())
        expect(figure(page, "Orders")).to_have_text(str(before + 1), timeout=SEEN_WITHIN_MS)
        expect(way.get_by_role("row").filter(has_text="placed").last).to_contain_text(str(before + 1))
        # Opened by hand, it stays so while the numbers change.
        expect(columns).to_be_visible()
        expect(page.locator("canvas").first).to_be_visible()
        picture(page, "board-1280-light-en")
        assert faults_of(page) == []


def test_period_and_channel_stand_in_the_address_and_are_kept_when_it_is_opened_again(desks: Desks) -> None:
    packed(desks.shop, placed_at=now())
    with desks.at("sales", "/board") as page:
        page.get_by_label("Channel", exact=True).select_option("site")
        page.get_by_label("Period").select_option("720")
        page.wait_for_url("**/board?channel=site&period=720")
        page.reload()
        expect(page.get_by_label("Channel", exact=True)).to_have_value("site")
        expect(page.get_by_label("Period")).to_have_value("720")
        page.get_by_label("Period").select_option("own")
        page.get_by_label("From").fill("2001-01-01T00:00")
        page.get_by_label("To", exact=True).fill("2001-01-02T00:00")
        page.get_by_label("To", exact=True).press("Tab")
        expect(figure(page, "Orders")).to_have_text("0")
        expect(page.get_by_text("Nothing to show for this period yet").first).to_be_visible()
        page.get_by_label("To", exact=True).fill("2000-01-01T00:00")
        page.get_by_label("To", exact=True).press("Tab")
        expect(page.get_by_role("alert")).to_contain_text("must be before until")


def test_a_period_that_the_board_does_not_know_is_not_shown_as_if_it_did(desks: Desks) -> None:
    with desks.at("sales", "/board?period=17") as page:
        expect(page.get_by_label("Period")).to_have_value("24")
        page.goto("/board?period=own&since=soon")
        expect(page.get_by_role("alert")).to_contain_text("Refused: ")


def test_the_archive_tells_a_day_and_leads_to_its_board(desks: Desks) -> None:
    a_digest(
        desks.shop, Day(date(2026, 6, 2), {"site": 7, "shopify": 5}, {"return": 2, "rejected": 1}, 2, 10, {"T3": 1})
    )
    with desks.at("sales", "/board", narrow=True, theme="dark", language="zh") as page:
        picture(page, "board-390-dark-zh")
        page.get_by_role("link", name="每日簡報").press("Enter")
        expect(page.get_by_role("heading", name="每日簡報")).to_be_visible()
        day = page.get_by_role("row").filter(has_text="2026-06-02")
        for words in ("12", "site 7, shopify 5", "退換貨 2, 審核未通過 1", "20.0%", "T3 1"):
            expect(day).to_contain_text(words)
        picture(page, "digests-390-dark-zh")
        assert faults_of(page) == []
        day.get_by_role("link").press("Enter")
        expect(page.get_by_label("期間")).to_have_value("own")
        expect(page.get_by_label("自", exact=True)).to_have_value("2026-06-02T00:00")
        expect(page.get_by_label("至", exact=True)).to_have_value("2026-06-03T00:00")


def a_digest(shop: Shop, day: Day) -> None:
    """Keep it as the schedule does."""

    async def keep(caller: Caller) -> None:
        async with caller.pool.connection() as conn:
            await digests.keep(conn, day, datetime.now(UTC))

    shop.run(keep)

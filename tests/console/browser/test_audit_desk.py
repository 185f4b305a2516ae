"""The audit desk: the record searched, verified and taken along (R23)."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page, expect

from tests.api.caller import PERSONAL, Caller
from tests.console.browser.accessibility import faults_of
from tests.console.browser.conftest import SCREENS, Desks, Shop, ready, shot
from tests.console.browser.orders import waiting_for_a_picker, waiting_for_review

AUDITOR = "auditor"
_PAGE = 50


def entries(page: Page) -> Locator:
    """What is listed."""
    return page.locator("details.entry")


def asked(page: Page) -> dict[str, str]:
    """The filters in the page's address."""
    return {name: value for name, [value] in parse_qs(urlsplit(page.url).query).items()}


@contextmanager
def tampered(shop: Shop, order_no: str) -> Iterator[None]:
    """The first entry of that order says for a while that somebody else did it."""

    async def rewrite(caller: Caller, actor: str | None) -> str:
        async with caller.pool.connection() as conn:
            await conn.execute("ALTER TABLE audit_entries DISABLE TRIGGER audit_entries_append_only")
            cursor = await conn.execute(
                "UPDATE audit_entries new SET actor = coalesce(%s, 'somebody-else') FROM audit_entries old"
                " WHERE new.id = old.id AND new.order_no = %s AND new.subject = 'order:' || new.order_no"
                " AND new.chain_no = 1 RETURNING old.actor",
                (actor, order_no),
            )
            row = await cursor.fetchone()
            await conn.execute("ALTER TABLE audit_entries ENABLE ALWAYS TRIGGER audit_entries_append_only")
        assert row is not None
        return str(row["actor"])

    actor = shop.run(lambda caller: rewrite(caller, None))
    try:
        yield
    finally:
        shop.run(lambda caller: rewrite(caller, actor))


def test_an_auditor_finds_who_did_what_and_takes_exactly_that_along(desks: Desks, tmp_path: Path) -> None:
    number, other = waiting_for_review(desks.shop), waiting_for_review(desks.shop)
    rejected = desks.shop.run(
        lambda caller: caller.post(
            f"/v1/orders/{number}/review", {"decision": "reject", "reason": "fraud"}, "reviewer", subject="reviewer-77"
        )
    )
    assert rejected.status_code == 200, rejected.text
    with desks.at(AUDITOR, "/audit") as page:
        expect(entries(page).filter(has_text=other).first).to_be_visible()
        page.get_by_label("Order", exact=True).fill(number)
        page.get_by_label("Order", exact=True).blur()
        expect(entries(page).filter(has_text=other)).to_have_count(0)
        decided = entries(page).filter(has_text="reviewer-77").filter(has_text="fraud")
        expect(decided).to_be_visible()
        shot(page, "audit-1280-light-en")
        decided.locator("summary").click()
        expect(decided).to_contain_text("Place in the chain")
        shot(page, "audit-open-1280-light-en")
        decided.get_by_role("button", name="Only reviewer-77").click()
        page.wait_for_url("**/audit?actor=reviewer-77")
        expect(entries(page).first).to_contain_text(number)
        page.get_by_label("Act", exact=True).select_option("rejected")
        page.wait_for_url("**/audit?actor=reviewer-77&act=rejected")
        expect(entries(page)).to_have_count(1)
        with page.expect_download() as download:
            page.get_by_role("link", name="Export as CSV").click()
        download.value.save_as(tmp_path / "audit.csv")
        page.get_by_label("From", exact=True).fill("2020-01-02T08:00")
        page.get_by_label("From", exact=True).blur()
        page.wait_for_url("**since=2020*")
        assert asked(page)["since"] == "2020-01-02T08:00:00+08:00"
        shared = page.url.removeprefix(desks.address)
    [row] = csv.DictReader((tmp_path / "audit.csv").read_text(encoding="utf-8-sig").splitlines())
    assert (row["order_no"], row["actor"], row["why"]) == (number, "reviewer-77", "fraud")
    assert not any(words in str(row) for words in PERSONAL)
    with desks.at("administrator", shared) as page:
        expect(entries(page)).to_have_count(1)
        expect(page.get_by_label("Act", exact=True)).to_have_value("rejected")
        expect(page.get_by_label("From", exact=True)).to_have_value("2020-01-02T08:00")


def test_an_auditor_verifies_the_record_and_is_led_to_the_row_that_is_wrong(desks: Desks) -> None:
    number, _ = waiting_for_a_picker(desks.shop)
    with desks.at(AUDITOR, "/audit") as page:
        check = page.get_by_role("region", name="Is the record whole?")
        check.get_by_role("button", name="Verify").click()
        expect(check).to_contain_text("The record is whole")
        expect(check).to_contain_text("Chains followed")
        with tampered(desks.shop, number):
            check.get_by_role("button", name="Verify").click()
            expect(check).to_contain_text("Broken chains or locks: 1")
            expect(check).to_contain_text(f"order:{number}")
            expect(check).to_contain_text("entry 1")
            shot(page, "audit-broken-1280-light-en")
            check.get_by_role("button", name="Show this chain").click()
            page.wait_for_url("**sort=written")
            assert asked(page) == {"subject": f"order:{number}", "sort": "written"}
            expect(entries(page).first).to_contain_text("does not hold: changed")
            expect(entries(page).nth(1)).not_to_contain_text("does not hold")
        entries(page).first.locator("summary").click()
        entries(page).first.get_by_role("button", name="Verify this chain").click()
        expect(check).to_contain_text("The record is whole")
        expect(entries(page).first).not_to_contain_text("does not hold")


def test_a_long_record_is_read_in_pages_forth_and_back(desks: Desks) -> None:
    number = waiting_for_review(desks.shop)

    async def write_notes(caller: Caller) -> None:
        for one in range(_PAGE + 1):
            kept = await caller.post(f"/v1/orders/{number}/notes", {"note": f"invented {one}"}, "reviewer")
            assert kept.status_code < 300, kept.text

    desks.shop.run(write_notes)
    path = f"/audit?order={number}&act=note_written"
    with desks.at(AUDITOR, path, narrow=True, theme="dark", language="zh") as page:
        expect(entries(page)).to_have_count(_PAGE)
        assert faults_of(page) == []
        page.screenshot(path=SCREENS / "audit-390-dark-zh.png")
        page.get_by_role("button", name="下一頁").click()
        expect(entries(page)).to_have_count(1)
        page.get_by_role("button", name="上一頁").click()
        expect(entries(page)).to_have_count(_PAGE)
        page.get_by_role("button", name="清除篩選").click()
        page.wait_for_url("**/audit")
        page.goto("/audit?order=nowhere-1")
        ready(page)
        expect(page.get_by_text("沒有符合條件的記錄")).to_be_visible()

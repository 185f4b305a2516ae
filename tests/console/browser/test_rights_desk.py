"""The review of rights in a browser: each account confirmed, changed or revoked by a named person (R22, T16)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from playwright.sync_api import Locator, Page, expect

from console.desks.rights_account import ROLES
from console.words import CATALOGUE
from domain.permissions import Permission, Role
from store import rights_reviews
from tests.api.caller import Caller
from tests.api.staff import an_account, session_of
from tests.console.browser.accessibility import faults_of
from tests.console.browser.conftest import SCREENS, Desks, Shop
from tests.console.browser.reviews_of_rights import a_review

OPERATIONS = "operations"


def card(page: Page, staff_id: str) -> Locator:
    """The account's card."""
    return page.locator(".card").filter(has=page.get_by_text(staff_id, exact=True))


def report(shop: Shop, month: str) -> dict[str, Any]:
    """The review as it is kept."""
    kept: dict[str, Any] = shop.run(lambda caller: caller.get(f"/v1/rights-reviews/{month}", "auditor")).json()
    return kept


def test_every_right_has_words_and_every_role_of_a_person_can_be_given() -> None:
    assert {f"right.{one}" for one in Permission} <= set(CATALOGUE)
    assert set(ROLES) == set(Role) - {Role.INTEGRATOR}


def test_each_account_is_confirmed_changed_or_revoked_under_a_name_and_the_report_is_kept(desks: Desks) -> None:
    month, [kept, moved, gone] = a_review(desks.shop, Role.SALES, Role.REVIEWER, Role.FINANCE)
    others = report(desks.shop, month)["accounts"] - 3
    with desks.at(f"{OPERATIONS}/operations-5", f"/rights/{month}") as page:
        expect(page.get_by_text(f"0 of {others + 3} accounts reviewed")).to_be_visible()
        one = card(page, kept)
        expect(one).to_contain_text("never used")
        one.get_by_role("button", name="Review").click()
        expect(one.get_by_text("order.read", exact=True)).to_be_visible()
        one.get_by_role("button", name="Confirm").click()
        expect(page.get_by_role("alert")).to_contain_text("Reason is needed")
        assert report(desks.shop, month)["decided"] == 0
        one.get_by_label("Reason").fill("still needed")
        page.screenshot(path=SCREENS / "rights-1280-light-en.png", full_page=True)
        one.get_by_role("button", name="Confirm").click()
        expect(page.get_by_role("alert")).to_contain_text("on record under your name")
        expect(card(page, kept)).to_contain_text("operations-5")
        for staff_id, act in ((moved, "Change to this role"), (gone, "Revoke")):
            card(page, staff_id).get_by_role("button", name="Review").click()
            card(page, staff_id).get_by_label("Reason").fill("other post")
            if staff_id == moved:
                card(page, staff_id).get_by_label("New role").select_option("logistics")
            card(page, staff_id).get_by_role("button", name=act).click()
            expect(card(page, staff_id)).to_contain_text("other post")
        expect(page.get_by_text(f"3 of {others + 3} accounts reviewed")).to_be_visible()
        page.get_by_label("Show", exact=True).select_option("open")
        expect(card(page, kept)).to_have_count(0)
    decided = {one["staff_id"]: one for one in report(desks.shop, month)["items"]}
    assert {one: (decided[one]["decision"], decided[one]["new_role"]) for one in (kept, moved, gone)} == {
        kept: ("confirmed", None),
        moved: ("changed", "logistics"),
        gone: ("revoked", None),
    }
    assert {decided[one]["decided_by"] for one in (kept, moved, gone)} == {"operations-5"}
    with desks.at("auditor", f"/rights/{month}") as page:
        expect(card(page, moved)).to_contain_text("changed to logistics")
        card(page, gone).get_by_role("button", name="Show the rights").click()
        expect(card(page, gone).get_by_text("payment.read", exact=True)).to_be_visible()
        expect(page.get_by_role("button", name="Revoke")).to_have_count(0)


def test_nobody_reviews_their_own_rights_and_used_rights_are_told_from_unused(desks: Desks) -> None:
    async def an_administrator_at_work(caller: Caller) -> str:
        staff_id, username = await an_account(caller, Role.ADMINISTRATOR)
        await caller.http.get("/v1/accounts", headers=await session_of(caller, username))
        return staff_id

    own = desks.shop.run(an_administrator_at_work)
    month, _ = a_review(desks.shop)
    path = f"/rights/{month}"
    with desks.at(f"administrator/{own}", path, narrow=True, theme="dark", language="zh") as page:
        mine = page.locator(".card").filter(has_text=own)
        expect(mine).to_contain_text("須由他人覆核")
        expect(mine).to_contain_text("invented-")
        mine.get_by_role("button", name="查看權限").click()
        expect(mine.get_by_role("listitem").filter(has_text="account.manage")).not_to_contain_text("從未")
        expect(mine.get_by_role("listitem").filter(has_text="token.manage")).to_contain_text("從未")
        expect(mine.get_by_role("button", name="確認保留")).to_have_count(0)
        assert faults_of(page) == []
        page.screenshot(path=SCREENS / "rights-390-dark-zh.png", full_page=True)


def test_tokens_of_machines_are_confirmed_by_somebody_else_or_revoked_until_the_review_is_complete(
    desks: Desks,
) -> None:
    month, token_id = desks.shop.run(a_review_of_one_token)
    with desks.at("administrator/administrator-1", f"/rights/{month}") as page:
        expect(page.get_by_text("0 of 1 tokens of machines reviewed")).to_be_visible()
        card(page, token_id).get_by_role("button", name="Review").click()
        expect(card(page, token_id)).to_contain_text("You issued this token")
        expect(card(page, token_id).get_by_role("button", name="Confirm")).to_have_count(0)
        expect(card(page, token_id).get_by_role("button", name="Revoke")).to_be_visible()
        assert faults_of(page) == []
    with desks.at(f"{OPERATIONS}/operations-5", f"/rights/{month}") as page:
        one = card(page, token_id)
        expect(one).to_contain_text("never used")
        one.get_by_role("button", name="Review").click()
        expect(one.get_by_text("order.place", exact=True)).to_be_visible()
        one.get_by_role("button", name="Confirm").click()
        expect(page.get_by_role("alert")).to_contain_text("Reason is needed")
        one.get_by_label("Reason").fill("still needed")
        one.get_by_role("button", name="Confirm").click()
        expect(page.get_by_role("alert")).to_contain_text("on record under your name")
        expect(page.get_by_text("1 of 1 tokens of machines reviewed")).to_be_visible()
        expect(page.get_by_text("complete", exact=True)).to_be_visible()
    [kept] = report(desks.shop, month)["machines"]
    assert (kept["decision"], kept["decided_by"], kept["why"]) == ("confirmed", "operations-5", "still needed")


async def a_review_of_one_token(caller: Caller) -> tuple[str, str]:
    """The month of a review in which nothing is open but one token, and the token's id."""
    new = {"label": "erp nightly", "channels": ["site"], "valid_days": 30, "why": "a shop of ours"}
    issued = (await caller.post("/v1/tokens", new, "administrator")).json()
    month = "2030-01"
    async with caller.pool.connection() as conn:
        await conn.execute("UPDATE machine_tokens SET revoked_at = now() WHERE token_id <> %s", (issued["token_id"],))
        await rights_reviews.open_review(conn, month, at=datetime.now(UTC), workflow_id=f"invented-{month}")
        await conn.execute(
            "UPDATE rights_review_items SET decision = 'confirmed', decided_by = 'operations-9', decided_at = now(),"
            " why = 'known' WHERE review_id = %s",
            (month,),
        )
    return month, issued["token_id"]

"""Accounts and machine tokens in a browser: opened, changed, disabled; issued, shown once, revoked (R22)."""

from __future__ import annotations

from uuid import uuid4

from playwright.sync_api import Locator, Page, expect

from console.desks.machine_tokens import RIGHTS
from domain.permissions import GRANTS, Role
from tests.api.caller import Caller
from tests.api.staff import OTHER_PASSWORD, PASSWORD, session_of, sign_in, who
from tests.console.browser.accessibility import faults_of
from tests.console.browser.conftest import SCREENS, Desks, Shop, ready, shot

ADMINISTRATOR = "administrator"


def card(page: Page, words: str) -> Locator:
    """The card that says this."""
    return page.locator(".card").filter(has=page.get_by_text(words, exact=True))


def opens(shop: Shop, token: str) -> int:
    """The status with which a machine's token is answered."""

    async def ask(caller: Caller) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return (await caller.http.get("/v1/orders", headers=headers)).status_code

    return shop.run(ask)


def test_a_token_can_be_given_all_that_an_integrator_may() -> None:
    assert set(RIGHTS) == set(GRANTS[Role.INTEGRATOR])


def test_an_account_is_opened_given_another_role_and_disabled_and_each_counts_at_once(desks: Desks) -> None:
    name = f"invented-{uuid4().hex[:8]}"
    with desks.at(ADMINISTRATOR, "/accounts") as page:
        page.get_by_role("button", name="Open an account").click()
        page.get_by_label("Username").fill(name)
        page.get_by_label("Role").select_option("reviewer")
        page.get_by_label("Password").fill("short")
        page.get_by_role("button", name="Open an account").click()
        expect(page.get_by_role("alert")).to_contain_text("why")
        page.get_by_label("Reason").fill("new at the shop")
        page.get_by_role("button", name="Open an account").click()
        expect(page.get_by_role("alert")).to_contain_text("has 12 to 128 characters")
        page.get_by_label("Password").fill(PASSWORD)
        shot(page, "accounts-new-1280-light-en")
        page.get_by_role("button", name="Open an account").click()
        expect(page.get_by_role("alert")).to_contain_text(f"{name} is open under staff-")
        session = desks.shop.run(lambda caller: session_of(caller, name))
        assert desks.shop.run(lambda caller: who(caller, session)).json()["staff"]["role"] == "reviewer"
        page.get_by_role("button", name=f"Change {name}").click()
        page.get_by_label("Role").select_option("logistics")
        page.get_by_role("button", name="Give this role").click()
        expect(page.get_by_role("alert")).to_contain_text("Reason is needed")
        card(page, name).get_by_label("Reason").fill("other post")
        page.get_by_role("button", name="Give this role").click()
        expect(page.get_by_role("alert")).to_contain_text(f"{name} is changed")
        expect(card(page, name)).to_contain_text("logistics")
        assert desks.shop.run(lambda caller: who(caller, session)).status_code == 401
        page.get_by_role("button", name=f"Change {name}").click()
        card(page, name).get_by_label("Reason").fill("forgotten")
        card(page, name).get_by_label("Password").fill(OTHER_PASSWORD)
        shot(page, "accounts-1280-light-en")
        page.get_by_role("button", name="Set this password").click()
        expect(card(page, name).get_by_role("button", name="Set this password")).to_have_count(0)
        assert OTHER_PASSWORD not in page.content()
        assert desks.shop.run(lambda caller: sign_in(caller, name, OTHER_PASSWORD)).status_code == 201
        page.get_by_role("button", name=f"Change {name}").click()
        card(page, name).get_by_label("Reason").fill("left")
        page.get_by_role("button", name="Disable").click()
        expect(card(page, name)).to_contain_text("disabled")
        assert desks.shop.run(lambda caller: sign_in(caller, name, OTHER_PASSWORD)).status_code == 401


def test_a_machine_token_is_shown_once_opens_what_it_may_and_nothing_when_it_is_revoked(desks: Desks) -> None:
    label = f"erp {uuid4().hex[:6]}"
    with desks.at(ADMINISTRATOR, "/accounts/tokens") as page:
        page.get_by_role("button", name="Issue a token").click()
        page.get_by_label("What it is for").fill(label)
        page.get_by_label("Only these channels").fill("site, shopify")
        page.get_by_label("Reason").fill("nightly import")
        page.get_by_label("place orders").uncheck()
        page.get_by_role("button", name="Issue", exact=True).click()
        shown = page.get_by_role("region", name="Token", exact=True)
        token = shown.locator("code").inner_text()
        shot(page, "tokens-1280-light-en")
        expect(card(page, label)).to_contain_text("site, shopify")
        expect(card(page, label)).not_to_contain_text("place orders")
        assert opens(desks.shop, token) == 200
        page.get_by_role("button", name="I have it, hide it").click()
        expect(shown).to_have_count(0)
        page.goto("/accounts/tokens")
        ready(page)
        assert token not in page.content()
        page.get_by_role("button", name=f"Revoke {label}").click()
        page.get_by_role("button", name=f"Revoke {label} now").click()
        expect(card(page, label)).to_contain_text("revoked")
        assert opens(desks.shop, token) == 401


def test_accounts_are_managed_on_a_small_screen_in_chinese(desks: Desks) -> None:
    with desks.at(ADMINISTRATOR, "/accounts", narrow=True, theme="dark", language="zh") as page:
        page.get_by_role("button", name="新建帳號").click()
        expect(page.get_by_label("用戶名")).to_be_visible()
        assert faults_of(page) == []
        page.screenshot(path=SCREENS / "accounts-390-dark-zh.png", full_page=True)
        page.goto("/accounts/tokens")
        ready(page)
        page.get_by_role("button", name="簽發令牌").click()
        expect(page.get_by_label("用途")).to_be_visible()
        assert faults_of(page) == []
        page.screenshot(path=SCREENS / "tokens-390-dark-zh.png", full_page=True)

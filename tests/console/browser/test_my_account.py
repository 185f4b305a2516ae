"""One's own account in a browser: another password, a second factor, where one is signed in (R22)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pyotp
import pytest
from playwright.sync_api import Page, ViewportSize, expect

from api.house import House
from domain.permissions import Role
from domain.second_factor import STEP_S, Wanted
from tests.api.caller import Caller
from tests.api.staff import OTHER_PASSWORD, PASSWORD, an_account, session_of, who
from tests.console.browser.accessibility import faults_of
from tests.console.browser.conftest import NARROW, PATIENCE_MS, SCREENS, WIDE, Desks, console_of, ready, shot

PROGRAM = ("cli", "console", "--port")


class Halves:
    """The shop's clock, set to the middle of a half minute and moved to the next by hand."""

    def __init__(self) -> None:
        self.now = datetime.fromtimestamp(datetime.now(UTC).timestamp() // STEP_S * STEP_S + STEP_S / 2, UTC)

    def code(self, secret: str) -> str:
        """What an authenticator shows in the next half minute, in which the shop is from now on."""
        self.now += timedelta(seconds=STEP_S)
        return pyotp.TOTP(secret).at(self.now)


@pytest.fixture
def halves(monkeypatch: pytest.MonkeyPatch) -> Halves:
    """What the doors take for now."""
    clock = Halves()
    monkeypatch.setattr(House, "now", lambda _: clock.now)
    return clock


@contextmanager
def browser_of(
    desks: Desks, address: str, language: str = "en", theme: str = "light", size: ViewportSize = WIDE
) -> Iterator[Page]:
    """A browser at which nobody has signed in."""
    context = desks.browser.new_context(viewport=size, base_url=address)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    for name, choice in (("language", language), ("theme", theme)):
        page.goto(f"/preferences/{name}/{choice}?back=/healthz")
    yield page
    context.close()


def enter(page: Page, username: str, password: str, code: str = "", to: str = "/") -> None:
    """Fill in the form of the sign-in page."""
    page.goto(f"/sign-in?to={to}")
    page.locator("#username").fill(username)
    page.locator("#password").fill(password)
    page.locator("#code").fill(code)
    page.keyboard.press("Enter")


def test_the_first_sign_in_leads_to_a_password_of_ones_own_then_to_a_second_factor_then_to_the_desks(
    desks: Desks, halves: Halves, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(desks.shop.settings), "second_factor_wanted", lambda _: Wanted.EVERYBODY)
    name = f"invented-{uuid4().hex[:8]}"
    body = {"username": name, "role": "reviewer", "password": PASSWORD, "why": "new at the shop"}
    desks.shop.run(lambda caller: caller.post("/v1/accounts", body, "administrator"))
    with console_of(desks.shop.settings, *PROGRAM) as address, browser_of(desks, address) as page:
        enter(page, name, PASSWORD, to="/review")
        expect(page).to_have_url(re.compile("/me$"))
        ready(page)
        expect(page.get_by_text("Choose one of your own")).to_be_visible()
        expect(page.get_by_role("navigation").get_by_role("link")).to_have_count(0)
        shot(page, "me-password-1280-light-en")
        page.get_by_label("Present password").fill(PASSWORD)
        page.get_by_label("New password", exact=True).fill(OTHER_PASSWORD)
        page.get_by_label("New password once more").fill(OTHER_PASSWORD + "x")
        page.get_by_role("button", name="Change the password").click()
        expect(page.get_by_text("The two new passwords differ")).to_be_visible()
        page.get_by_label("New password once more").fill(OTHER_PASSWORD)
        page.get_by_role("button", name="Change the password").click()
        expect(page.get_by_role("alert")).to_contain_text("Your password is changed")
        enter(page, name, OTHER_PASSWORD)
        expect(page.get_by_text("Your shop asks for a second factor")).to_be_visible()
        ready(page)
        secret = _set_up(page, OTHER_PASSWORD, halves)
        expect(page.get_by_text("Your shop asks for a second factor")).to_have_count(0)
        shot(page, "me-codes-1280-light-en")
        recovery = page.get_by_role("list", name="Recovery codes").get_by_role("listitem").first.inner_text()
        page.get_by_role("button", name="I have kept them").click()
        expect(page.get_by_text("Recovery codes left: 10")).to_be_visible()
        assert recovery not in page.content()
        assert secret not in page.content()
        page.goto("/review")
        expect(page).to_have_url(re.compile("/review$"))
    with console_of(desks.shop.settings, *PROGRAM) as address, browser_of(desks, address) as page:
        enter(page, name, OTHER_PASSWORD)
        expect(page.get_by_role("alert")).to_contain_text("do not match")
        enter(page, name, OTHER_PASSWORD, halves.code(secret), to="/review")
        expect(page).to_have_url(re.compile("/review$"))


def _set_up(page: Page, password: str, halves: Halves) -> str:
    """A second factor that stands; its secret."""
    page.get_by_role("button", name="Set up a second factor").click()
    page.get_by_role("region", name="Second factor").get_by_label("Present password").fill(password)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("img", name="QR code for the authenticator")).to_be_visible()
    secret = page.locator("code").inner_text()
    shot(page, "me-begun-1280-light-en")
    page.get_by_label("Code that it shows now").fill(halves.code(secret))
    page.get_by_role("button", name="Send the code").click()
    expect(page.get_by_role("list", name="Recovery codes").get_by_role("listitem")).to_have_count(10)
    return secret


def test_whoever_knows_the_password_sees_where_they_are_signed_in_and_ends_it(desks: Desks) -> None:
    _, name = desks.shop.run(lambda caller: an_account(caller, Role.SALES))
    there = [desks.shop.run(lambda caller: session_of(caller, name)) for _ in range(2)]

    def stand() -> list[int]:
        async def ask(caller: Caller) -> list[int]:
            return [(await who(caller, one)).status_code for one in there]

        return desks.shop.run(ask)

    with console_of(desks.shop.settings, *PROGRAM) as address, browser_of(desks, address) as page:
        enter(page, name, PASSWORD)
        page.wait_for_url(lambda url: "/sign-in" not in url)
        ready(page)
        page.get_by_role("link", name=re.compile("^My account")).click()
        ready(page)
        expect(page.get_by_text("this one", exact=True)).to_have_count(1)
        shot(page, "me-1280-light-en")
        page.get_by_role("button", name="End all others").click()
        expect(page.get_by_role("alert")).to_contain_text("the present password")
        assert stand() == [200, 200]
        page.get_by_label("Password, to end sign-ins").fill(PASSWORD)
        page.get_by_role("button", name=re.compile("^End [0-9]")).first.click()
        expect(page.get_by_role("alert")).to_contain_text("Ended: 1")
        assert sorted(stand()) == [200, 401]
        page.get_by_label("Password, to end sign-ins").fill(PASSWORD)
        page.get_by_role("button", name="End all others").click()
        expect(page.get_by_role("button", name="End all others")).to_have_count(0)
        assert stand() == [401, 401]


def test_ones_own_account_on_a_small_screen_in_chinese(desks: Desks, halves: Halves) -> None:
    _, name = desks.shop.run(lambda caller: an_account(caller, Role.WAREHOUSE))
    desks.shop.run(lambda caller: session_of(caller, name))
    with (
        console_of(desks.shop.settings, *PROGRAM) as address,
        browser_of(desks, address, "zh", "dark", NARROW) as page,
    ):
        page.goto("/sign-in")
        page.screenshot(path=SCREENS / "sign-in-390-dark-zh.png", full_page=True)
        enter(page, name, PASSWORD)
        page.wait_for_url(lambda url: "/sign-in" not in url)
        page.goto("/me")
        ready(page)
        expect(page.get_by_role("heading", name="雙重驗證")).to_be_visible()
        assert faults_of(page) == []
        page.screenshot(path=SCREENS / "me-390-dark-zh.png", full_page=True)
        page.get_by_role("button", name="設定雙重驗證").click()
        page.get_by_role("region", name="雙重驗證").get_by_label("目前密碼").fill(PASSWORD)
        page.get_by_role("button", name="繼續").click()
        expect(page.get_by_role("img", name="驗證器二維碼")).to_be_visible()
        assert faults_of(page) == []
        page.screenshot(path=SCREENS / "me-begun-390-dark-zh.png", full_page=True)


def test_an_administrator_ends_a_sign_in_and_takes_a_lost_second_factor_away(desks: Desks) -> None:
    staff_id, name = desks.shop.run(lambda caller: an_account(caller, Role.SALES))
    session = desks.shop.run(lambda caller: session_of(caller, name))

    async def set_up(caller: Caller) -> None:
        query = "INSERT INTO second_factors VALUES (%s, %s, '', now(), now(), 0)"
        async with caller.pool.connection() as conn:
            await conn.execute(query.encode(), (f"factor-{uuid4().hex[:16]}", staff_id))

    desks.shop.run(set_up)
    with desks.at("administrator", "/accounts") as page:
        card = page.locator(".card").filter(has=page.get_by_text(name, exact=True))
        expect(card).to_contain_text("second factor")
        page.get_by_role("button", name=f"Change {name}").click()
        card.get_by_label("Reason").fill("telephone lost")
        shot(page, "accounts-change-1280-light-en")
        card.get_by_role("button", name="End this sign-in").click()
        expect(page.get_by_role("alert")).to_contain_text(f"{name} is changed")
        assert desks.shop.run(lambda caller: who(caller, session)).status_code == 401
        page.get_by_role("button", name=f"Change {name}").click()
        card.get_by_label("Reason").fill("telephone lost")
        card.get_by_role("button", name="Take the second factor away").click()
        expect(card.get_by_text("second factor", exact=True)).to_have_count(0)

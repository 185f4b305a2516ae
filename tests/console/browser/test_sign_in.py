"""The console as it ships, signing in at the API with a real account (R22)."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from domain.permissions import Role
from tests.api.caller import Caller
from tests.api.staff import PASSWORD, an_account
from tests.console.browser.conftest import Desks, console_of, ready


def test_an_account_signs_in_sees_its_desks_and_is_out_at_once_when_disabled(desks: Desks) -> None:
    staff_id, username = desks.shop.run(lambda shop: an_account(shop, Role.REVIEWER))
    program = ("cli", "console", "--port")
    with console_of(desks.shop.settings, *program) as address:
        context = desks.browser.new_context(base_url=address)
        page = context.new_page()
        page.goto("/sign-in")
        for words, told in (("guessed words here", "do not match"), (PASSWORD, "")):
            page.get_by_label("User name").fill(username)
            page.get_by_label("Password").fill(words)
            page.keyboard.press("Enter")
            if told:
                expect(page.get_by_role("alert")).to_contain_text(told)
        expect(page).to_have_url(re.compile("/review$"))
        ready(page)
        expect(page.get_by_text(staff_id)).to_be_visible()

        async def disable(shop: Caller) -> int:
            body = {"why": "left_the_shop"}
            return (await shop.post(f"/v1/accounts/{staff_id}/disable", body, "administrator")).status_code

        assert desks.shop.run(disable) == 200
        expect(page.get_by_text("Your session has ended")).to_be_visible()
        context.close()

"""The desk of accounts: opened, given another role, confined, disabled; every act is on record (R22, R23)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from api.schemas.own_account import OpenSession, OpenSessions
from api.schemas.sign_in import AccountPage, AccountView
from console.bench import Bench
from console.desks import machine_tokens
from console.desks.account_forms import AccountChange, AccountOpening
from console.desks.desk import Desk
from console.desks.paging import Pages
from console.desks.unfolding import Unfolding
from console.kit import box, button, chip, link, moment, text
from console.live import Live

_ROWS = 50


@dataclass
class AccountsDesk:
    """The page as one person has it before them; ``chosen`` is the account that they are about to change."""

    bench: Bench
    chosen: str = ""
    sessions: Sequence[OpenSession] = ()
    page: AccountPage | None = None

    def build(self) -> None:
        """Lay the page out; what is on it comes with the first reading."""
        t = self.bench.t
        with box("bar"):
            text(t("accounts.title"), "h1")
            link(t("tokens.title"), "/accounts/tokens", "btn")
        with box("card"):
            self.opening = Unfolding(self.bench, t("accounts.new"), self.draw_opening)
        self.place = box("stack", "section", aria_label=t("accounts.title"))
        self.pages = Pages(self.bench, self.again)
        self.live = Live(self.bench, self.load, self.show, told=("accounts",))

    def draw_opening(self) -> None:
        """The form of a new account."""
        AccountOpening(self.bench, self.opened, self.opening.never_mind).draw()

    async def opened(self, account: AccountView) -> None:
        """It is there: say so, and show it."""
        self.opening.fold()
        self.bench.tell(self.bench.t("accounts.opened", who=account.username, id=account.staff_id))
        await self.again()

    async def again(self) -> None:
        """Read and draw, whatever was shown."""
        self.chosen = ""
        self.live.forget()
        await self.live.look()

    async def load(self) -> AccountPage:
        """A page of accounts, by username."""
        return await self.bench.api.get("/v1/accounts", AccountPage, {"limit": _ROWS, "cursor": self.pages.cursor})

    def show(self, page: AccountPage) -> None:
        """Draw it, but not under the hands of somebody who changes an account."""
        self.page = page
        if not self.chosen:
            self.draw()

    def draw(self) -> None:
        """Draw what was read last."""
        if self.page is None:
            return
        self.place.clear()
        with self.place:
            for one in self.page.items:
                self.draw_account(one)
            self.pages.draw(self.page.next_cursor)

    def draw_account(self, one: AccountView) -> None:
        """Who, which role, confined to what, when they came in last."""
        t = self.bench.t
        with box("card stack tight"):
            with box("spread"):
                with box("bar"):
                    text(one.username, classes="strong wrap")
                    text(self.bench.who(one.staff_id), classes="mono soft wrap")
                    chip(t.code("role", one.role), "blue")
                    if one.second_factor:
                        chip(t("accounts.second_factor"), "green")
                    if one.password_to_change:
                        chip(t("accounts.to_change"), "amber")
                    if one.disabled_at is not None:
                        chip(t("accounts.disabled"), "red")
                last = moment(one.last_sign_in, self.bench.zone)
                text(t("accounts.last", at=last) if last else t("accounts.never"), classes="small soft num")
            places = ", ".join((*one.warehouses, *one.channels))
            confined = t("rights.confined", places=places) if places else t("rights.everywhere")
            text(f"{t(f'accounts.by.{one.signs_in_by}')} · {confined}", "p", "small soft wrap")
            if self.chosen == one.staff_id:
                with box("stack parted"):
                    AccountChange(self.bench, one, self.sessions, self.change, self.again).draw()
            else:
                with box("bar"):
                    words = t("accounts.change")
                    button(words, lambda: self.choose(one.staff_id), aria_label=f"{words} {one.username}")

    async def choose(self, staff_id: str) -> None:
        """Open the changes of this account, and show where its owner is signed in."""
        path = f"/v1/accounts/{staff_id}/sessions"
        stands = await self.bench.or_none(self.bench.api.get(path, OpenSessions))
        self.chosen, self.sessions = staff_id, stands.items if stands else ()
        self.draw()

    async def change(self, one: AccountView, act: str, body: dict[str, Any]) -> None:
        """Do it; a refusal is shown in its own words and the form stays."""
        path = f"/v1/accounts/{one.staff_id}/{act}"
        if await self.bench.attempt(self.bench.api.post(path, body)) is not None:
            await self.again()
            self.bench.tell(self.bench.t("accounts.done", who=one.username))


async def draw(bench: Bench) -> None:
    """The page."""
    desk = AccountsDesk(bench)
    desk.build()
    await desk.live.look()


DESK = Desk(
    "accounts",
    "manage_accounts",
    frozenset({"account.manage", "token.manage"}),
    draw,
    pages=(("/accounts/tokens", machine_tokens.draw),),
)

"""Tokens of integrators' machines: issued and shown once, listed, revoked (R22)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from api.schemas.sign_in import IssuedToken, MachineTokenPage, MachineTokenView
from console.bench import Bench
from console.desks.account_forms import codes
from console.desks.paging import Pages
from console.desks.unfolding import Unfolding
from console.kit import Choice, Field, Tick, box, button, chip, empty, link, moment, text
from console.live import Live

_ROWS = 50
RIGHTS = ("order.read", "order.place", "order.cancel", "contact.keep", "stock.read", "tracking.link", "return.apply")
"""What an integrator may; a token can be given less."""
_DAYS = ("30", "90", "366")
_COLOURS = {"holds": "green", "expired": "amber", "revoked": "red"}


@dataclass
class TokensPage:
    """The page as one person has it before them; ``chosen`` is the token that they are about to revoke."""

    bench: Bench
    chosen: str = ""
    page: MachineTokenPage | None = None

    def build(self) -> None:
        """Lay the page out; what is on it comes with the first reading."""
        t = self.bench.t
        with box("bar"):
            link(f"← {t('desk.accounts')}", "/accounts", "btn")
            text(t("tokens.title"), "h1")
        self.once = box("stack")
        with box("card"):
            self.issuing = Unfolding(self.bench, t("tokens.new"), self.draw_issuing)
        self.place = box("stack", "section", aria_label=t("tokens.title"))
        self.pages = Pages(self.bench, self.again)
        self.live = Live(self.bench, self.load, self.show, told=("accounts",))

    # --- issuing --------------------------------------------------------------------

    def draw_issuing(self) -> None:
        """What for, of which channels, how long, what it may, why."""
        t = self.bench.t
        text(t("tokens.new_hint"), "p", "soft small")
        with box("filters"):
            self.label = Field(t("tokens.label"), autocomplete="off", maxlength="60")
            self.channels = Field(t("accounts.channels"), autocomplete="off", placeholder="site")
            self.days = Choice(t("tokens.days"), {one: t(f"tokens.days.{one}") for one in _DAYS}, _DAYS[1])
            self.why = Field(t("reason"), maxlength="60", autocomplete="off")
        with box("checks", "fieldset", aria_label=t("tokens.rights")):
            self.rights = {one: Tick(t.code("right", one), value=True) for one in RIGHTS}
        with box("bar"):
            button(t("tokens.issue"), self.issue, "primary")
            self.issuing.never_mind()
        self.label.focus()

    async def issue(self) -> None:
        """Ask for it, and show it; all rights are those of the role, whatever it may later."""
        t = self.bench.t
        ticked = [one for one, tick in self.rights.items() if tick.value]
        if not ticked:
            self.bench.tell(t("tokens.no_right"), "no")
            return
        body = {
            "label": self.label.value.strip(),
            "channels": codes(self.channels.value),
            "permissions": None if len(ticked) == len(RIGHTS) else ticked,
            "valid_days": int(self.days.value),
            "why": self.why.value.strip(),
        }
        answer = await self.bench.attempt(self.bench.api.post("/v1/tokens", body))
        if answer is not None:
            self.issuing.fold()
            self.draw_once(IssuedToken.model_validate(answer))
            await self.again()

    def draw_once(self, issued: IssuedToken) -> None:
        """The token, until its reader hides it or leaves the page."""
        t = self.bench.t
        self.once.clear()
        with self.once, box("card stack next-line", "section", aria_label=t("tokens.token"), aria_live="polite"):
            text(t("tokens.once", id=issued.token_id), "p", "strong")
            text(issued.token, "code", "wrap")
            with box("bar"):
                button(t("tokens.hide"), self.hide, "primary")

    async def hide(self) -> None:
        """It leaves the page, and this process."""
        self.once.clear()

    # --- the list -------------------------------------------------------------------

    async def again(self) -> None:
        """Read and draw, whatever was shown."""
        self.chosen = ""
        self.live.forget()
        await self.live.look()

    async def load(self) -> MachineTokenPage:
        """A page of tokens, expired and revoked ones too."""
        query = {"limit": _ROWS, "cursor": self.pages.cursor}
        return await self.bench.api.get("/v1/tokens", MachineTokenPage, query)

    def show(self, page: MachineTokenPage) -> None:
        """Draw it, but not under the hands of somebody who revokes."""
        self.page = page
        if not self.chosen:
            self.draw()

    def draw(self) -> None:
        """Draw what was read last."""
        if self.page is None:
            return
        self.place.clear()
        with self.place:
            if not self.page.items:
                empty(self.bench.t("tokens.none"), self.bench.t("tokens.none_hint"))
            for one in self.page.items:
                self.draw_token(one)
            self.pages.draw(self.page.next_cursor)

    def draw_token(self, one: MachineTokenView) -> None:
        """What for, what it may where, whether it holds and is used."""
        t, zone, state = self.bench.t, self.bench.zone, _state(one)
        with box("card stack tight"):
            with box("spread"):
                with box("bar"):
                    text(one.label, classes="strong wrap")
                    text(one.token_id, classes="mono soft wrap")
                    chip(t(f"tokens.state.{state}"), _COLOURS[state])
                used = moment(one.last_used_at, zone)
                text(t("tokens.used", at=used) if used else t("tokens.never"), classes="small soft num")
            issued = t("tokens.issued", who=self.bench.who(one.issued_by), at=moment(one.issued_at, zone))
            until = t("tokens.until", at=moment(one.expires_at, zone))
            text(f"{issued} · {until}", "p", "small soft wrap")
            where = ", ".join(one.channels) or t("tokens.all_channels")
            what = ", ".join(t.code("right", right) for right in one.permissions or ()) or t("tokens.all_rights")
            text(f"{where} · {what}", "p", "small soft wrap")
            if state == "holds":
                self.draw_revocation(one)

    def draw_revocation(self, one: MachineTokenView) -> None:
        """Revoking is asked twice, for nothing brings a token back."""
        t, words = self.bench.t, self.bench.t("tokens.revoke")
        if self.chosen != one.token_id:
            with box("bar"):
                button(words, lambda: self.choose(one.token_id), aria_label=f"{words} {one.label}")
            return
        text(t("tokens.surely"), "p", "small")
        with box("bar"):
            button(t("tokens.revoke_now", label=one.label), lambda: self.revoke(one), "danger")
            button(t("cancel"), self.again)

    async def choose(self, token_id: str) -> None:
        """Ask once more before this one."""
        self.chosen = token_id
        self.draw()

    async def revoke(self, one: MachineTokenView) -> None:
        """From its next request on it opens nothing."""

        async def done() -> bool:
            await self.bench.api.delete(f"/v1/tokens/{one.token_id}")
            return True

        if await self.bench.attempt(done()):
            self.bench.tell(self.bench.t("tokens.revoked", label=one.label))
            await self.again()


def _state(one: MachineTokenView) -> str:
    if one.revoked_at is not None:
        return "revoked"
    return "holds" if one.expires_at > datetime.now(UTC) else "expired"


async def draw(bench: Bench) -> None:
    """The page."""
    page = TokensPage(bench)
    page.build()
    await page.live.look()

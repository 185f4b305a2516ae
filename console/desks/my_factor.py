"""One's own second factor: set up, moved to another authenticator, recovery codes renewed (R22)."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from nicegui import ui

from api.schemas.own_account import BegunFactor, RecoveryCodes, SecondFactorView
from console.bench import Bench
from console.kit import Field, box, button, moment, text

_PATH = "/v1/session/second-factor"


def code_field(words: str) -> Field:
    """A code of the authenticator, or a recovery code: telephones offer digits, and what they have read."""
    return Field(words, autocomplete="one-time-code", maxlength="60", autocapitalize="off", spellcheck="false")


def present_password(words: str) -> Field:
    """The password that holds now."""
    return Field(words, kind="password", autocomplete="current-password", maxlength="128")


@dataclass
class MyFactor:
    """The card; ``settled`` takes away what was owed, ``again`` reads the page anew."""

    bench: Bench
    stands: SecondFactorView
    settled: Callable[[], object]
    again: Callable[[], Awaitable[None]]
    place: ui.element = field(init=False)

    def draw(self) -> None:
        """How it stands, and what can be done about it."""
        t = self.bench.t
        with box("card", "section", aria_label=t("me.factor")):
            text(t("me.factor"), "h2")
            self.place = box("stack")
        self.rest()

    def rest(self) -> None:
        """Nothing is under way."""
        t, stands = self.bench.t, self.stands
        self.place.clear()
        with self.place:
            if not stands.by_password:
                text(t("me.factor.provider"), "p", "soft")
            elif stands.set_at is None:
                text(t("me.factor.none"), "p", "soft")
                with box("bar"):
                    button(t("me.factor.begin"), lambda: self.ask(self.begin), "primary")
            else:
                at = moment(stands.set_at, self.bench.zone)
                text(t("me.factor.set", at=at, left=stands.recovery_codes), "p", "soft")
                with box("bar"):
                    button(t("me.factor.replace"), lambda: self.ask(self.begin))
                    button(t("me.factor.renew"), lambda: self.ask(self.renew))

    def ask(self, go_on: Callable[[dict[str, str]], Awaitable[None]]) -> None:
        """Whoever sits here shows again who they are."""
        t = self.bench.t
        self.place.clear()
        with self.place:
            text(t("me.factor.show"), "p", "soft small")
            with box("filters"):
                password = present_password(t("me.present"))
                code = code_field(t("me.code")) if self.stands.set_at else None
            with box("bar"):
                button(
                    t("me.factor.go_on"),
                    lambda: go_on({"password": password.value, "code": code.value if code else ""}),
                    "primary",
                )
                button(t("cancel"), self.rest)
        password.focus()

    async def begin(self, shown: dict[str, str]) -> None:
        """Show the secret, and wait for its first code."""
        answer = await self.bench.attempt(self.bench.api.post(_PATH, shown))
        if answer is not None:
            self.draw_begun(BegunFactor.model_validate(answer))

    def draw_begun(self, begun: BegunFactor) -> None:
        """The picture for the authenticator's camera, the key for whoever has none."""
        t = self.bench.t
        picture = base64.b64encode(begun.picture.encode()).decode()
        self.place.clear()
        with self.place:
            text(t("me.factor.scan"), "p", "small")
            box("qr", "img", src=f"data:image/svg+xml;base64,{picture}", alt=t("me.factor.picture"))
            with box("bar"):
                text(t("me.factor.key"), classes="soft small")
                text(begun.secret, "code", "wrap")
            with box("filters"):
                code = code_field(t("me.factor.first"))
            with box("bar"):
                button(t("me.factor.confirm"), lambda: self.confirm(code.value), "primary")
                button(t("cancel"), self.rest)
        code.focus()

    async def confirm(self, code: str) -> None:
        """From now on it stands; nothing is owed any more."""
        answer = await self.bench.attempt(self.bench.api.post(f"{_PATH}/confirm", {"code": code.strip()}))
        if answer is not None:
            self.bench.staff.owes.clear()
            self.settled()
            self.draw_codes(RecoveryCodes.model_validate(answer))

    async def renew(self, shown: dict[str, str]) -> None:
        """The old ones are good no more."""
        answer = await self.bench.attempt(self.bench.api.post(f"{_PATH}/recovery-codes", shown))
        if answer is not None:
            self.draw_codes(RecoveryCodes.model_validate(answer))

    def draw_codes(self, given: RecoveryCodes) -> None:
        """Until their reader says that they are kept, or leaves the page."""
        t = self.bench.t
        self.place.clear()
        with self.place:
            text(t("me.codes"), "p", "strong")
            with box("codes", "ul", aria_label=t("me.codes.list")):
                for code in given.recovery_codes:
                    text(code, "li", "mono")
            with box("bar"):
                button(t("me.codes.kept"), self.again, "primary")

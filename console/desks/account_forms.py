"""The forms of an account: a new one, and what can be changed of one (R22). A password stands in a body only."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from api.schemas.own_account import OpenSession
from api.schemas.sign_in import AccountView
from console.bench import Bench
from console.desks.rights_account import ROLES
from console.kit import Choice, Field, box, button, moment, text


def codes(typed: str) -> list[str]:
    """Codes as somebody writes them: with commas or spaces between them."""
    return typed.replace(",", " ").replace("，", " ").split()


def password_field(bench: Bench) -> Field:
    """A password that no browser fills in or keeps."""
    return Field(bench.t("accounts.password"), kind="password", autocomplete="new-password")


@dataclass
class AccountOpening:
    """A new account; ``opened`` is given what the API made of it, ``never_mind`` draws the way out."""

    bench: Bench
    opened: Callable[[AccountView], Awaitable[None]]
    never_mind: Callable[[], None]

    def draw(self) -> None:
        """Who, as what, confined to what, why."""
        t = self.bench.t
        text(t("accounts.new_hint"), "p", "soft small")
        with box("filters"):
            self.username = Field(t("accounts.username"), autocomplete="off", maxlength="100")
            self.role = Choice(t("accounts.role"), {role: t.code("role", role) for role in ROLES})
            self.password = password_field(self.bench)
            self.warehouses = Field(t("accounts.warehouses"), autocomplete="off")
            self.channels = Field(t("accounts.channels"), autocomplete="off")
            self.why = Field(t("reason"), maxlength="60", autocomplete="off")
        text(f"{t('accounts.password_hint')} · {t('accounts.places_hint')}", "p", "soft small")
        with box("bar"):
            button(t("accounts.new"), self.open, "primary")
            self.never_mind()
        self.username.focus()

    async def open(self) -> None:
        """Ask the API, which names every fault at once."""
        body = {
            "username": self.username.value,
            "role": self.role.value,
            "password": self.password.value or None,
            "warehouses": codes(self.warehouses.value),
            "channels": codes(self.channels.value),
            "why": self.why.value.strip(),
        }
        answer = await self.bench.attempt(self.bench.api.post("/v1/accounts", body))
        if answer is not None:
            await self.opened(AccountView.model_validate(answer))


@dataclass
class AccountChange:
    """What can be changed of one account; each takes the same reason."""

    bench: Bench
    one: AccountView
    sessions: Sequence[OpenSession]
    change: Callable[[AccountView, str, dict[str, Any]], Awaitable[None]]
    never_mind: Callable[[], Awaitable[None]]

    def draw(self) -> None:
        """A reason, then role, password, scope, and whether it is in use."""
        t, one = self.bench.t, self.one
        text(t("accounts.effect"), "p", "soft small")
        self.why = Field(t("reason"), maxlength="60", autocomplete="off")
        self.why.focus()
        with box("bar end"):
            role = Choice(t("accounts.role"), {role: t.code("role", role) for role in ROLES}, one.role)
            self.act("role", lambda: {"role": role.value})
        with box("bar end"):
            password = password_field(self.bench)
            self.act("password", lambda: {"password": password.value})
        with box("bar end"):
            warehouses = Field(t("accounts.warehouses"), value=", ".join(one.warehouses), autocomplete="off")
            channels = Field(t("accounts.channels"), value=", ".join(one.channels), autocomplete="off")
            self.act("scope", lambda: {"warehouses": codes(warehouses.value), "channels": codes(channels.value)})
        self.draw_sessions()
        with box("bar"):
            self.act("sessions/end", dict)
            if one.second_factor and one.staff_id != self.bench.staff.id:
                self.act("second-factor/reset", dict)
            if one.disabled_at is None:
                self.act("disable", dict, "danger")
            else:
                self.act("enable", dict, "primary")
            button(t("cancel"), self.never_mind)

    def draw_sessions(self) -> None:
        """Where its owner is signed in."""
        t, zone = self.bench.t, self.bench.zone
        text(t("accounts.sessions") if self.sessions else t("accounts.no_session"), "h3")
        for session in self.sessions:
            start, seen = moment(session.started_at, zone), moment(session.seen_at, zone)
            with box("spread"):
                text(t("me.sessions.times", start=start, seen=seen), classes="small num")
                body = partial(dict[str, Any], session_id=session.session_id)
                self.act("sessions/end", body, words=t("accounts.do.end_one"))

    def act(self, name: str, body: Callable[[], dict[str, Any]], kind: str = "", words: str = "") -> None:
        """The button of one change."""
        t = self.bench.t

        async def do() -> None:
            if not self.why.value.strip():
                self.bench.tell(t("needed", what=t("reason")), "no")
                return
            await self.change(self.one, name, body() | {"why": self.why.value.strip()})

        button(words or t(f"accounts.do.{name}"), do, kind)

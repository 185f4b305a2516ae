"""One's own account: second factor, where one is signed in, password (R22). It is nobody's desk, and everybody's."""

from __future__ import annotations

from dataclasses import dataclass, field

from nicegui import ui

from api.schemas.own_account import OpenSession, OpenSessions, SecondFactorView, SessionsEnded
from console.bench import SIGN_IN, Bench
from console.desks.desk import Desk
from console.desks.my_factor import MyFactor, code_field, present_password
from console.kit import Field, box, button, chip, empty, moment, text


@dataclass
class MyAccount:
    """The page as its person has it before them."""

    bench: Bench
    place: ui.element = field(init=False)
    password: Field | None = field(init=False, default=None)

    async def build(self) -> None:
        """Lay it out, and fill it."""
        with box("bar"):
            text(self.bench.t("me.title"), "h1")
        self.place = box("stack")
        await self.again()

    async def again(self) -> None:
        """Read and draw. While something is owed, only that can be done."""
        api = self.bench.api
        stands = await self.bench.or_none(api.get("/v1/session/second-factor", SecondFactorView))
        sessions = await self.bench.or_none(api.get("/v1/sessions", OpenSessions))
        self.place.clear()
        with self.place:
            if stands is None or sessions is None:
                empty(self.bench.t("me.no_session"))
                return
            self.draw(stands, sessions)

    def draw(self, stands: SecondFactorView, sessions: OpenSessions) -> None:
        """The parts of the page, as far as they are open."""
        owes = self.bench.staff.owes
        owed = box("stack")
        if owes:
            with owed:
                text(self.bench.t(f"me.owes.{owes[0]}"), "p", "notice warn", role="status")
        if "own_password" not in owes:
            MyFactor(self.bench, stands, owed.clear, self.again).draw()
        if not owes:
            self.draw_sessions(sessions, by_password=stands.by_password)
        if stands.by_password and "second_factor" not in owes[:1]:
            self.draw_password(with_code=stands.set_at is not None)

    # --- where one is signed in -------------------------------------------------------

    def draw_sessions(self, sessions: OpenSessions, *, by_password: bool) -> None:
        """Each with a way to end it, for whoever knows the password."""
        t = self.bench.t
        with box("card", "section", aria_label=t("me.sessions")):
            text(t("me.sessions"), "h2")
            others = [one for one in sessions.items if not one.this]
            if others and by_password:
                with box("filters"):
                    self.password = present_password(t("me.sessions.password"))
            for one in sessions.items:
                self.draw_session(one)
            if others:
                with box("bar"):
                    button(t("me.sessions.end_others"), lambda: self.end("end-others"), "danger")

    def draw_session(self, one: OpenSession) -> None:
        """Since when, from where, how."""
        t, zone = self.bench.t, self.bench.zone
        with box("spread parted"):
            with box("stack tight"):
                with box("bar"):
                    text(t(f"accounts.by.{one.how}"), classes="strong")
                    if one.this:
                        chip(t("me.sessions.this"), "green")
                    elif one.same_address is not None:
                        chip(t("me.sessions.same" if one.same_address else "me.sessions.other"))
                times = t("me.sessions.times", start=moment(one.started_at, zone), seen=moment(one.seen_at, zone))
                text(times, classes="small soft num")
            if not one.this:
                words, begun = t("me.sessions.end"), moment(one.started_at, zone)
                button(words, lambda: self.end(f"{one.session_id}/end"), aria_label=f"{words} {begun}")

    async def end(self, which: str) -> None:
        """It, or they, open nothing any more."""
        password = self.password.value if self.password else ""
        answer = await self.bench.attempt(self.bench.api.post(f"/v1/sessions/{which}", {"password": password or None}))
        if answer is not None:
            await self.again()
            number = SessionsEnded.model_validate(answer).ended
            self.bench.tell(self.bench.t("me.sessions.ended", number=number))

    # --- the password -----------------------------------------------------------------

    def draw_password(self, *, with_code: bool) -> None:
        """The present one, the new one twice."""
        t = self.bench.t
        with box("card", "section", aria_label=t("me.password")):
            text(t("me.password"), "h2")
            text(t("me.change_hint"), "p", "soft small")
            with box("filters"):
                self.present = present_password(t("me.present"))
                self.code = code_field(t("me.code")) if with_code else None
                self.new, self.twice = (
                    Field(t(f"me.{name}"), kind="password", autocomplete="new-password", maxlength="128")
                    for name in ("new", "again")
                )
            with box("bar"):
                button(t("me.change"), self.change, "primary")

    async def change(self) -> None:
        """Afterwards one signs in anew, with it."""
        if self.new.value != self.twice.value:
            self.bench.tell(self.bench.t("me.differ"), "no")
            return
        body = {
            "password": self.present.value,
            "new_password": self.new.value,
            "code": self.code.value if self.code else "",
        }
        if await self.bench.attempt(self.bench.api.post("/v1/session/password", body)) is not None:
            ui.navigate.to(f"{SIGN_IN}?told=changed")


async def draw(bench: Bench) -> None:
    """The page."""
    await MyAccount(bench).build()


ME = Desk("me", "person", frozenset(), draw)

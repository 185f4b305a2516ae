"""One person at one page: who they are, what they may, how they call the API, how they are told of it."""

from __future__ import annotations

from collections.abc import Awaitable, Collection
from dataclasses import dataclass, field
from typing import TypeVar
from zoneinfo import ZoneInfo

from nicegui import ui

from console.calls import Api
from console.entrance import StaffCard
from console.errors import Away, Refused, SignedOut
from console.hearing import Ear, Listening
from console.kit import text
from console.preferences import Preferences
from console.words import Words

Got = TypeVar("Got")
SIGN_IN = "/sign-in"
_HEARS = ("order.read", "pick.read")
"""Whoever may do one of these may listen to the API's events."""


@dataclass
class Bench:
    """What every part of a page is given. ``zone`` is the shop's; ``development`` is never true in production."""

    staff: StaffCard
    api: Api
    preferences: Preferences
    zone: ZoneInfo
    development: bool = False
    t: Words = field(init=False)
    ear: Ear = field(init=False)
    _notice: ui.element | None = None
    _line: ui.element | None = None
    _line_says: str = ""

    def __post_init__(self) -> None:
        """Take the words of the preferred language, and an ear for what changes."""
        self.t = Words(self.preferences.language)
        self.ear = Ear(self.api)

    def may(self, *permissions: str) -> bool:
        """Whether this person may do all of these; the API decides in the end."""
        return self.staff.permissions.issuperset(permissions)

    def listens(self, kinds: Collection[str] | None) -> Listening | None:
        """The ear of one part of this page; None for whoever is told of nothing, and where nothing is listened for."""
        return self.ear.wants(kinds) if kinds is not None and any(map(self.may, _HEARS)) else None

    def who(self, staff_id: str | None) -> str:
        """A staff id as this person reads it."""
        if staff_id is None:
            return self.t("nobody")
        return f"{staff_id} ({self.t('you')})" if staff_id == self.staff.id else staff_id

    # --- telling ------------------------------------------------------------------

    def furnish(self) -> None:
        """Make the places where notices and a lost line are told."""
        self._line = ui.element("div").classes("notice warn")
        self._notice = ui.element("div").classes("notice")
        for place, role in ((self._line, "status"), (self._notice, "alert")):
            place.props["role"] = role

    def tell(self, words: str, kind: str = "ok") -> None:
        """Say what happened; ``kind`` is ok, no or warn. The next saying takes its place."""
        _say(self._notice, words, kind)

    def hush(self) -> None:
        """What was said before is over."""
        _say(self._notice, "", "")

    def line(self, words: str) -> None:
        """Say that the line to the API is lost; empty when it stands."""
        if words != self._line_says:
            self._line_says = words
            _say(self._line, words, "warn")

    # --- acting -------------------------------------------------------------------

    async def attempt(self, act: Awaitable[Got]) -> Got | None:
        """Do it, and say plainly when it was refused; None then."""
        try:
            self.hush()
            return await act
        except Refused as error:
            self.tell(self.refusal(error), "no")
        except SignedOut:
            ui.navigate.to(f"{SIGN_IN}?told=ended")
        except Away:
            self.tell(self.t("line.unknown"), "warn")
        return None

    def refusal(self, error: Refused) -> str:
        """The API's refusal, with every faulty field."""
        faults = "; ".join(self.t("fault", field=name, problem=problem) for name, problem in error.faults)
        return self.t("refused", detail=f"{error.detail}: {faults}" if faults else error.detail)

    async def or_none(self, reading: Awaitable[Got]) -> Got | None:
        """A reading that may be refused without a word: the page then goes without it."""
        try:
            return await reading
        except Refused:
            return None


def _say(place: ui.element | None, words: str, kind: str) -> None:
    if place is None:
        return
    place.clear()
    place.classes(replace=f"notice {kind}")
    if words:
        with place:
            text(words)

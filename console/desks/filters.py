"""Filter fields of a list: each has the API's own name, and whatever changes is asked for at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from console.kit import Choice, Field

Changed = Callable[[], Awaitable[None]]


@dataclass
class Filters:
    """The fields over what is ``asked``, by the API's names. Instants are typed in the shop's ``zone``."""

    asked: dict[str, str]
    zone: ZoneInfo
    changed: Changed

    def choice(self, name: str, label: str, options: Mapping[str, str]) -> None:
        """One of several; a value that came with the address is offered even if it is none of ours."""
        value = self.asked.get(name, "")
        known = dict(options) if not value or value in options else {**options, value: value}
        Choice(label, known, value, on_change=lambda chosen: self.ask(name, chosen))

    def word(self, name: str, label: str, **attributes: str) -> None:
        """A word that is matched whole."""
        field = Field(label, value=self.asked.get(name, ""), autocomplete="off", **attributes)
        self._listen(field, name, lambda typed: typed)

    def instant(self, name: str, label: str) -> None:
        """A moment, to the minute."""
        field = Field(label, kind="datetime-local", value=local(self.asked.get(name, ""), self.zone))
        self._listen(field, name, lambda typed: utc_offset(typed, self.zone))

    def _listen(self, field: Field, name: str, meant: Callable[[str], str]) -> None:
        async def typed(event: Any) -> None:
            await self.ask(name, meant(str(event.args).strip()))

        field.input.on("change", typed, js_handler="(e) => emit(e.target.value)")

    async def ask(self, name: str, value: str) -> None:
        """From now on this, too."""
        if value != self.asked.get(name, ""):
            self.asked[name] = value
            await self.changed()


def local(instant: str, zone: ZoneInfo) -> str:
    """An instant as the browser's own field writes it; empty for what is none."""
    try:
        at = datetime.fromisoformat(instant)
    except ValueError:
        return ""
    return at.astimezone(zone).strftime("%Y-%m-%dT%H:%M") if at.tzinfo else ""


def utc_offset(typed: str, zone: ZoneInfo) -> str:
    """What the browser's field holds, with the shop's offset from UTC; empty for what is no moment."""
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=zone).isoformat()
    except ValueError:
        return ""

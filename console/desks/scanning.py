"""What picking and rechecking share: the field a scanner types into, and the big answer."""

from __future__ import annotations

import asyncio

from console.bench import Bench
from console.kit import Field, Handler, box, button, text


class ScanField:
    """A keyboard-wedge scanner types into it and ends with Enter; a person can do the same."""

    def __init__(self, bench: Bench, label: str, act: Handler) -> None:
        with box("scan bar end"):
            with box("grow"):
                # Without a keyboard popping up on the handheld, and with nothing that completes or corrects.
                quiet = {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false", "enterkeyhint": "done"}
                self.field = Field(label, **quiet)
            self._act, self._one_by_one = act, asyncio.Lock()
            self.field.on_enter(self._scanned)
            button(bench.t("scan.enter"), self._typed)
        self.field.focus()

    def ask(self, label: str) -> None:
        """Say what is to be scanned now; the field itself stays, so that no scan is lost."""
        self.field.name.set_text(label)

    async def _typed(self) -> None:
        value = self.field.value.strip()
        self.field.clear()
        self.field.focus()
        if value:
            await self._scanned(value)

    async def _scanned(self, value: str) -> None:
        """A quick scanner does not overtake the answers: scans are judged in their order."""
        async with self._one_by_one:
            await self._act(value)


class Verdict:
    """Right or wrong, to be seen from an arm's length and told by more than its colour."""

    def __init__(self) -> None:
        self.place = box("verdict", role="status", aria_live="assertive")

    def right(self, word: str, details: str = "") -> None:
        """It was right."""
        self._show("right-one", "✓", word, details)

    def wrong(self, word: str, details: str = "") -> None:
        """It was wrong: what was expected."""
        self._show("wrong-one", "✕", word, details)

    def plain(self, word: str, details: str = "") -> None:
        """What to do next, before anything was scanned."""
        self._show("", "", word, details)

    def _show(self, kind: str, mark: str, word: str, details: str) -> None:
        self.place.classes(replace=f"verdict {kind}")
        self.place.clear()
        with self.place:
            if mark:
                text(mark, classes="mark", aria_hidden="true")
            text(word, classes="word")
            if details:
                text(details, classes="strong wrap")

"""Keyset pages of a list: forward by the API's cursor, back by the cursors that led here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from console.bench import Bench
from console.kit import box, button, text


@dataclass
class Pages:
    """Where in a list somebody is. ``turned`` reads and draws the list anew; ``of`` names one of several lists."""

    bench: Bench
    turned: Callable[[], Awaitable[None]]
    of: str = ""
    behind: list[str | None] = field(default_factory=list)
    cursor: str | None = None
    following: str | None = None

    def first(self) -> None:
        """Begin anew: another list, or other filters."""
        self.behind, self.cursor, self.following = [], None, None

    def at(self, following: str | None) -> tuple[int, str | None]:
        """Which page it is and what follows it: what :meth:`draw` shows."""
        return len(self.behind), following

    async def forth(self) -> None:
        """The next page, where there is one."""
        if self.following is not None:
            self.behind.append(self.cursor)
            self.cursor = self.following
            await self.turned()

    async def back(self) -> None:
        """The page before."""
        if self.behind:
            self.cursor = self.behind.pop()
            await self.turned()

    def draw(self, following: str | None) -> None:
        """The two buttons, where there is anywhere to go."""
        self.following = following
        if following is None and not self.behind:
            return
        t = self.bench.t
        with box("bar", "nav", aria_label=f"{self.of} {t('pages.title')}".strip()):
            disabled = {"disabled": "disabled"}
            button(t("pages.back"), self.back, **({} if self.behind else disabled))
            text(t("pages.at", number=len(self.behind) + 1), classes="soft num")
            button(t("pages.forth"), self.forth, **({} if following else disabled))

"""Saved views: each person's own lists, by name (R25)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from api.schemas.saved_views import SavedView, SavedViews
from console.bench import Bench
from console.kit import Choice, Field, box, button

Chosen = Callable[[dict[str, str]], Awaitable[None]]


@dataclass
class Views:
    """The views of one desk. ``asked`` tells the filters of now; ``chosen`` takes those of a view."""

    bench: Bench
    desk: str
    asked: Callable[[], Mapping[str, str]]
    chosen: Chosen
    kept: dict[str, SavedView] = field(default_factory=dict)
    at: str = ""

    def build(self) -> None:
        """Their place; what is kept comes with :meth:`read`."""
        self.place = box("bar end", "section", aria_label=self.bench.t("views.title"))

    async def read(self) -> None:
        """Ask what is kept, and draw it."""
        found = await self.bench.or_none(self.bench.api.get(f"/v1/views/{self.desk}", SavedViews))
        self.kept = {view.name: view for view in found.items} if found else {}
        self.draw()

    def draw(self) -> None:
        """Choose one, delete it, keep the filters of now."""
        t = self.bench.t
        self.place.clear()
        with self.place:
            if self.kept:
                names = {"": t("views.none"), **{name: name for name in self.kept}}
                Choice(t("views.choose"), names, self.at if self.at in self.kept else "", on_change=self.choose)
            if self.at in self.kept:
                button(t("views.delete"), self.delete, "danger")
            self.name = Field(t("views.name"), maxlength="60", autocomplete="off")
            button(t("views.keep"), self.keep)

    async def choose(self, name: str) -> None:
        """Show the list of this view."""
        self.at = name
        self.draw()
        view = self.kept.get(name)
        filters = {key: _plain(value) for key, value in view.filters.items()} if view else {}
        await self.chosen(filters | ({"sort": view.sort} if view and view.sort else {}))

    async def keep(self) -> None:
        """Keep the filters of now under a name; one of that name is replaced."""
        t, name = self.bench.t, self.name.value.strip()
        if not name:
            self.bench.tell(t("needed", what=t("views.name")), "no")
            return
        asked = {key: value for key, value in self.asked().items() if value}
        body = {"sort": asked.pop("sort", ""), "filters": asked}
        if await self._done(self.bench.api.put(self._path(name), body)):
            self.at = name
            await self.read()
            self.bench.tell(t("views.kept", name=name))

    async def delete(self) -> None:
        """Forget the chosen one; the list stays as it is."""
        name = self.at
        if await self._done(self.bench.api.delete(self._path(name))):
            self.at = ""
            await self.read()
            self.bench.tell(self.bench.t("views.deleted", name=name))

    def _path(self, name: str) -> str:
        return f"/v1/views/{self.desk}/{quote(name, safe='')}"

    async def _done(self, act: Awaitable[None]) -> bool:
        async def done() -> bool:
            await act
            return True

        return await self.bench.attempt(done()) is not None


def _plain(value: object) -> str:
    """A filter as an address has it."""
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)

"""Hearing of changes as they happen: one stream of the API's events for each page, whatever is on it."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field

from nicegui import background_tasks
from nicegui.client import Client

from console.calls import Api
from console.errors import Away, Refused, SignedOut

ANYTHING: frozenset[str] = frozenset()
"""Whatever is told is news."""
MISSED = "reload"
"""By this the stream says that something was missed; it may have been what any part of a page shows."""
_ALWAYS = frozenset({"ready", MISSED})


@dataclass(eq=False)
class Listening:
    """One part of a page that wants to hear of ``kinds``. Before anything was heard there may be news."""

    ear: Ear
    kinds: frozenset[str]
    _changed: bool = field(init=False, default=True)

    @property
    def hears(self) -> bool:
        """False while there is no stream: then nothing may be taken from silence."""
        return self.ear.hears

    def changed(self) -> bool:
        """Whether anything was heard since this was asked last; a stream that broke off may have had news."""
        changed, self._changed = self._changed, False
        return changed

    def hear(self, kind: str) -> None:
        """Something was told."""
        self._changed = self._changed or not self.kinds or kind in self.kinds | _ALWAYS


@dataclass
class Ear:
    """Listens from :meth:`begin` on until the page is gone, and asks for what its parts want to hear only."""

    api: Api
    again_after_s: float = 1.0
    hears: bool = field(init=False, default=False)
    _parts: list[Listening] = field(init=False, default_factory=list)
    _listening: asyncio.Task[None] | None = field(init=False, default=None)

    def wants(self, kinds: Collection[str]) -> Listening:
        """One more part of the page, which has to be there before the page listens."""
        part = Listening(self, frozenset(kinds))
        self._parts.append(part)
        return part

    @property
    def about(self) -> list[str]:
        """What the API is asked for; nothing in particular if a part of the page wants to hear of anything."""
        kinds = [part.kinds for part in self._parts]
        return [] if ANYTHING in kinds else sorted(frozenset().union(*kinds))

    def begin(self, client: Client) -> None:
        """Listen for as long as this page lives; once for all its parts."""
        if self._parts and self._listening is None:
            self._listening = background_tasks.create(self.listen(), name="ear")
            client.on_delete(self._listening.cancel)

    async def listen(self) -> None:
        """Listen, again and again; returns when this person is signed out."""
        while True:
            try:
                async for kind in self.api.changes(self.about):
                    self.hears = True
                    self._tell(kind)
            except SignedOut:
                # The next reading is refused as well, and says so.
                return
            except (Away, Refused):
                # Whoever hears nothing reads every second, and that reading tells its person what is wrong.
                pass
            finally:
                self.hears = False
                self._tell(MISSED)
            # The API ends every stream after a while; one that it ended at once is not asked for in a rush.
            await asyncio.sleep(self.again_after_s)

    def _tell(self, kind: str) -> None:
        for part in self._parts:
            part.hear(kind)

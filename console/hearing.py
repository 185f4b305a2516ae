"""Hearing of changes as they happen: one stream of the API's events for each page."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from nicegui import background_tasks
from nicegui.client import Client

from console.calls import Api
from console.errors import Away, Refused, SignedOut

ANYTHING: frozenset[str] = frozenset()
"""Whatever is told is news."""
_ALWAYS = frozenset({"ready", "reload"})
"""With these the stream says that something may have been missed."""


@dataclass
class Ear:
    """Listens from :meth:`begin` on until the page is gone.

    ``kinds`` are what is news to this page. ``hears`` is False while there is no stream: then nothing may be
    taken from silence.
    """

    api: Api
    kinds: frozenset[str] = ANYTHING
    again_after_s: float = 1.0
    hears: bool = field(init=False, default=False)
    _changed: bool = field(init=False, default=False)

    def begin(self, client: Client) -> None:
        """Listen for as long as this page lives."""
        listening = background_tasks.create(self.listen(), name="ear")
        client.on_delete(listening.cancel)

    def changed(self) -> bool:
        """Whether anything was heard since this was asked last; a stream that broke off may have had news."""
        changed, self._changed = self._changed, False
        return changed

    async def listen(self) -> None:
        """Listen, again and again; returns when this person is signed out."""
        while True:
            try:
                async for kind in self.api.changes():
                    self.hears = True
                    self._changed = self._changed or not self.kinds or kind in self.kinds | _ALWAYS
            except SignedOut:
                # The next reading is refused as well, and says so.
                return
            except (Away, Refused):
                # Whoever hears nothing reads every second, and that reading tells its person what is wrong.
                pass
            finally:
                self.hears = False
                self._changed = True
            # The API ends every stream after a while; one that it ended at once is not asked for in a rush.
            await asyncio.sleep(self.again_after_s)

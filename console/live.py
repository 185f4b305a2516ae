"""Keeping a page true: read anew when the API tells of a change, or every second; drawn again when it differs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from datetime import UTC, datetime
from typing import Generic, TypeVar

from nicegui import ui

from console.bench import SIGN_IN, Bench
from console.errors import Away, Refused, SignedOut
from console.hearing import MISSED

Seen = TypeVar("Seen")
EVERY_S = 1.0
"""Who cannot hear reads so often: half of the two seconds within which a change is to be seen."""
SURELY_EVERY_S = 5.0
"""Some pages show more than they are told of; so often these are read in any case."""
_TICK_S = 0.25


class Live(Generic[Seen]):
    """Reads with ``load`` and hands to ``show`` whatever differs from what was shown before.

    It reads every ``every_s``. What is ``told`` of (orders, cases, or other parts by name) is read when the API says
    that one of these changed, at most ``every_s`` apart, unless this person hears nothing; if ``wholly``, at no other
    time, so that a page at which nothing happens asks nothing. ``until`` says when what was read is over by itself.
    A lost line is said at once and heals by itself; what was shown stays, with its time.
    """

    def __init__(
        self,
        bench: Bench,
        load: Callable[[], Awaitable[Seen]],
        show: Callable[[Seen], None],
        every_s: float = EVERY_S,
        *,
        told: Collection[str] | None = None,
        wholly: bool = False,
        until: Callable[[Seen], datetime | None] | None = None,
    ) -> None:
        self._bench, self._load, self._show, self._every_s = bench, load, show, every_s
        self._seen: Seen | None = None
        self._timer: ui.timer | None = None
        self._at = datetime.now(UTC)
        self._read_at = -SURELY_EVERY_S
        self._busy = self._wanted = self._refused = False
        self._listening, self._wholly, self._until = bench.listens(told), wholly, until
        self._slot = ui.context.slot
        ui.context.client.on_connect(self._begin)
        ui.on("looked_at", self._looked_at)

    def _begin(self) -> None:
        """Begin to ask again and again, once the page is in a browser.

        A timer that waits for the browser has the page sent there at once, so before its first reading: empty.
        """
        self._bench.ear.begin(ui.context.client)
        if self._timer is None:
            with self._slot:
                self._timer = ui.timer(_TICK_S, self._tick, immediate=False)

    async def _tick(self) -> None:
        if not ui.context.client.has_socket_connection:
            # Gone, or out of reach for a while: nobody sees what would be read.
            return
        since = asyncio.get_running_loop().time() - self._read_at
        if since < self._every_s:
            return
        surely = self._refused or not self._wholly
        if self._is_news() or (surely and since >= max(SURELY_EVERY_S, self._every_s)):
            await self.look()

    def _is_news(self) -> bool:
        if self._listening is None or not self._listening.hears or self._listening.changed():
            return True
        over = self._until(self._seen) if self._until and self._seen is not None else None
        return over is not None and datetime.now(UTC) >= over

    async def look(self) -> None:
        """Read now; while a reading is under way, once more after it: what was asked meanwhile counts."""
        self._wanted = True
        if self._busy:
            return
        self._busy = True
        try:
            while self._wanted:
                self._wanted = False
                await self._read()
        finally:
            self._busy = False

    def forget(self) -> None:
        """Draw at the next reading, whether it differs or not."""
        self._seen = None

    async def _read(self) -> None:
        if self._listening is not None:
            self._listening.changed()
        self._read_at = asyncio.get_running_loop().time()
        try:
            seen = await self._load()
        except Away:
            at = self._at.astimezone(self._bench.zone).strftime("%H:%M:%S")
            self._bench.line(self._bench.t("line.lost", at=at))
            # Nobody tells again of what this reading was to show.
            self._missed()
            return
        except SignedOut:
            if self._timer is not None:
                self._timer.cancel()
            ui.navigate.to(f"{SIGN_IN}?told=ended")
            return
        except Refused as error:
            # Too many may have asked at once: what is refused now can be answered a moment later.
            self._refused = True
            self._bench.tell(self._bench.refusal(error), "no")
            return
        self._refused = False
        self._bench.line("")
        self._at = datetime.now(UTC)
        if seen != self._seen:
            self._seen = seen
            self._show(seen)

    def _missed(self) -> None:
        if self._listening is not None:
            self._listening.hear(MISSED)

    async def _looked_at(self, event: object) -> None:
        looked_at = bool(getattr(event, "args", True))
        if self._timer is not None:
            self._timer.active = looked_at
        if looked_at:
            await self.look()

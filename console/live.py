"""Keeping a page true: it is asked anew every second while somebody looks at it, and drawn again when it changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Generic, TypeVar

from nicegui import ui

from console.bench import SIGN_IN, Bench
from console.errors import Away, Refused, SignedOut

Seen = TypeVar("Seen")
EVERY_S = 1.0
"""Half of the two seconds within which a change is to be seen."""


class Live(Generic[Seen]):
    """Reads with ``load`` and hands to ``show`` whatever differs from what was shown before.

    A lost line is said at once and heals by itself; what was shown stays, with its time.
    """

    def __init__(
        self,
        bench: Bench,
        load: Callable[[], Awaitable[Seen]],
        show: Callable[[Seen], None],
        every_s: float = EVERY_S,
    ) -> None:
        self._bench, self._load, self._show = bench, load, show
        self._seen: Seen | None = None
        self._at = datetime.now(UTC)
        self._busy = self._wanted = False
        self._timer = ui.timer(every_s, self.look, immediate=False)
        ui.on("looked_at", self._looked_at)

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
        try:
            seen = await self._load()
        except Away:
            at = self._at.astimezone(self._bench.zone).strftime("%H:%M:%S")
            self._bench.line(self._bench.t("line.lost", at=at))
            return
        except SignedOut:
            self._timer.cancel()
            ui.navigate.to(f"{SIGN_IN}?told=ended")
            return
        except Refused as error:
            self._bench.tell(self._bench.refusal(error), "no")
            return
        self._bench.line("")
        self._at = datetime.now(UTC)
        if seen != self._seen:
            self._seen = seen
            self._show(seen)

    async def _looked_at(self, event: object) -> None:
        looked_at = bool(getattr(event, "args", True))
        self._timer.active = looked_at
        if looked_at:
            await self.look()

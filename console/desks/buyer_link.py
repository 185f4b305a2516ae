"""A link to the buyer's page, made for a buyer who asks where the order is (R12)."""

from __future__ import annotations

import json
from urllib.parse import quote

from nicegui import ui

from api.schemas.tracking import TrackingLink
from console.bench import Bench
from console.kit import Field, box, button, link, text

_HOLDS_DAYS = 90


class BuyerLink:
    """The offer to make a link, and the link once it is made: it is kept nowhere, so it is shown once."""

    def __init__(self, bench: Bench, order_no: str) -> None:
        self.bench, self.path = bench, f"/v1/orders/{quote(order_no, safe='')}/tracking-link"
        self.place = box("stack")
        self.offer()

    def offer(self) -> None:
        """The button, for those who talk to buyers."""
        self.place.clear()
        if self.bench.may("tracking.link"):
            with self.place, box("bar"):
                button(self.bench.t("track.give"), self.make)

    async def make(self) -> None:
        """Ask the API for one; that it was made goes on record there."""
        answer = await self.bench.attempt(self.bench.api.post(self.path, {"valid_days": _HOLDS_DAYS}))
        if answer is None:
            return
        made = TrackingLink.model_validate(answer)
        self.place.clear()
        with self.place:
            self.draw_link(made)

    def draw_link(self, made: TrackingLink) -> None:
        """To copy, to open, to take back."""
        t = self.bench.t
        Field(t("track.link"), value=made.url, readonly="readonly")
        text(t("track.give_hint", days=_HOLDS_DAYS), "p", "soft small")
        with box("bar"):
            button(t("track.copy"), lambda: self.copy(made.url), "primary")
            link(
                t("track.open"),
                f"/track/{quote(made.token, safe='')}",
                "btn",
                target="_blank",
                rel="noopener noreferrer",
            )
            button(t("track.revoke"), self.revoke, "danger")

    def copy(self, url: str) -> None:
        """Into the clipboard, where the browser lets us."""
        ui.run_javascript(f"navigator.clipboard?.writeText({json.dumps(url)})")
        self.bench.tell(self.bench.t("track.copied"))

    async def revoke(self) -> None:
        """No link of the order holds from now on."""
        if await self.bench.attempt(self.taken_back()):
            self.offer()
            self.bench.tell(self.bench.t("track.revoked"))

    async def taken_back(self) -> bool:
        """True once the API has done it."""
        await self.bench.api.delete(self.path)
        return True

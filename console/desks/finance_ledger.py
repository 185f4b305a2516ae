"""The ledger across all orders: every movement of money, the newest first (R3, R16)."""

from __future__ import annotations

from dataclasses import dataclass, field

from api.schemas.money import EntryKind, MovementPage
from console.bench import Bench
from console.desks import address
from console.desks.filters import Filters
from console.desks.movements import draw_movements
from console.desks.paging import Pages
from console.kit import box, empty, link, text
from console.live import Live

_PATH = "/finance/ledger"
_ROWS = 50
_FILTERS = ("kind", "provider", "since", "until")


@dataclass
class Ledger:
    """The page as one person has it before them; ``asked`` are the filters of the API's own list."""

    bench: Bench
    asked: dict[str, str] = field(default_factory=dict)

    def build(self) -> None:
        """Lay the page out; what is on it comes with the first reading."""
        t = self.bench.t
        with box("bar"):
            link(f"← {t('desk.finance')}", "/finance", "btn")
            text(t("finance.ledger"), "h1")
        self.asked = address.read(_FILTERS)
        filters = Filters(self.asked, self.bench.zone, self.narrowed)
        with box("filters"):
            filters.choice("kind", t("ledger.what"), {"": t("all"), **_kinds(self.bench)})
            filters.word("provider", t("ledger.provider"), maxlength="40")
            filters.instant("since", t("ledger.since"))
            filters.instant("until", t("ledger.until"))
        self.place = box("stack", "section", aria_label=t("finance.ledger"))
        self.live = Live(self.bench, self.load, self.show, told=("order",), wholly=True)
        self.pages = Pages(self.bench, self.again)

    async def narrowed(self) -> None:
        """Other filters: the list begins anew, and the address says so."""
        self.pages.first()
        address.write(self.place, _PATH, self.asked)
        await self.again()

    async def again(self) -> None:
        """Read and draw, whatever was shown."""
        self.live.forget()
        await self.live.look()

    async def load(self) -> MovementPage:
        """One page, by the filters."""
        query = {"limit": _ROWS, "cursor": self.pages.cursor, **self.asked}
        return await self.bench.api.get("/v1/ledger", MovementPage, query)

    def show(self, page: MovementPage) -> None:
        """Draw the list."""
        t = self.bench.t
        self.place.clear()
        with self.place:
            if page.items:
                with box("card"):
                    draw_movements(self.bench, page.items)
            elif any(self.asked.values()):
                empty(t("ledger.none_so"), t("cases.none_so_hint"))
            else:
                empty(t("finance.no_movement"), t("finance.no_movement_hint"))
            self.pages.draw(page.next_cursor)


def _kinds(bench: Bench) -> dict[str, str]:
    return {kind.value: bench.t.code("ledger.kind", kind.value) for kind in EntryKind}


async def draw(bench: Bench) -> None:
    """The page."""
    ledger = Ledger(bench)
    ledger.build()
    await ledger.live.look()

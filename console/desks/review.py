"""The review desk: what waits for a person, the first due first, and one order's findings beside it (R6, R7)."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field

from nicegui import events, ui

from api.schemas.boards import DeadlinePage, DeadlineView
from api.schemas.orders import OrderPage, OrderRowView, OrderView
from console.bench import Bench
from console.calls import Query
from console.desks import timing
from console.desks.desk import Desk
from console.desks.review_order import Evidence, OrderInReview, load_evidence
from console.kit import Choice, box, chip, empty, money, pressed, text
from console.live import Live
from console.rows import Part, Rows

_MANUAL_REVIEW, _LONGEST_PAGE = "manual_review", 200


@dataclass(frozen=True)
class Waiting:
    """An order in the queue with the clock of its review, T3 (T2 only reminds)."""

    order: OrderRowView
    clock: DeadlineView | None

    @property
    def due(self) -> float:
        """To sort by; what has no clock comes last."""
        due = self.clock.due_at if self.clock else self.order.due_at
        return due.timestamp() if due else float("inf")


@dataclass(frozen=True)
class QueueRow:
    """The same as a row, which is the ``chosen`` one or not."""

    waiting: Waiting
    chosen: bool


@dataclass(frozen=True)
class Seen:
    """What the page showed at one moment."""

    queue: tuple[Waiting, ...]
    chosen: Evidence | None


@dataclass
class ReviewDesk:
    """The page as one person has it before them."""

    bench: Bench
    whose: str = ""
    channel: str = ""
    chosen: str | None = None
    seen: Seen = field(default_factory=lambda: Seen((), None))

    def build(self) -> None:
        """Lay the page out; what is on it comes with the first reading."""
        t = self.bench.t
        with box("bar"):
            text(t("review.queue"), "h1")
            self.count = text("", classes="soft num", aria_live="polite")
            box("grow")
            text(t("review.keys"), classes="soft small")
        self.split = box("split")
        with self.split:
            with box("stack rows-side"):
                self.filters()
                with box("", "section", aria_label=t("review.queue")):
                    self.rows = Rows[QueueRow](lambda row: row.waiting.order.order_no, self.draw_row)
                    self.none = Part()
            with box("detail-side", "section", aria_label=t("desk.review")):
                self.order = OrderInReview(self.bench, box("stack"), done=self.done, leave=self.leave)
        self.live = Live(self.bench, self.load, self.show, told=("order",))
        ui.keyboard(self.key, repeating=False, ignore=["input", "select", "textarea"])

    def filters(self) -> None:
        """Whose orders, and of which channel."""
        t = self.bench.t
        with box("two"):
            whose = {"": t("all"), "mine": t("review.mine"), "unclaimed": t("review.unclaimed")}
            Choice(t("review.whose"), whose, on_change=self.narrow_whose)
            self.channels = box()

    async def narrow_whose(self, whose: str) -> None:
        """Show those only."""
        self.whose = whose
        self.redraw()

    async def narrow_channel(self, channel: str) -> None:
        """Show those only."""
        self.channel = channel
        self.redraw()

    # --- reading ------------------------------------------------------------------

    async def load(self) -> Seen:
        """The queue with its clocks, and the chosen order."""
        api = self.bench.api
        query: Query = {"status": _MANUAL_REVIEW, "limit": _LONGEST_PAGE}
        orders, clocks = await asyncio.gather(
            api.get("/v1/orders", OrderPage, query),
            api.get("/v1/deadlines", DeadlinePage, {"limit": _LONGEST_PAGE}),
        )
        # That a second has passed is no change: a row drawn anew would lose the click that is on its way.
        due = {
            clock.order_no: clock.model_copy(update={"seconds_left": 0})
            for clock in clocks.items
            if clock.deadline == "T3"
        }
        queue = sorted((Waiting(order, due.get(order.order_no)) for order in orders.items), key=lambda one: one.due)
        return Seen(tuple(queue), await load_evidence(self.bench, self.chosen))

    def show(self, seen: Seen) -> None:
        """Draw what changed, and say what another person did meanwhile."""
        before, self.seen = self.seen, seen
        if [one.order.channel for one in before.queue] != [one.order.channel for one in seen.queue]:
            self.draw_channels()
        self.redraw()
        self.order.show(seen.chosen, before.chosen)

    def draw_channels(self) -> None:
        """The channels that are in the queue."""
        names = sorted({one.order.channel for one in self.seen.queue} | ({self.channel} if self.channel else set()))
        self.channels.clear()
        with self.channels:
            options = {"": self.bench.t("all"), **{name: name for name in names}}
            Choice(self.bench.t("review.channel"), options, self.channel, self.narrow_channel)

    # --- drawing ------------------------------------------------------------------

    def shown(self) -> list[Waiting]:
        """The queue through the filters."""
        mine = {"mine": self.bench.staff.id, "unclaimed": None}
        return [
            one
            for one in self.seen.queue
            if (not self.whose or one.order.claimed_by == mine[self.whose])
            and (not self.channel or one.order.channel == self.channel)
        ]

    def redraw(self) -> None:
        """Draw the queue."""
        shown = self.shown()
        self.count.set_text(str(len(shown)))
        self.split.classes(add="chosen" if self.chosen else "", remove="" if self.chosen else "chosen")
        self.rows.show(QueueRow(one, chosen=one.order.order_no == self.chosen) for one in shown)
        self.none.show((bool(shown), bool(self.seen.queue)), lambda: self.draw_none(shown))

    def draw_none(self, shown: list[Waiting]) -> None:
        """Say why there is nothing."""
        t = self.bench.t
        if shown:
            return
        if self.seen.queue:
            empty(t("review.filtered_empty"))
        else:
            empty(t("review.empty"), t("review.empty_hint"))

    def draw_row(self, of: QueueRow) -> None:
        """One order of the queue."""
        one, order, t = of.waiting, of.waiting.order, self.bench.t
        chosen = "true" if of.chosen else "false"
        row = pressed("row-item", type="button", aria_current=chosen, id=f"row-{order.order_no}")
        row.on("click", lambda: self.choose(order.order_no), js_handler="() => emit()")
        with row:
            with box("spread"):
                text(order.order_no, classes="strong mono wrap")
                if one.clock:
                    timing.clock(t, one.clock, t("due"), f"order:{order.order_no}")
                else:
                    text(t("no_clock"), classes="soft small")
            with box("bar small"):
                text(order.channel, classes="soft")
                text(money(order.total, order.currency), classes="num")
                if order.held:
                    chip(t("order.held", why=order.held), "red")
                text(self.bench.who(order.claimed_by), classes="soft")

    # --- choosing and deciding ----------------------------------------------------

    async def choose(self, order_no: str | None) -> None:
        """Show this order beside the queue, and its row within it."""
        self.chosen = order_no
        self.redraw()
        row = f"document.getElementById({json.dumps(f'row-{order_no}')})"
        self.rows.place.client.run_javascript(f'{row}?.scrollIntoView({{ block: "nearest" }})')
        self.live.forget()
        await self.live.look()

    async def leave(self) -> None:
        """Back to the queue, where only one of the two is seen."""
        await self.choose(None)

    async def done(self, after: OrderView | None) -> None:
        """An act was answered: go on to the next order when this one is decided."""
        if after is not None and after.status.code != _MANUAL_REVIEW:
            await self.choose(self.neighbour(1, of=after.order_no))
            return
        self.live.forget()
        await self.live.look()

    def neighbour(self, step: int, of: str | None = None) -> str | None:
        """The order so many rows further; None when there is no other."""
        numbers = [one.order.order_no for one in self.shown()]
        at = of or self.chosen
        if at not in numbers:
            return numbers[0] if numbers else None
        index = numbers.index(at) + step
        inside = 0 <= index < len(numbers)
        return numbers[index] if inside else (None if of else at)

    async def key(self, event: events.KeyEventArguments) -> None:
        """J, K, C, A, R."""
        if not event.action.keydown or any((event.modifiers.ctrl, event.modifiers.meta, event.modifiers.alt)):
            return
        pressed = str(event.key.name).lower()
        if pressed in ("j", "k"):
            await self.choose(self.neighbour(1 if pressed == "j" else -1))
        else:
            await self.order.key(pressed)


async def draw(bench: Bench) -> None:
    """The page."""
    desk = ReviewDesk(bench)
    desk.build()
    await desk.live.look()


DESK = Desk("review", "fact_check", frozenset({"review.decide", "order.read", "deadline.read"}), draw)

"""The warehouse desk: which parcels wait for a picker or a rechecker (R8, R10). Made for a handheld."""

from __future__ import annotations

from dataclasses import dataclass, field

from api.schemas.warehouse import TaskPage, TaskView
from console.bench import Bench
from console.calls import Query
from console.desks import task
from console.desks.desk import Desk
from console.desks.paging import Pages
from console.kit import Choice, box, chip, empty, pressed, text
from console.live import Live
from console.rows import Part, Rows

_ROWS = 50
_STATES = {"to_pick": ["open", "picking"], "to_recheck": ["picked"], "packed": ["packed"]}
_SORT = {"packed": "newest"}
"""What waits longest comes first; of what is packed, what has just been: its label is still to be printed."""


@dataclass
class WarehouseDesk:
    """The list of tasks."""

    bench: Bench
    stage: str = "to_pick"
    house: str = ""
    tasks: list[TaskView] = field(default_factory=list)

    def build(self) -> None:
        """Lay the page out."""
        t = self.bench.t
        with box("handheld stack"):
            with box("bar"):
                text(t("desk.warehouse"), "h1")
                box("grow")
                if len(self.bench.staff.warehouses) > 1:
                    houses = {"": t("all"), **{name: name for name in self.bench.staff.warehouses}}
                    Choice(t("warehouse.house"), houses, on_change=self.at_house)
            self.tabs = box("tabs", role="tablist", aria_label=t("warehouse.tasks"))
            with box("", "section", aria_label=t("warehouse.tasks")):
                self.rows = Rows[TaskView](lambda one: one.task_no, self.draw_row)
                self.foot = Part()
        self.pages = Pages(self.bench, self.again)
        self.draw_tabs()
        self.live = Live(self.bench, self.load, self.show, told=("task",), wholly=True)

    def draw_tabs(self) -> None:
        """To pick, to recheck, packed."""
        self.tabs.clear()
        with self.tabs:
            for stage in _STATES:
                self.draw_tab(stage)

    def draw_tab(self, stage: str) -> None:
        """One of the three."""
        chosen = "true" if stage == self.stage else "false"
        tab = pressed(role="tab", type="button", aria_selected=chosen)
        tab.on("click", lambda: self.turn_to(stage), js_handler="() => emit()")
        with tab:
            text(self.bench.t(f"warehouse.{stage}"))

    async def turn_to(self, stage: str) -> None:
        """Show the tasks at that stage."""
        self.stage = stage
        self.pages.first()
        self.draw_tabs()
        await self.again()

    async def at_house(self, house: str) -> None:
        """Show the tasks of that warehouse."""
        self.house = house
        await self.turn_to(self.stage)

    async def again(self) -> None:
        """Read and draw, whatever was shown."""
        self.live.forget()
        await self.live.look()

    async def load(self) -> TaskPage:
        """A page, those of this person's own warehouse where they have just one."""
        own = self.bench.staff.warehouses
        house = self.house or (own[0] if len(own) == 1 else "")
        query: Query = {
            "state": _STATES[self.stage],
            "sort": _SORT.get(self.stage),
            "warehouse": house,
            "limit": _ROWS,
            "cursor": self.pages.cursor,
        }
        page = await self.bench.api.get("/v1/pick-tasks", TaskPage, query)
        return page.model_copy(update={"items": [one for one in page.items if not own or one.warehouse in own]})

    def show(self, page: TaskPage) -> None:
        """Draw what changed."""
        self.rows.show(page.items)
        shown = (bool(page.items), self.stage, self.pages.at(page.next_cursor))
        self.foot.show(shown, lambda: self.draw_foot(page))

    def draw_foot(self, page: TaskPage) -> None:
        """That there is nothing, and the ways to other pages."""
        t = self.bench.t
        if not page.items:
            empty(t(f"warehouse.none_{self.stage}"), t("warehouse.none_hint"))
        self.pages.draw(page.next_cursor)

    def draw_row(self, one: TaskView) -> None:
        """One task: where it begins, how much it is, whose it is."""
        t = self.bench.t
        left = sum(line.quantity - line.picked - line.short for line in one.lines)
        bins = sorted({line.bin for line in one.lines if line.bin})
        with box("row-item", "a", href=f"/warehouse/{one.task_no}"):
            with box("spread"):
                text(" · ".join(bins[:4]), classes="bin")
                text(t("pieces", number=left or sum(line.quantity for line in one.lines)), classes="num")
            with box("bar small"):
                text(one.task_no, classes="mono soft wrap")
                chip(t.code("task", one.state), "blue" if one.state == "picking" else "")
                if any(line.fragile for line in one.lines):
                    chip(t("scan.fragile"), "amber")
                if one.picker:
                    text(t("warehouse.picker", who=self.bench.who(one.picker)), classes="soft")


async def draw(bench: Bench) -> None:
    """The page."""
    desk = WarehouseDesk(bench)
    desk.build()
    await desk.live.look()


DESK = Desk(
    "warehouse",
    "qr_code_scanner",
    frozenset({"pick.read", "pick.work"}),
    draw,
    pages=(("/warehouse/{task_no}", task.draw),),
)

"""One pick task in a picker's or a rechecker's hand: scans, shortage, recheck, label (R8 to R10)."""

from __future__ import annotations

from dataclasses import dataclass, field

from nicegui import ui

from api.schemas.warehouse import TaskLineView, TaskView
from console.bench import Bench
from console.desks.picking import Picking
from console.desks.rechecking import Rechecking
from console.desks.scanning import Verdict
from console.kit import box, button, chip, empty, link, text
from console.live import Live


@dataclass
class TaskPage:
    """The page of one task: what is done on it depends on where it stands."""

    bench: Bench
    task_no: str
    task: TaskView | None = None
    at_work: Picking | Rechecking | None = None
    _shown_state: str = field(default="", init=False)

    def build(self) -> None:
        """Lay the page out."""
        with box("handheld stack"):
            with box("bar"):
                link(f"← {self.bench.t('warehouse.tasks')}", "/warehouse", "btn")
                self.head = box("bar")
            self.work = box("stack")
            self.lines = box("card", "section", aria_label=self.bench.t("warehouse.tasks"))
        self.live = Live(self.bench, self.load, self.show, told=("task",), wholly=True)

    async def load(self) -> TaskView:
        """The task as it stands."""
        return await self.bench.api.get(f"/v1/pick-tasks/{self.task_no}", TaskView)

    def show(self, task: TaskView) -> None:
        """Draw what changed; what somebody is doing is left alone while the task is at the same stage."""
        self.task = task
        self.draw_head(task)
        stage = f"{task.state} {task.booked}"
        if task.state in ("open", "picking"):
            stage = "mine" if task.picker in (None, self.bench.staff.id) else f"of {task.picker}"
        if stage != self._shown_state:
            self._shown_state = stage
            self.work.clear()
            with self.work:
                self.draw_work(task)
        if self.at_work is not None:
            self.at_work.now(task)
        self.draw_lines(task)

    def draw_head(self, task: TaskView) -> None:
        """Which task, and where it stands."""
        self.head.clear()
        with self.head:
            text(task.task_no, "h1", "mono wrap")
            chip(self.bench.t.code("task", task.state), "blue")

    def draw_work(self, task: TaskView) -> None:
        """What can be done with it now."""
        t = self.bench.t
        self.at_work = None
        if task.state in ("open", "picking"):
            if task.picker in (None, self.bench.staff.id):
                self.at_work = Picking(self.bench, task, self.refresh)
            else:
                empty(t("warehouse.other_picks", who=task.picker))
        elif task.state == "picked":
            if task.picker == self.bench.staff.id:
                Verdict().right(t("scan.all_picked"), t("recheck.own"))
            else:
                self.at_work = Rechecking(self.bench, task, self.refresh)
        elif task.state == "packed":
            LabelPanel(self.bench, task).draw()
        else:
            empty(t("short.done") if task.state == "short" else t("task.cancelled_hint"))

    async def refresh(self) -> None:
        """Something was done: look at once."""
        await self.live.look()

    def draw_lines(self, task: TaskView) -> None:
        """What to take from where, in the order of the bins."""
        following = next_line(task)
        self.lines.clear()
        with self.lines, box("line-list", "ul"):
            for line in in_bin_order(task):
                done = line.quantity - line.picked - line.short <= 0
                with box(f"pick-line stack tight {'done-line' if done else ''}", "li"):
                    self.draw_line(line, following=line is following)

    def draw_line(self, line: TaskLineView, *, following: bool) -> None:
        """One line: bin, goods, lot and expiry, how far."""
        t = self.bench.t
        with box("spread"):
            text(f"{'▶ ' if following else ''}{line.bin or '—'}", classes="bin")
            text(t("scan.line", picked=line.picked, quantity=line.quantity), classes="strong num")
        text(line.title, "p")
        with box("bar small"):
            text(line.sku if line.sku == line.barcode else f"{line.sku} · {line.barcode}", classes="mono soft wrap")
            if line.lot:
                chip(t("scan.lot_of", lot=line.lot), "blue")
            if line.expires_on:
                chip(t("scan.expires", date=line.expires_on.isoformat()))
            if line.fragile:
                chip(t("scan.fragile"), "amber")
            if line.short:
                chip(t("scan.short_of", number=line.short), "red")


def in_bin_order(task: TaskView) -> list[TaskLineView]:
    """The way through the house."""
    return sorted(task.lines, key=lambda line: (line.bin, line.line_no))


def next_line(task: TaskView) -> TaskLineView | None:
    """Where to go now; None when everything is picked."""
    return next((line for line in in_bin_order(task) if line.quantity - line.picked - line.short > 0), None)


@dataclass
class LabelPanel:
    """The label of a packed parcel, shown and printed when asked for: each showing goes on record (R10, R21)."""

    bench: Bench
    task: TaskView

    def draw(self) -> None:
        """The offer to show it."""
        t = self.bench.t
        with box("card"):
            text(t("recheck.packed"), "p")
            if not self.task.booked:
                text(t("label.not_booked"), "p", "soft")
            elif self.bench.may("label.print"):
                text(t("label.on_record"), "p", "soft small")
                with box("bar"):
                    button(t("label.show"), self.show, "primary")
            self.place = box("stack")

    def show(self) -> None:
        """The label as PDF, with its buttons."""
        t, address = self.bench.t, f"/labels/{self.task.parcel_no}.pdf"
        self.place.clear()
        with self.place:
            frame = box("label-frame", "iframe", src=address, title=t("label.title", parcel=self.task.parcel_no))
            with box("bar"):
                printing = f"getHtmlElement({frame.id}).contentWindow.print()"
                button(t("label.print"), lambda: ui.run_javascript(printing), "primary")
                link(t("label.open"), address, "btn", target="_blank", rel="noopener")


async def draw(bench: Bench, task_no: str) -> None:
    """The page."""
    page = TaskPage(bench, task_no)
    page.build()
    await page.live.look()

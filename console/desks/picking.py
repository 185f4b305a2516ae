"""Picking by scans: the bin, then the goods, then the lot where there is one (R8); or a shortage (R9)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from api.schemas.warehouse import ScanView, TaskLineView, TaskView
from console.bench import Bench
from console.desks.scanning import ScanField, Verdict
from console.kit import Choice, Field, box, button


class Picking:
    """One task in a picker's hand. A wrong bin is told before anything is taken; the API judges each piece."""

    def __init__(self, bench: Bench, task: TaskView, changed: Callable[[], Awaitable[None]]) -> None:
        self.bench, self.task, self.changed = bench, task, changed
        self.bin, self.barcode = "", ""
        self.verdict = Verdict()
        self.field = ScanField(bench, bench.t("scan.bin"), self.scanned)
        with box("bar"):
            button(bench.t("short.open"), self.open_shortage, "danger")
        self.shortage = box()
        self.point()

    def now(self, task: TaskView) -> None:
        """The task as it stands now."""
        self.task = task

    def open_lines(self) -> list[TaskLineView]:
        """What is still to be taken, in the order of the bins."""
        still = [line for line in self.task.lines if line.quantity - line.picked - line.short > 0]
        return sorted(still, key=lambda line: (line.bin, line.line_no))

    def point(self) -> None:
        """Where to go first."""
        if lines := self.open_lines():
            self.verdict.plain(self.bench.t("scan.next", bin=lines[0].bin or "—"), lines[0].title)

    def ask(self) -> None:
        """Ask for what comes next: bin, goods or lot."""
        t = self.bench.t
        what = "scan.bin" if not self.bin else "scan.item" if not self.barcode else "scan.lot"
        self.field.ask(t(what) + (f" · {self.bin}" if self.bin else ""))

    async def scanned(self, value: str) -> None:
        """A scan came in."""
        if not self.bin:
            self.scanned_bin(value)
        elif not self.barcode:
            await self.scanned_goods(value)
        else:
            await self.send(value)

    def scanned_bin(self, value: str) -> None:
        """Is this where something of the task stands?"""
        t, lines = self.bench.t, self.open_lines()
        if lines and value not in {line.bin for line in lines}:
            self.verdict.wrong(t("scan.wrong"), t("scan.bin_wrong", scanned=value, bin=lines[0].bin))
            return
        self.bin = value
        here = ", ".join(line.title for line in lines if line.bin == value)
        self.verdict.right(t("scan.bin_right"), here)
        self.ask()

    async def scanned_goods(self, value: str) -> None:
        """Goods with lots need the lot too."""
        if any(line.barcode == value and line.lot and line.bin == self.bin for line in self.open_lines()):
            self.barcode = value
            self.ask()
            return
        self.barcode = value
        await self.send(None)

    async def send(self, lot: str | None) -> None:
        """One piece, judged by the API; a wrong one is counted (R8)."""
        body = {"bin": self.bin, "barcode": self.barcode} | ({"lot": lot} if lot else {})
        barcode, self.barcode = self.barcode, ""
        answer = await self.bench.attempt(self.bench.api.post(f"/v1/pick-tasks/{self.task.task_no}/scans", body))
        if answer is not None:
            self.answered(ScanView.model_validate(answer), barcode)
            await self.changed()
            self.go_on()
        self.ask()

    def answered(self, scan: ScanView, barcode: str) -> None:
        """The big answer."""
        t = self.bench.t
        if scan.verdict == "right":
            sku = next((line.sku for line in self.task.lines if line.barcode == barcode), barcode)
            self.verdict.right(t("scan.right"), t("scan.took", sku=sku, left=scan.remaining))
            return
        expected = scan.expected
        wanted = t("scan.expected", sku=expected.sku, bin=expected.bin) if expected and expected.sku else ""
        lot = t("scan.expected_lot", lot=expected.lot) if expected and expected.lot else ""
        fault = t.code("fault", expected.fault) if expected and expected.fault else ""
        self.verdict.wrong(t("scan.wrong"), " · ".join(part for part in (fault, wanted, lot) if part))

    def go_on(self) -> None:
        """The bin is left when nothing more is to be taken from it."""
        if self.bin and self.bin not in {line.bin for line in self.open_lines()}:
            self.bin = ""

    # --- a short pick -------------------------------------------------------------

    def open_shortage(self) -> None:
        """Ask what is missing, and how much."""
        t = self.bench.t
        goods = {line.sku: f"{line.bin} · {line.title}" for line in self.open_lines()}
        self.shortage.clear()
        with self.shortage, box("card"):
            sku = Choice(t("short.sku"), goods)
            missing = Field(t("short.missing"), kind="number", min="1", inputmode="numeric")
            with box("bar"):
                button(t("short.send"), lambda: self.report(sku.value, missing.value), "danger")
                button(t("cancel"), self.shortage.clear)
        missing.focus()

    async def report(self, sku: str, missing: str) -> None:
        """Too little is there: the order hears of it (R9)."""
        if not missing.isdecimal() or int(missing) < 1:
            self.bench.tell(self.bench.t("short.whole"), "no")
            return
        body = {"sku": sku, "missing": int(missing)}
        answer = await self.bench.attempt(self.bench.api.post(f"/v1/pick-tasks/{self.task.task_no}/short", body))
        if answer is not None:
            await self.changed()

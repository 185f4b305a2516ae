"""The recheck by a second person: every piece scanned, packaging, weight, packed (R10)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable

from api.schemas.warehouse import TaskView
from console.bench import Bench
from console.desks.scanning import ScanField, Verdict
from console.kit import Choice, Field, box, button, text


class Rechecking:
    """One picked task in a rechecker's hand. What is counted here is sent whole; the API compares."""

    def __init__(self, bench: Bench, task: TaskView, changed: Callable[[], Awaitable[None]]) -> None:
        self.bench, self.task, self.changed = bench, task, changed
        self.counted: list[str] = []
        t = bench.t
        text(t("recheck.title"), "h2")
        self.verdict = Verdict()
        self.field = ScanField(bench, t("recheck.scan"), self.scanned)
        with box("card"):
            self.draw_packing()
        self.say()

    def draw_packing(self) -> None:
        """Packaging and weight; fragile goods are reinforced."""
        t = self.bench.t
        kinds = {kind: t(f"recheck.{kind}") for kind in ("standard", "reinforced")}
        fragile = any(line.fragile for line in self.task.lines)
        with box("two"):
            self.packaging = Choice(t("recheck.packaging"), kinds, "reinforced" if fragile else "standard")
            self.weight = Field(t("recheck.weight"), kind="number", min="1", inputmode="numeric")
        with box("bar"):
            button(t("recheck.pack"), self.pack, "primary")
            button(t("recheck.again"), self.anew)

    def now(self, task: TaskView) -> None:
        """The task as it stands now."""
        self.task = task

    def wanted(self) -> Counter[str]:
        """How many of each barcode the parcel holds."""
        wanted: Counter[str] = Counter()
        for line in self.task.lines:
            wanted[line.barcode] += line.quantity
        return wanted

    def say(self) -> None:
        """How far the count is."""
        number = self.wanted().total()
        self.verdict.plain(self.bench.t("recheck.counted", counted=len(self.counted), number=number))

    async def scanned(self, barcode: str) -> None:
        """Count one piece, unless it does not belong here."""
        t, wanted = self.bench.t, self.wanted()
        sku = next((line.sku for line in self.task.lines if line.barcode == barcode), "")
        if barcode not in wanted:
            self.verdict.wrong(t("scan.wrong"), t("recheck.unknown", barcode=barcode))
        elif self.counted.count(barcode) >= wanted[barcode]:
            self.verdict.wrong(t("scan.wrong"), t("recheck.enough", sku=sku))
        else:
            self.counted.append(barcode)
            progress = t("recheck.counted", counted=len(self.counted), number=wanted.total())
            self.verdict.right(t("scan.right"), f"{sku} · {progress}")

    def anew(self) -> None:
        """Begin the count again."""
        self.counted.clear()
        self.say()
        self.field.field.focus()

    async def pack(self) -> None:
        """Send the count; the API refuses one that does not fit."""
        weight = int(self.weight.value) if self.weight.value.isdecimal() else 0
        body = {"packaging": self.packaging.value, "barcodes": self.counted, "weight_g": weight}
        answer = await self.bench.attempt(self.bench.api.post(f"/v1/pick-tasks/{self.task.task_no}/recheck", body))
        if answer is not None:
            self.bench.tell(self.bench.t("done"))
            await self.changed()

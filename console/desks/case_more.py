"""Evidence of a case, and the departments that meet over it (R15, R26)."""

from __future__ import annotations

from dataclasses import dataclass

from console.bench import Bench
from console.desks.case_settling import Send
from console.desks.unfolding import Unfolding
from console.kit import Field, Tick, box, button

_DEPARTMENTS = ("customer_service", "warehouse", "logistics", "finance")


@dataclass
class MoreActs:
    """What is not done with every case, folded."""

    bench: Bench
    send: Send

    def draw(self, *, involves: bool) -> None:
        """Evidence for every case; departments where they do not meet already."""
        self.evidence = Unfolding(self.bench, self.bench.t("case.add_evidence"), self.draw_evidence)
        if involves:
            self.involving = Unfolding(self.bench, self.bench.t("case.involve"), self.draw_departments)

    def draw_evidence(self) -> None:
        """What it is, and where it is kept; never the thing itself."""
        t = self.bench.t
        what = Field(t("case.evidence_what"), maxlength="40")
        where = Field(t("case.evidence_where"), maxlength="200")
        with box("bar"):
            button(t("case.add_evidence"), lambda: self.add(what.value, where.value), "primary")
            self.evidence.never_mind()

    async def add(self, what: str, where: str) -> None:
        """Put it on record."""
        await self.send("evidence", {"what": what.strip(), "reference": where.strip()})

    def draw_departments(self) -> None:
        """Who shall take part; operations lead, within T15."""
        t = self.bench.t
        with box("checks", "fieldset", aria_label=t("case.involve")):
            ticks = {one: Tick(t.code("role", one)) for one in _DEPARTMENTS}
        with box("bar"):
            button(t("case.involve"), lambda: self.involve(ticks), "primary")
            self.involving.never_mind()

    async def involve(self, ticks: dict[str, Tick]) -> None:
        """Open the case beside this one."""
        chosen = [one for one, tick in ticks.items() if tick.value]
        if not chosen:
            self.bench.tell(self.bench.t("needed", what=self.bench.t("case.department")), "no")
            return
        await self.send("departments", {"participants": chosen})

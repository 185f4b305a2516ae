"""What a test does at the desk of cases: open, decide, move a case's clock, look."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from domain.case_shapes import CaseKind
from models import workflow_names as names
from models.base import Actor
from models.cases import CaseDone, OpenCase, case_workflow_id
from models.commands import Command
from models.temporal_names import ORDERS
from store.pool import Row
from tests.workflows.shop import SERVICE, Shop
from workflows.cases import CaseWorkflow

Case = WorkflowHandle[CaseWorkflow, str]

LOGISTICS = Actor(id="logistics-1", role="logistics")
OTHER_SERVICE = Actor(id="service-2", role="customer_service")

_NUMBERS = itertools.count(1)


@dataclass
class CaseDesk:
    """One test's desk of cases, in a shop."""

    shop: Shop

    async def open(self, kind: CaseKind, **terms: Any) -> Case:
        """Open a case as a person does; returns when it is on record."""
        number = f"K-{next(_NUMBERS)}"
        known: dict[str, Any] = {"case_no": number, "kind": kind, "by": SERVICE, "reason": "buyer_called"}
        opening = OpenCase(**{**known, **terms})
        case = await self.shop.skipper.client.start_workflow(
            CaseWorkflow.run, opening, id=case_workflow_id(opening.case_no), task_queue=ORDERS
        )
        await self.shop.until(lambda: self.row(case), lambda row: row is not None)
        return case

    async def of(self, order_no: str, kind: CaseKind, subject: str | None = None) -> Case:
        """The newest case of an order, of that kind, once it is on record."""
        query = "SELECT case_no FROM cases WHERE order_no = %s AND kind = %s AND subject = coalesce(%s, subject)"
        order = "ORDER BY opened_at DESC, case_no DESC"
        row = await self.shop.until(lambda: self.shop.one(f"{query} {order}", order_no, kind, subject), bool)
        assert row is not None
        return self.handle(row["case_no"])

    def handle(self, case_no: str) -> Case:
        """The handle of a case that somebody else opened."""
        client = self.shop.skipper.client
        return client.get_workflow_handle_for(CaseWorkflow.run, case_workflow_id(case_no))

    async def ask(self, case: Case, name: str, command: Command) -> CaseDone:
        """Ask the case, as the API does."""
        done: CaseDone = await case.execute_update(name, command, id=command.key or None, result_type=CaseDone)
        return done

    async def refused(self, case: Case, name: str, command: Command) -> str:
        """Ask, expect a refusal and no trace of it; return the name of the broken rule."""
        before = await self.acts(case)
        with pytest.raises(WorkflowUpdateFailedError) as refusal:
            await self.ask(case, name, command)
        cause = refusal.value.cause
        assert isinstance(cause, ApplicationError)
        assert await self.acts(case) == before
        return str(cause.type)

    async def to(self, case: Case, deadline: str, offset: timedelta = timedelta(0)) -> None:
        """Move the case's clock to ``offset`` from a running deadline's due instant."""
        due = await self.due(case, deadline)
        now = await self.shop.skipper.get_current_time(case)
        await self.shop.skipper.fast_forward(case, due + offset - now)

    async def due(self, case: Case, deadline: str) -> datetime:
        """When a running deadline of the case falls."""
        clocks = await self.clocks(case)
        assert clocks.get(deadline, ("none",))[0] == "running", f"{deadline} is not running: {clocks}"
        due: datetime = clocks[deadline][1]
        return due

    async def clocks(self, case: Case) -> dict[str, Any]:
        """Every clock the case ever had: its state and due instant."""
        rows = await self.shop.all(
            "SELECT deadline, state, due_at FROM deadlines WHERE subject = %s", f"case:{number_of(case)}"
        )
        return {row["deadline"]: (row["state"], row["due_at"]) for row in rows}

    async def states(self, case: Case) -> dict[str, str]:
        """How each clock stands."""
        return {deadline: state for deadline, (state, _) in (await self.clocks(case)).items()}

    async def row(self, case: Case) -> Row | None:
        """The case's row."""
        return await self.shop.one("SELECT * FROM cases WHERE case_no = %s", number_of(case))

    async def acts(self, case: Case) -> list[str]:
        """Every act on record, in order."""
        rows = await self.shop.all(
            "SELECT act FROM audit_entries WHERE subject = %s ORDER BY chain_no", f"case:{number_of(case)}"
        )
        return [row["act"] for row in rows]

    async def told(self, case: Case, kind: str) -> Sequence[str]:
        """Which departments were alerted by an alert of that kind."""
        rows = await self.shop.all(
            "SELECT department FROM alerts WHERE kind = %s AND text LIKE %s ORDER BY id", kind, f"%{number_of(case)}%"
        )
        return [row["department"] for row in rows]

    async def stands(self, case: Case, state: str) -> Row:
        """The row, once the case stands in this state."""
        row = await self.shop.until(lambda: self.row(case), lambda row: bool(row and row["state"] == state))
        assert row is not None
        return row

    async def did(self, case: Case, act: str) -> None:
        """Wait until this act is on record."""
        query = "SELECT 1 FROM audit_entries WHERE subject = %s AND act = %s"
        await self.shop.until(lambda: self.shop.one(query, f"case:{number_of(case)}", act), bool)

    async def now(self, case: Case) -> datetime:
        """The case's own time."""
        return await self.shop.skipper.get_current_time(case)


def number_of(case: Case) -> str:
    """The number of a case."""
    return case.id.removeprefix("case-")


SETTLE, CLOSE, MEET = names.SETTLE_CASE, names.CLOSE_CASE, names.MEET_STAGE

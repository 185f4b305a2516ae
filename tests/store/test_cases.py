"""A case's step is taken once, and its row, clocks, alerts and record stand or fall together (R23)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from domain.case_shapes import CaseKind, Settlement, Severity
from domain.cases import CaseState
from domain.deadlines import DeadlineId
from models.base import SYSTEM
from models.cases import CaseStep, Evidence, OpenCase
from models.steps import Alert, ClockRow
from store import audit, cases, deadlines, orders
from store.errors import UnknownOrder
from store.pool import Connection, Pool
from tests.fixtures.orders import NOON, an_order, value

DAY = timedelta(days=1)


def a_clock(deadline: str = "T10", hours: int = 24) -> ClockRow:
    """A running deadline."""
    return ClockRow(id=DeadlineId(deadline), started=NOON, due=NOON + timedelta(hours=hours))


def first_step(number: str = "K-1", order_no: str | None = None, **changes: Any) -> CaseStep:
    """The opening of a complaint."""
    opening = OpenCase(case_no=number, kind=CaseKind.COMPLAINT, by=SYSTEM, reason="wet box", order_no=order_no)
    step = CaseStep(
        case_no=number,
        seq=1,
        at=NOON,
        act="case_opened",
        by=SYSTEM,
        before=CaseState.OPENED,
        after=CaseState.OPENED,
        kind=CaseKind.COMPLAINT,
        order_no=order_no,
        opening=opening,
        stage="answer",
        clocks=(a_clock(),),
        alerts=(Alert(department="customer_service", kind="complaint", text="a complaint"),),
    )
    return step.model_copy(update=changes)


def next_step(seq: int, number: str = "K-1", **changes: Any) -> CaseStep:
    """A later step; its clock runs on unless told otherwise."""
    step = first_step(number, opening=None, alerts=(), seq=seq, at=NOON + timedelta(minutes=seq), act="case_noted")
    return step.model_copy(update=changes)


async def states(conn: Connection) -> dict[str, str]:
    """How every deadline stands."""
    rows = await (await conn.execute("SELECT deadline, state FROM deadlines")).fetchall()
    return {row["deadline"]: row["state"] for row in rows}


async def test_the_same_step_twice_at_once_is_taken_once(pool: Pool) -> None:
    async def take() -> None:
        async with pool.connection() as conn:
            await cases.take(conn, first_step())

    await asyncio.gather(*(take() for _ in range(8)))
    async with pool.connection() as conn:
        assert await value(conn, "SELECT count(*) FROM cases") == 1
        assert await value(conn, "SELECT count(*) FROM alerts") == 1
        assert await value(conn, "SELECT count(*) FROM audit_entries") == 1
        assert await audit.verify(conn) is None


async def test_an_older_step_that_comes_late_does_not_turn_the_row_back(conn: Connection) -> None:
    await cases.take(conn, first_step())
    await cases.take(conn, next_step(3, after=CaseState.CLAIMED, assignee="service-1"))
    await cases.take(conn, next_step(2))
    row = await cases.row_of(conn, "K-1")
    assert row is not None
    assert (row["state"], row["assignee"], row["step_seq"]) == ("claimed", "service-1", 3)
    assert await value(conn, "SELECT count(*) FROM audit_entries") == 3


@pytest.mark.parametrize(("how", "state"), [("passed", "passed"), ("waived", "waived"), ("", "met")])
async def test_a_clock_that_ends_says_how(conn: Connection, how: str, state: str) -> None:
    await cases.take(conn, first_step())
    assert await states(conn) == {"T10": "running"}
    ended: dict[str, Any] = {how: (DeadlineId.T10,)} if how else {}
    await cases.take(conn, next_step(2, clocks=(), **ended))
    assert await states(conn) == {"T10": state}
    row = await cases.row_of(conn, "K-1")
    assert row is not None
    assert (row["due_at"] is not None) is (how == "passed"), "whose time is over stays due when it was"


async def test_a_case_of_an_unknown_order_leaves_nothing_behind(conn: Connection) -> None:
    with pytest.raises(UnknownOrder):
        await cases.take(conn, first_step(order_no="web-nobody"))
    for table in ("cases", "alerts", "deadlines", "audit_entries"):
        assert await value(conn, f"SELECT count(*) FROM {table}") == 0


async def test_the_board_shows_a_cases_clock_beside_an_orders(conn: Connection) -> None:
    await orders.record(conn, an_order(), status="paid", at=NOON)
    await cases.take(conn, first_step(order_no="web-1"))
    board = await deadlines.running(conn)
    assert [(row["subject"], row["deadline"], row["workflow_id"], row["order_no"]) for row in board] == [
        ("case:K-1", "T10", "case-K-1", "web-1")
    ]


async def test_everything_a_step_says_is_in_the_row(conn: Connection) -> None:
    await cases.take(conn, first_step())
    piece = Evidence(what="video", reference="archive/1", by="service-1", at=NOON)
    step = next_step(
        2,
        after=CaseState.SETTLED,
        severity=Severity.MAJOR,
        stage="closing",
        assignee="service-1",
        escalated_to="operations",
        settlement=Settlement.RESOLVED,
        settled_at=NOON + DAY,
        evidence=(piece,),
        clocks=(a_clock("T12", 2), a_clock("T11", 1)),
    )
    await cases.take(conn, step)
    await cases.take(conn, next_step(3, after=CaseState.CLOSED, clocks=(), details={"cause": "n1", "prevention": "n2"}))
    row = await cases.row_of(conn, "K-1")
    assert row is not None
    assert (row["state"], row["closed_at"], row["cause_note_id"], row["prevention_note_id"]) == (
        "closed", NOON + timedelta(minutes=3), "n1", "n2",
    )  # fmt: skip
    entries = await cases.timeline(conn, "K-1")
    assert [(entry["before"], entry["after"]) for entry in entries] == [
        (None, "opened"),
        ("opened", "settled"),
        ("opened", "closed"),
    ]


async def test_the_inbox_is_sorted_by_what_is_due_and_hides_what_is_closed(conn: Connection) -> None:
    for number, hours in (("K-1", 5), ("K-2", 1), ("K-3", 9)):
        await cases.take(conn, first_step(number, clocks=(a_clock(hours=hours),)))
    await cases.take(conn, first_step("K-4", clocks=()))
    await cases.take(conn, next_step(2, "K-3", after=CaseState.CLOSED, clocks=()))
    first = await cases.page(conn, cases.CaseFilter(), after=None, limit=2)
    assert [row["case_no"] for row in first] == ["K-2", "K-1"]
    rest = await cases.page(conn, cases.CaseFilter(), after=(first[-1]["due_at"], "K-1"), limit=9)
    assert [row["case_no"] for row in rest] == ["K-4"], "without a clock comes last"
    after_all = await cases.page(conn, cases.CaseFilter(), after=(cases.NO_CLOCK, "K-4"), limit=9)
    assert after_all == []
    closed = await cases.page(conn, cases.CaseFilter(state="closed"), after=None, limit=9)
    assert [row["case_no"] for row in closed] == ["K-3"]


async def test_a_department_finds_what_it_owns_and_what_was_escalated_to_it(conn: Connection) -> None:
    await cases.take(conn, first_step("K-1"))
    await cases.take(conn, first_step("K-2"))
    await cases.take(conn, next_step(2, "K-2", escalated_to="operations"))
    for department, found in (("customer_service", ["K-1", "K-2"]), ("operations", ["K-2"]), ("finance", [])):
        rows = await cases.page(conn, cases.CaseFilter(department=department), after=None, limit=9)
        assert [row["case_no"] for row in rows] == found

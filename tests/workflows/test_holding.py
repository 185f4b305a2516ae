"""Held orders: who holds them, and clocks that stop and go on with what was left (R25)."""

from __future__ import annotations

from datetime import timedelta

from domain.case_shapes import CaseKind
from domain.holds import HoldClocks
from models import workflow_names as names
from models.commands import Cancel, ChangeDeadline, Hold, Unhold
from tests.workflows.case_desk import CaseDesk
from tests.workflows.shop import OPERATIONS, Handle, Shop, order_no

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
STOPPED = Hold(by=OPERATIONS, reason="power_cut", clocks=HoldClocks.STOP)


async def standing(shop: Shop, handle: Handle, deadline: str) -> int:
    """Seconds left of a deadline that stands still."""
    query = "SELECT left_seconds FROM deadlines WHERE order_no = %s AND deadline = %s AND state = 'stopped'"
    row = await shop.one(query, order_no(handle), deadline)
    assert row is not None, f"{deadline} does not stand still"
    return int(row["left_seconds"])


async def test_a_stopped_clock_goes_on_from_the_release_with_what_was_left(shop: Shop) -> None:
    handle = await shop.place()
    due = await shop.due(handle, "T1")
    await shop.forward_to(handle, "T1", -HOUR)
    await shop.ask(handle, names.HOLD, STOPPED)
    assert abs(await standing(shop, handle, "T1") - 3600) <= 2
    row = await shop.row(handle)
    assert row is not None
    assert (row["due_at"], row["held"]) == (None, "power_cut")
    await shop.forward(handle, timedelta(days=3))
    await shop.ask(handle, names.UNHOLD, Unhold(by=OPERATIONS))
    assert timedelta(0) <= await shop.due(handle, "T1") - due - timedelta(days=3) < timedelta(seconds=5)
    await shop.forward_to(handle, "T1", -SECOND)
    row = await shop.row(handle)
    assert row is not None
    assert row["status"] == "awaiting_payment"
    await shop.forward_to(handle, "T1", SECOND)
    assert await handle.result() == "cancelled"


async def test_a_clock_that_runs_on_passes_while_the_order_is_held(shop: Shop) -> None:
    handle = await shop.place()
    await shop.ask(handle, names.HOLD, STOPPED.model_copy(update={"clocks": HoldClocks.RUN}))
    await shop.forward_to(handle, "T1", SECOND)
    assert await handle.result() == "cancelled"


async def test_an_order_held_twice_goes_on_when_nobody_holds_it_any_more(shop: Shop) -> None:
    handle = await shop.place()
    await shop.ask(handle, names.HOLD, STOPPED.model_copy(update={"hold": "east", "reason": "flood"}))
    assert await shop.refused(handle, names.HOLD, STOPPED.model_copy(update={"hold": "east"})) == "NotWaitingForThis"
    await shop.ask(handle, names.HOLD, STOPPED)
    await shop.pay(handle)
    await shop.reaches(handle, "approved")
    await shop.ask(handle, names.UNHOLD, Unhold(by=OPERATIONS, hold="east"))
    row = await shop.row(handle)
    assert row is not None
    assert (row["status"], row["held"]) == ("approved", "power_cut")
    assert await shop.refused(handle, names.UNHOLD, Unhold(by=OPERATIONS, hold="east")) == "NotWaitingForThis"
    await shop.ask(handle, names.UNHOLD, Unhold(by=OPERATIONS))
    await shop.reaches(handle, "picking")


async def test_the_return_window_that_stands_still_is_neither_closed_nor_archived(shop: Shop) -> None:
    handle = await shop.place()
    await shop.pay(handle)
    await shop.ship(handle)
    await shop.sign(handle)
    await shop.ask(handle, names.HOLD, STOPPED)
    await shop.forward(handle, timedelta(days=30))
    extended = ChangeDeadline(by=OPERATIONS, deadline="T9", extend_by=HOUR, reason="holiday")
    before = await standing(shop, handle, "T9")
    await shop.ask(handle, names.CHANGE_DEADLINE, extended)
    assert await standing(shop, handle, "T9") == before + 3600
    row = await shop.row(handle)
    assert row is not None
    assert row["status"] == "signed"
    await shop.ask(handle, names.UNHOLD, Unhold(by=OPERATIONS))
    await shop.ask(handle, names.CHANGE_DEADLINE, extended.model_copy(update={"extend_by": None}))
    assert await handle.result() == "archived"


async def test_the_clocks_of_its_cases_stop_and_go_on_with_those_of_a_held_order(shop: Shop) -> None:
    desk, handle = CaseDesk(shop), await shop.place()
    case = await desk.open(CaseKind.COMPLAINT, order_no=order_no(handle))
    due = await desk.due(case, "T10")
    await shop.at_rest(handle)
    await shop.ask(handle, names.HOLD, STOPPED)
    await desk.did(case, "case_clocks_stopped")
    later = await desk.open(CaseKind.MISTAKE, order_no=order_no(handle))
    await desk.did(later, "case_clocks_stopped")
    await shop.skipper.fast_forward(case, timedelta(days=3))
    await desk.ask(
        case, names.CHANGE_DEADLINE, ChangeDeadline(by=OPERATIONS, deadline="T10", extend_by=HOUR, reason="x")
    )
    assert (await desk.states(case), await desk.states(later)) == ({"T10": "stopped"}, {"T14": "stopped"})
    row = await desk.row(case)
    assert row is not None
    assert row["due_at"] is None
    await shop.ask(handle, names.UNHOLD, Unhold(by=OPERATIONS))
    await desk.did(case, "case_clocks_go_on")
    went_on = await desk.due(case, "T10") - due
    assert timedelta(0) <= went_on - timedelta(days=3) - HOUR < timedelta(seconds=5)
    await desk.to(case, "T10", SECOND)
    await desk.did(case, "case_deadline_passed")


async def test_the_clocks_of_cases_run_on_when_the_hold_says_so_and_when_a_held_order_ends(shop: Shop) -> None:
    desk, handle = CaseDesk(shop), await shop.place()
    case = await desk.open(CaseKind.COMPLAINT, order_no=order_no(handle))
    await shop.at_rest(handle)
    await shop.ask(handle, names.HOLD, STOPPED.model_copy(update={"clocks": HoldClocks.RUN, "hold": "east"}))
    assert await desk.states(case) == {"T10": "running"}
    await shop.ask(handle, names.HOLD, STOPPED)
    await desk.did(case, "case_clocks_stopped")
    await shop.ask(handle, names.CANCEL, Cancel(by=OPERATIONS, reason="buyer_asked"))
    await desk.did(case, "case_clocks_go_on")
    assert await desk.states(case) == {"T10": "running"}

"""Every T that a workflow waits for, in one table: how it begins, and what is seen when it passes (accident 3)."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.client import WorkflowHandle

from domain.case_shapes import CaseKind, Settlement, Severity
from domain.permissions import Role
from domain.returns import Wish
from models import workflow_names as names
from models.cases import SettleCase
from models.commands import Cancel
from models.notices import LateWatch
from models.order import Policy
from models.returns import DecideReturn
from models.temporal_names import ORDERS
from store import accounts
from store.accounts import Act, NewAccount
from store.pool import Row
from tests.workflows.case_desk import SETTLE, Case, CaseDesk, number_of
from tests.workflows.shop import OPERATIONS, SERVICE, Handle, Shop, order_no
from tests.workflows.test_cases_of_orders import being_picked, shelf, short
from tests.workflows.test_returns import INSPECT, back, found, opened
from tests.workflows.test_returns import signed as signed_for
from tests.workflows.test_review import in_review
from workflows.channel_notices import LateNotices
from workflows.rights import ReviewRights

Living = WorkflowHandle[Any, Any]

BUSY = timedelta(seconds=30)
"""A busy machine takes real seconds from a decision, or a clock's move, to what is on record of it."""


@dataclass(frozen=True)
class Clocked:
    """A workflow whose clocks are asked; ``subject`` is under what its deadlines and acts are recorded."""

    living: Living
    subject: str
    order_no: str | None = None


@dataclass(frozen=True)
class Clocks:
    """One row: ``begin`` brings the clocks about, ``seen`` holds what each shows when it has passed.

    The clocks stand in the order in which they fall. A query is given the order's number, the
    subject and the T, and finds a row when that is so.
    """

    begin: Callable[[CaseDesk], Awaitable[Clocked]]
    seen: dict[str, str]


def of_order(order: Handle) -> Clocked:
    """An order's own clocks."""
    return Clocked(order, f"order:{order_no(order)}", order_no(order))


async def of_case(desk: CaseDesk, case: Case) -> Clocked:
    """A case's clocks."""
    row = await desk.row(case)
    assert row is not None
    return Clocked(case, f"case:{number_of(case)}", row["order_no"])


async def channel_behind(desk: CaseDesk) -> Clocked:
    """A channel that has not heard of a change, for nobody delivers; its watch."""
    shop = desk.shop
    order = await shop.place()
    await shop.ask(order, names.CANCEL, Cancel(by=SERVICE, reason="one change for the channel to hear of"))
    row = await shop.one("SELECT min(changed_at) AS since FROM notices WHERE order_no = %s", order_no(order))
    assert row is not None
    behind = LateWatch(channel="web", policy=Policy(), behind_since=row["since"])
    watch = await shop.skipper.client.start_workflow(LateNotices.run, behind, id="t13-web", task_queue=ORDERS)
    await shop.until(lambda: watching(watch), bool)
    return Clocked(watch, f"order:{order_no(order)}", order_no(order))


async def watching(watch: Living) -> Row | None:
    """Whether the watch's timer stands."""
    return {"timer": True} if (await watch.describe()).history_length >= 5 else None


async def rights_up_for_review(desk: CaseDesk) -> Clocked:
    """One account's rights are up for review."""
    shop = desk.shop
    async with shop.pool.connection() as conn:
        await accounts.create(conn, NewAccount("invented", Role.REVIEWER, "x"), Act(OPERATIONS, datetime.now(UTC)))
    review = await shop.skipper.client.start_workflow(ReviewRights.run, id="review-rights", task_queue=ORDERS)
    row = await shop.until(lambda: shop.one("SELECT subject FROM deadlines WHERE deadline = 'T16'"), bool)
    assert row is not None
    return Clocked(review, row["subject"])


async def promised(desk: CaseDesk) -> Clocked:
    """An unpaid order of a promotion."""
    return of_order(await desk.shop.place(promotion=True))


async def doubted(desk: CaseDesk) -> Clocked:
    """An order before its reviewers."""
    return of_order(await in_review(desk.shop))


async def shipped(desk: CaseDesk) -> Clocked:
    """An order with its carrier."""
    order = await being_picked(desk.shop)
    await desk.shop.ship(order)
    return of_order(order)


async def signed(desk: CaseDesk) -> Clocked:
    """An order whose buyer has signed."""
    return of_order(await signed_for(desk.shop))


def a_case(kind: CaseKind, severity: Severity = Severity.ORDINARY) -> Callable[[CaseDesk], Awaitable[Clocked]]:
    """A case that somebody opens about an order."""

    async def begin(desk: CaseDesk) -> Clocked:
        order = await desk.shop.place()
        return await of_case(desk, await desk.open(kind, severity=severity, order_no=order_no(order), subject="P-1"))

    return begin


async def delayed(desk: CaseDesk) -> Clocked:
    """A shortage that is to be tried again at an agreed date, when the shelf will be full."""
    _, case = await short(desk.shop, desk)
    date = await desk.now(case) + timedelta(days=9)
    agreed = SettleCase(by=SERVICE, settlement=Settlement.DELAY_TO, until=date, reason="buyer_agreed")
    await desk.ask(case, SETTLE, agreed)
    await shelf(desk.shop, 100)
    return await of_case(desk, case)


async def ticket_issued(desk: CaseDesk) -> Clocked:
    """A return whose goods are awaited."""
    case = await opened(desk, await signed_for(desk.shop))
    await desk.ask(case, names.DECIDE_RETURN, DecideReturn(by=SERVICE, accept=True))
    return await of_case(desk, case)


async def exchange_promised(desk: CaseDesk) -> Clocked:
    """An exchange whose goods have passed the inspection."""
    case = await opened(desk, await signed_for(desk.shop), wish=Wish.EXCHANGE)
    await back(desk, case)
    await desk.ask(case, INSPECT, found())
    await desk.did(case, "case_replacement_ordered")
    return await of_case(desk, case)


STATUS = "SELECT 1 FROM orders WHERE order_no = %(order_no)s AND status = "
LET_GO = "AND NOT EXISTS (SELECT FROM reservations WHERE order_no = %(order_no)s AND state = 'held')"
ALERT = "SELECT 1 FROM alerts WHERE kind = %(deadline)s AND department = "
ABOUT = " AND text LIKE '%%' || split_part(%(subject)s, ':', 2) || '%%'"
OPERATIONS_HAVE_IT = (
    f"{ALERT}'operations'{ABOUT} AND EXISTS (SELECT FROM cases WHERE 'case:' || case_no = %(subject)s"
    " AND escalated_to = 'operations' AND settlement IS NULL)"
)

TABLE: Sequence[Clocks] = (
    # The watch looks at the oldest change of its channel, so this order comes before all others.
    Clocks(channel_behind, {"T13": f"{ALERT}'operations'"}),
    # It empties the shelf and fills it again, for all who come after.
    Clocks(delayed, {"T19": f"{STATUS}'picking'"}),
    Clocks(promised, {"T2P": f"{STATUS}'awaiting_payment' {LET_GO}", "T1": f"{STATUS}'cancelled' {LET_GO}"}),
    Clocks(doubted, {"T2": f"{ALERT}'reviewer'{ABOUT}", "T3": f"{ALERT}'operations'{ABOUT}"}),
    Clocks(a_case(CaseKind.PARCEL_EXCEPTION), {"T5": OPERATIONS_HAVE_IT}),
    Clocks(shipped, {"T6": "SELECT 1 FROM cases WHERE order_no = %(order_no)s AND kind = 'parcel_exception'"}),
    Clocks(a_case(CaseKind.SIGNATURE_DISPUTE), {"T7": OPERATIONS_HAVE_IT}),
    Clocks(exchange_promised, {"T8": f"{ALERT}'finance'{ABOUT}"}),
    # Nothing is open, so the end of the window archives the order at once (T18).
    Clocks(signed, {"T9": f"{STATUS}'archived'"}),
    Clocks(a_case(CaseKind.COMPLAINT), {"T10": OPERATIONS_HAVE_IT}),
    Clocks(a_case(CaseKind.COMPLAINT, Severity.MAJOR), {"T11": OPERATIONS_HAVE_IT, "T12": OPERATIONS_HAVE_IT}),
    Clocks(a_case(CaseKind.MISTAKE), {"T14": OPERATIONS_HAVE_IT}),
    Clocks(a_case(CaseKind.CROSS_DEPARTMENT), {"T15": OPERATIONS_HAVE_IT}),
    Clocks(rights_up_for_review, {"T16": f"{ALERT}'operations'{ABOUT}"}),
    Clocks(ticket_issued, {"T20": "SELECT 1 FROM returns WHERE 'case:' || case_no = %(subject)s AND state = 'lapsed'"}),
)


@dataclass(frozen=True)
class Clock:
    """One T of one living workflow, the instant at which it falls, and whether others fall after it."""

    of: Clocked
    deadline: str
    due: datetime
    seen: str
    last: bool


async def begun(desk: CaseDesk, table: Sequence[Clocks] = TABLE) -> list[Clock]:
    """All of them running, one after another."""
    clocks = []
    for row in table:
        clocked = await row.begin(desk)
        for one, seen in row.seen.items():
            falls = await due(desk.shop, clocked, one)
            clocks.append(Clock(clocked, one, falls, seen, last=one == list(row.seen)[-1]))
    return clocks


async def due(shop: Shop, clocked: Clocked, deadline: str) -> datetime:
    """When it falls: as its row has it, or for T13 from the change that the channel has not heard of."""
    known = "SELECT due_at FROM deadlines WHERE subject = %s AND deadline = %s AND state = 'running'"
    since = "SELECT min(changed_at) + interval '15 min' AS due_at FROM notices WHERE order_no = %s"
    if deadline == "T13":
        row = await shop.one(since, clocked.order_no)
    else:
        row = await shop.until(lambda: shop.one(known, clocked.subject, deadline), bool)
    assert row is not None, f"{deadline} is not running"
    falls: datetime = row["due_at"]
    return falls


async def passings(shop: Shop, clock: Clock) -> list[Row]:
    """Every act on record that this clock did to this subject, and to the record of rights."""
    chain = "rights" if clock.deadline == "T16" else clock.of.subject
    query = "SELECT act, at FROM audit_entries WHERE subject = %s AND actor = %s AND role = 'clock' ORDER BY id"
    return await shop.all(query, chain, clock.deadline)


async def is_seen(shop: Shop, clock: Clock) -> Row | None:
    """Whether the table's promise of what happens at this T stands."""
    values = {"order_no": clock.of.order_no, "subject": clock.of.subject, "deadline": clock.deadline}
    async with shop.pool.connection() as conn:
        return await (await conn.execute(clock.seen.encode(), values)).fetchone()


async def nothing_yet(shop: Shop, clock: Clock) -> None:
    """It has neither passed nor done anything. Whoever looks too late for that has seen nothing."""
    acts, seen = await passings(shop, clock), await is_seen(shop, clock)
    if await shop.skipper.get_current_time(clock.of.living) < clock.due:
        assert (acts, seen) == ([], None), f"{clock.deadline} came early"


async def has_passed(shop: Shop, clock: Clock, within: timedelta) -> None:
    """It has done what the table says, once, neither early nor later than ``within``; its row keeps its instant."""
    await shop.until(lambda: is_seen(shop, clock), bool)
    acts = await shop.until(lambda: passings(shop, clock), bool)
    assert Counter(act["act"] for act in acts).most_common(1)[0][1] == 1, f"{clock.deadline} passed twice: {acts}"
    act = acts[0]
    assert clock.due <= act["at"] < clock.due + within, f"{clock.deadline} passed at {act['at']}, due {clock.due}"
    if clock.deadline != "T13":
        row = await shop.one(
            "SELECT state, due_at, ended_at FROM deadlines WHERE subject = %s AND deadline = %s",
            *(clock.of.subject, clock.deadline),
        )
        assert row == {"state": "passed", "due_at": clock.due, "ended_at": act["at"]}


async def move_to(shop: Shop, living: Living, instant: datetime) -> None:
    """Move this workflow's clock to the instant, and nothing else's."""
    now = await shop.skipper.get_current_time(living)
    if instant > now:
        await shop.skipper.fast_forward(living, instant - now)


async def falls_on_deaf_ears(shop: Shop, clock: Clock) -> None:
    """Its instant has come, Temporal has put it before a worker, and there is none."""
    for _ in range(500):
        told = (await clock.of.living.describe()).raw_description.HasField("pending_workflow_task")
        if told and await shop.skipper.get_current_time(clock.of.living) >= clock.due:
            assert await passings(shop, clock) == []
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"{clock.deadline} never fell")


async def each(clocks: Sequence[Clock], ask: Callable[[Clock], Awaitable[None]]) -> None:
    """Ask all clocks: those of one workflow in the order in which they fall, the workflows beside each other."""
    of: dict[str, list[Clock]] = {}
    for clock in clocks:
        of.setdefault(clock.of.living.id, []).append(clock)

    async def in_turn(one: Sequence[Clock]) -> None:
        for clock in one:
            await ask(clock)

    await asyncio.gather(*[in_turn(one) for one in of.values()])

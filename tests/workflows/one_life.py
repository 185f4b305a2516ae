"""One order's life as a sequence of things that happen to it; at its end the books must agree (accident 9)."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.client import WorkflowHandle
from temporalio.common import WorkflowIDReusePolicy
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from domain.case_shapes import CaseKind
from models import workflow_names as names
from models.commands import Approve, Command, RetryStock
from models.news import CarrierNews, CarrierState, ChannelCancelled, ParcelPacked, ShortPick, WrongGoods
from models.order import Line, workflow_id
from models.payments import LateMoney
from models.returns import Application
from models.temporal_names import ORDERS
from tests.workflows.answers import answered, over
from tests.workflows.any_message import NEWEST, ONLY_SIGNALS, ONLY_UPDATES, TOTAL
from tests.workflows.auditor import books_agree
from tests.workflows.case_desk import Case, CaseDesk
from tests.workflows.shop import CHECKER, OPERATIONS, PICKER, REVIEWER, Handle, Shop, captured, number_of, order_no
from worker import WORKFLOWS
from workflows.order import OrderWorkflow

SECOND = timedelta(seconds=1)
REPLAYER = Replayer(
    workflows=WORKFLOWS,
    data_converter=pydantic_data_converter,
    workflow_runner=UnsandboxedWorkflowRunner(),
    debug_mode=True,
)
_LIVES = itertools.count(1)
_EVENTS = itertools.count(1)


@dataclass
class Life:
    """An order of goods of its own, and its cases."""

    shop: Shop
    sku: str
    order: Handle

    @classmethod
    async def begun(cls, shop: Shop, shelf: int, **terms: Any) -> Life:
        """Place an order for two pieces and one; ``shelf`` of the first are there."""
        sku = f"TEA-{next(_LIVES)}"
        await shop.stock_up(sku, shelf)
        await shop.stock_up(f"CUP-{sku}", 5)
        tea = Line(line_no=1, sku=sku, title="Tea", quantity=2, unit_price=9_000)
        cup = Line(line_no=2, sku=f"CUP-{sku}", title="Cup", quantity=1, unit_price=1_900)
        return cls(shop, sku, await shop.place(lines=(tea, cup), total=TOTAL, **terms))

    @property
    def desk(self) -> CaseDesk:
        """The desk of its cases."""
        return CaseDesk(self.shop)

    # --- people -----------------------------------------------------------------

    async def ask(self, name: str, command: Command, *, by_signal: bool) -> None:
        """Somebody asks something of the order: it is done, refused with a rule's name, or the order is over."""
        command = await self.filled(command)
        with answered():
            if name in ONLY_SIGNALS or (by_signal and name not in ONLY_UPDATES):
                await self.order.signal(name, command)
            else:
                await self.shop.ask(self.order, name, command)

    async def filled(self, command: Command) -> Command:
        """The command with the numbers that only the order knows."""
        row = await self.shop.one(_NEWEST, order_no(self.order))
        assert row is not None
        known = {name: row[name] or "none" for name, value in command if value == NEWEST}
        return command.model_copy(update=known)

    async def open(self, kind: CaseKind, goods: Application) -> None:
        """Somebody opens a case of the order."""
        of_kind = {"goods": goods} if kind is CaseKind.RETURN else {}
        await self.desk.open(kind, order_no=order_no(self.order), **of_kind)

    async def ask_case(self, which: int, name: str, command: Command) -> None:
        """Somebody asks something of one of its cases."""
        cases = await self.cases()
        if cases:
            with answered():
                await self.desk.ask(cases[which % len(cases)], name, command)

    async def cases(self) -> list[Case]:
        """Every case of the order, the oldest first."""
        rows = await self.shop.all(
            "SELECT case_no FROM cases WHERE order_no = %s ORDER BY opened_at, case_no", order_no(self.order)
        )
        return [self.desk.handle(row["case_no"]) for row in rows]

    # --- the world --------------------------------------------------------------

    async def paid(self, times: int = 1) -> None:
        """The buyer pays, if the provider still lets them; after the end it is dealt with as by the inbox."""
        if (await self.bank())["status"] == "none":
            return
        await self.shop.outside.post(f"/control/stripe/payment_intents/pi_{number_of(self.order)}/pay", json=UNTOLD)
        if (await self.bank())["status"] != "succeeded":
            return
        notice = captured(number_of(self.order), TOTAL)
        for _ in range(times):
            try:
                await self.order.signal(names.PAYMENT, notice)
            except RPCError as error:
                over(error)
                await self.paid_late(LateMoney(order_no=self.number, news=notice))

    async def paid_late(self, late: LateMoney) -> None:
        """Money for an order that is over: once for each notice."""
        with suppress(WorkflowAlreadyStartedError):
            await self.shop.skipper.client.execute_workflow(
                names.LATE_MONEY_WORKFLOW,
                late,
                id=f"late-money-{self.number}-{late.news.event_id}",
                task_queue=ORDERS,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            )

    async def bank(self) -> dict[str, Any]:
        """The payment as the provider knows it; one that was never there, where nothing is paid online."""
        intents = (await self.shop.outside.get("/control/stripe/payment_intents")).json()
        of_order = (one for one in intents if one["id"] == f"pi_{number_of(self.order)}")
        return next(of_order, {"status": "none", "refunds": []})

    async def packed(self) -> None:
        """Every parcel of the order is packed, whether or not that makes sense now."""
        for parcel in await self.parcels():
            await self.news(names.PACKED, {**_PACKED, "parcel_no": parcel["parcel_no"]}, ParcelPacked)

    async def carried(self, state: CarrierState) -> None:
        """The carrier says something of every parcel it knows of."""
        for parcel in await self.parcels():
            if parcel["tracking_no"]:
                numbers = {"parcel_no": parcel["parcel_no"], "tracking_no": parcel["tracking_no"]}
                event = {"event_id": f"e{next(_EVENTS)}", "state": state, "code": state, "at": datetime.now(UTC)}
                await self.news(names.CARRIER, {**numbers, **event}, CarrierNews)

    async def short(self) -> None:
        """A picker finds a piece less than there should be."""
        await self.news(
            names.SHORT_PICK, {"task_no": f"{self.number}-T1", "sku": self.sku, "missing": 1, "by": PICKER}, ShortPick
        )

    async def recounted(self) -> None:
        """The recheck counts other goods."""
        await self.news(
            names.WRONG_GOODS, {"task_no": f"{self.number}-T1", "picker": "picker-1", "by": CHECKER}, WrongGoods
        )

    async def cancelled_there(self) -> None:
        """The channel cancels."""
        known = {"event_id": f"e{next(_EVENTS)}", "channel": "web", "reason": "buyer", "at": datetime.now(UTC)}
        await self.news(names.CHANNEL_CANCELLED, known, ChannelCancelled)

    async def news(self, name: str, known: Mapping[str, Any], shape: type[Any]) -> None:
        """Tell the order; one that is over does not hear it."""
        with answered():
            await self.order.signal(name, shape(**known))

    async def shelved(self) -> None:
        """Five more pieces of each come in."""
        for sku in (self.sku, f"CUP-{self.sku}"):
            row = await self.shop.one("SELECT sum(on_hand)::int AS there FROM stock_items WHERE sku = %s", sku)
            assert row is not None
            await self.shop.shelve(sku, row["there"] + 5)

    async def parcels(self) -> list[dict[str, Any]]:
        """The order's parcels."""
        return await self.shop.all("SELECT * FROM parcels WHERE order_no = %s ORDER BY parcel_no", self.number)

    @property
    def number(self) -> str:
        """The order's number."""
        return order_no(self.order)

    # --- time -------------------------------------------------------------------

    async def later(self, by: timedelta) -> None:
        """Time goes by for the order."""
        await self.at_rest()
        await self.move(by)

    async def move(self, by: timedelta) -> None:
        """Move the order's clock. Now and then the server does not: then less time goes by, and life goes on."""
        with answered(), suppress(TimeoutError):
            await asyncio.wait_for(self.shop.forward(self.order, by), 5)

    async def to_next_deadline(self, offset: timedelta) -> None:
        """It becomes the instant of the order's next deadline, or a second beside it."""
        await self.at_rest()
        row = await self.shop.one(
            "SELECT min(due_at) AS due FROM deadlines WHERE subject = %s AND state = 'running'", f"order:{self.number}"
        )
        now = await self.shop.skipper.get_current_time(self.order)
        if row is not None and row["due"] is not None and (ahead := row["due"] + offset - now) > timedelta(0):
            await self.move(ahead)

    async def goes_well(self) -> None:
        """What is best for the order happens next, so that some lives come to a good end."""
        await self.at_rest()
        row = await self.shop.row(self.order)
        assert row is not None
        await GOOD_NEWS.get(row["status"], Life.at_rest)(self)

    async def approved(self) -> None:
        """A reviewer lets it go."""
        await self.ask(names.APPROVE, Approve(by=REVIEWER), by_signal=False)

    async def supplied(self) -> None:
        """What is missing comes in, and the order is told."""
        await self.shelved()
        await self.ask(names.RETRY_STOCK, RetryStock(by=OPERATIONS), by_signal=False)

    # --- the end ----------------------------------------------------------------

    async def at_rest(self) -> None:
        """The order, its cases and what was sent in its place have heard of everything."""
        everybody: list[WorkflowHandle[Any, Any]] = [self.order, *await self.cases(), *await self.replacements()]
        for living in everybody:
            await self.shop.at_rest(living)

    async def jam(self) -> str:
        """What keeps the order and its cases from coming to rest."""
        waiting = []
        everybody: list[WorkflowHandle[Any, Any]] = [self.order, *await self.cases()]
        for living in everybody:
            now = (await living.describe()).raw_description
            waiting += [
                f"{living.id}: {one.activity_type.name} {one.last_failure.message}" for one in now.pending_activities
            ]
            if now.HasField("pending_workflow_task"):
                waiting.append(f"{living.id}: workflow task, attempt {now.pending_workflow_task.attempt}")
        return "; ".join(waiting) or "nothing"

    async def replacements(self) -> list[Handle]:
        """The orders that were sent in place of this one."""
        rows = await self.shop.all("SELECT order_no FROM orders WHERE order_no LIKE %s", f"{self.number}-R%")
        client = self.shop.skipper.client
        return [client.get_workflow_handle_for(OrderWorkflow.run, workflow_id(row["order_no"])) for row in rows]

    async def agrees(self) -> None:
        """Order, payments, stock, ledger, workflow and provider say the same, and the history replays."""
        await self.at_rest()
        await books_agree(self.shop, self.provider_differs)
        await REPLAYER.replay_workflow(await self.order.fetch_history())

    async def provider_differs(self) -> list[str]:
        """What the provider gave back, beside what the ledger says went back by it."""
        entry = "SELECT coalesce(sum(amount), 0)::int AS sum FROM payment_entries WHERE order_no = %s AND kind = %s"
        known = await self.shop.money(self.order)
        elsewhere = await self.shop.one(entry, self.number, "compensated")
        assert elsewhere is not None
        there = sum(one["amount"] for one in (await self.bank())["refunds"])
        return [] if there == known[1] - elsewhere["sum"] else [f"provider gave back {there}, ledger says {known[1]}"]


GOOD_NEWS: Mapping[str, Callable[[Life], Awaitable[None]]] = {
    "awaiting_payment": Life.paid,
    "manual_review": Life.approved,
    "shortage": Life.supplied,
    "picking": Life.packed,
    "packed": lambda life: life.carried(CarrierState.PICKED_UP),
    "partly_shipped": lambda life: life.carried(CarrierState.PICKED_UP),
    "shipped": lambda life: life.carried(CarrierState.SIGNED),
    "partly_signed": lambda life: life.carried(CarrierState.SIGNED),
    "signed": lambda life: life.to_next_deadline(timedelta(0)),
}

UNTOLD = {"times": 0}
_PACKED = {"task_no": "by hand", "picker": PICKER, "rechecker": CHECKER, "packaging": "standard", "weight_g": 700}

_NEWEST = """
SELECT o.contact_id,
    (SELECT parcel_no FROM parcels p WHERE p.order_no = o.order_no ORDER BY 1 LIMIT 1) AS parcel_no,
    (SELECT refund_id FROM refunds r WHERE r.order_no = o.order_no ORDER BY asked_at DESC LIMIT 1) AS refund_id
FROM orders o WHERE o.order_no = %s
"""

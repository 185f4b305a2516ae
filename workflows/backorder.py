"""What ships later: the order goes on with what is there, and the rest follows in parcels of its own (R9).

``state.backorder`` says which pieces are still missing. The shortage case stays open beside the
order, holds the agreed date (T19), and asks for the stock again when it comes.
"""

from __future__ import annotations

from domain import sayings
from domain.case_reasons import pieces_missing
from domain.case_shapes import CaseKind, OrderOutcome
from domain.errors import NotWaitingForThis
from domain.order_status import OrderStatus, both_names
from models.commands import Command, ShipRest
from models.news import ShortPick
from models.state import OrderState, Parcel, StockState
from models.steps import Alert, LetGoParcel, ReleaseToWarehouse
from workflows import calls, delivery, open_cases, stock
from workflows.life import Life

IN_THE_WAREHOUSE = frozenset({OrderStatus.PICKING, OrderStatus.PACKED, OrderStatus.PARTLY_SHIPPED})


def check(state: OrderState, _command: ShipRest) -> None:
    """An order that is short; one paid at the door is asked there for what comes, each time (R9, R14)."""
    if state.status is not OrderStatus.SHORTAGE:
        raise NotWaitingForThis(f"the order is {both_names(state.status)}, not short")


async def ship_rest(order: Life, command: ShipRest) -> None:
    """Set aside what is there and go on with it; what is missing waits for its date (T19)."""
    result = await stock.try_again(order, command, partly=True)
    if not result.warehouses:
        await open_cases.cannot_settle(order, f"nothing is there to ship: {stock.missing_of(result)}")
        return
    order.state.stock = StockState.RESERVED
    order.state.short_skus = [line.sku for line in result.short]
    order.state.backorder = {line.sku: line.wanted - line.available for line in result.short}
    await stock.go_on(order, command.by, why=f"ships later: {stock.missing_of(result)}" if result.short else "")


async def retry(order: Life, command: Command) -> None:
    """Try the stock for all that ships later; with it in hand it gets parcels of its own."""
    result = await stock.try_again(order, command)
    if result.short:
        why = f"still no stock of {stock.missing_of(result)}"
        await open_cases.tell(order, CaseKind.SHORTAGE, OrderOutcome.STILL_SHORT, why=why)
        return
    await changed(order, {}, come=True)


async def changed(order: Life, later: dict[str, int], *, come: bool) -> None:
    """What ships later is less now, or nothing any more; ``come``: goods were set aside that need parcels."""
    order.state.backorder = later
    if come:
        await more_parcels(order)
    if later:
        waiting = ", ".join(sorted(later))
        await open_cases.tell(order, CaseKind.SHORTAGE, OrderOutcome.STILL_SHORT, why=f"still waits for {waiting}")
        return
    await open_cases.tell(order, CaseKind.SHORTAGE, OrderOutcome.WENT_ON, why="nothing is missing any more")
    to = delivery.status_of(order) if order.status is OrderStatus.PARTLY_SHIPPED else None
    if to is not None:
        await calls.take_step(order.step("nothing_ships_later", to=to))


async def more_parcels(order: Life) -> None:
    """Pick tasks for goods that were set aside after the others; before the release they are simply part of it."""
    if order.status not in IN_THE_WAREHOUSE:
        return
    step = order.step("more_released_to_warehouse")
    tasks = await calls.release_to_warehouse(ReleaseToWarehouse(step=step, later=order.state.backorder))
    order.state.parcels += [Parcel(parcel_no=number, warehouse=warehouse) for number, warehouse in tasks.parcels]


async def fell_short(order: Life, news: ShortPick) -> None:
    """A parcel fell short while others of the order are packed or gone: only its goods are missing again (R9)."""
    why = pieces_missing(news.sku, news.missing)
    alert = Alert.to("operations", sayings.short_pick(order.state.order.order_no, news.sku, news.missing))
    details: dict[str, str | int | bool | None] = {"sku": news.sku, "missing": news.missing, "task": news.task_no}
    step = order.step("short_pick", by=news.by, why=why.text, alert=alert, details=details)
    given_up = await calls.let_go_parcel(LetGoParcel(step=step, task_no=news.task_no))
    order.state.parcels = [one for one in order.state.parcels if one.parcel_no != given_up.parcel_no]
    for sku, pieces in given_up.pieces.items():
        order.state.backorder[sku] = order.state.backorder.get(sku, 0) + pieces
    if open_cases.is_open(order, CaseKind.SHORTAGE):
        await open_cases.cannot_settle(order, why.text)
    elif given_up.pieces:
        await open_cases.open_case(order, CaseKind.SHORTAGE, why=why, skus=sorted(given_up.pieces))


async def again(order: Life) -> None:
    """All of the order is short again: nothing ships later any more, it is settled anew (R9)."""
    if order.state.backorder:
        order.state.backorder = {}
        await open_cases.cannot_settle(order, "the goods that were there are short, too")

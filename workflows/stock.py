"""Stock that had to be let go, or was never there (R9, R28)."""

from __future__ import annotations

from domain.order_status import OrderStatus
from models.base import Actor
from models.commands import Command
from models.state import StockState
from models.steps import Alert, Reserved, ReserveStock
from workflows import amending, backorder, calls, holding, open_cases
from workflows.life import Life


def note(order: Life, result: Reserved) -> None:
    """Remember what a reservation came to."""
    state = order.state
    state.short_skus = [line.sku for line in result.short if line.known]
    state.unknown_skus = [line.sku for line in result.short if not line.known]
    if not result.short:
        state.stock = StockState.RESERVED
    else:
        state.stock = StockState.UNKNOWN_SKU if state.unknown_skus else StockState.SHORT


async def reserve_again(order: Life, command: Command | None = None) -> bool:
    """Reserve all lines or none; if there is too little, the order is short and people are told (R28)."""
    result = await calls.reserve_stock(ReserveStock(step=order.step("stock_tried_again", command=command)))
    await holding.fall_under(order, result)
    if result.short:
        await tell_shortage(order, result)
    else:
        note(order, result)
    return order.reserved


async def tell_shortage(order: Life, result: Reserved) -> None:
    """There is too little: the order is short, and operations are told at once (R9)."""
    note(order, result)
    if order.status is OrderStatus.SHORTAGE:
        return
    await backorder.again(order)
    why = "no stock of " + ", ".join(order.state.short_skus + order.state.unknown_skus)
    alert = Alert(department="operations", kind="shortage", text=f"缺貨預警 {order.state.order.order_no}: {why}")
    await calls.take_step(order.step("shortage", to=OrderStatus.SHORTAGE, why=why, alert=alert))


async def retry(order: Life, command: Command) -> None:
    """Someone asks to try the stock again; with goods set aside the order goes on where it was."""
    if order.state.backorder:
        await backorder.retry(order, command)
    elif await reserve_again(order, command):
        await go_on(order, command.by)
    else:
        await open_cases.still_short(order)


async def go_on(order: Life, by: Actor, why: str = "") -> None:
    """Goods are set aside: the order goes on from where it became short."""
    onward = OrderStatus.APPROVED if order.state.approved else OrderStatus.PAID
    await calls.take_step(order.step("stock_found", to=onward, by=by, why=why))


def missing_of(result: Reserved) -> str:
    """``2 × TEA``: what is short, and by how much."""
    return amending.listed({line.sku: line.wanted - line.available for line in result.short})


async def secure(order: Life) -> None:
    """Wait out a shortage: until stock is found, or the order is cancelled and the money goes back (R9)."""
    await open_cases.shortage(order)
    await order.until(lambda: order.status is not OrderStatus.SHORTAGE)
    await open_cases.shortage_over(order)

"""An order that is short of goods: it waits, and people settle with the buyer (R9, R28)."""

from __future__ import annotations

from domain import sayings
from domain.case_reasons import no_stock
from domain.order_status import OrderStatus
from models.commands import Command
from models.steps import Alert, Reserved
from workflows import backorder, calls, open_cases, stock
from workflows.life import Life


async def reserve_again(order: Life, command: Command | None = None) -> bool:
    """Reserve all lines or none; if there is too little, the order is short and people are told (R28)."""
    result = await stock.try_again(order, command)
    if result.short:
        await tell_shortage(order, result)
    else:
        stock.note(order, result)
    return order.reserved


async def tell_shortage(order: Life, result: Reserved) -> None:
    """There is too little: the order is short, and operations are told at once (R9)."""
    stock.note(order, result)
    if order.status is OrderStatus.SHORTAGE:
        return
    await backorder.again(order)
    skus = order.state.short_skus + order.state.unknown_skus
    alert = Alert.to("operations", sayings.no_stock(order.state.order.order_no, skus))
    await calls.take_step(order.step("shortage", to=OrderStatus.SHORTAGE, why=no_stock(skus).text, alert=alert))


async def retry(order: Life, command: Command) -> None:
    """Someone asks to try the stock again; with goods set aside the order goes on where it was."""
    if order.state.backorder:
        await backorder.retry(order, command)
    elif await reserve_again(order, command):
        await stock.go_on(order, command.by)
    else:
        await open_cases.still_short(order)


async def secure(order: Life) -> None:
    """Wait out a shortage: until stock is found, or the order is cancelled and the money goes back (R9)."""
    await open_cases.shortage(order)
    await order.until(lambda: order.status is not OrderStatus.SHORTAGE)
    await open_cases.shortage_over(order)

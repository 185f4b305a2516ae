"""The goods of an order, set aside again, and what came of it (R5, R9, R28)."""

from __future__ import annotations

from domain.order_status import OrderStatus
from models.base import Actor
from models.commands import Command
from models.state import StockState
from models.steps import Reserved, ReserveStock
from workflows import calls, holding
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


async def try_again(order: Life, command: Command | None = None, *, partly: bool = False) -> Reserved:
    """Set aside all that is missing, with ``partly`` what is there; an emergency there holds the order (R25)."""
    step = order.step("stock_tried_again", command=command)
    result = await calls.reserve_stock(ReserveStock(step=step, partly=partly))
    await holding.fall_under(order, result)
    return result


async def go_on(order: Life, by: Actor, why: str = "") -> None:
    """Goods are set aside: the order goes on from where it became short."""
    onward = OrderStatus.APPROVED if order.state.approved else OrderStatus.PAID
    await calls.take_step(order.step("stock_found", to=onward, by=by, why=why))


def missing_of(result: Reserved) -> str:
    """``2 × TEA``: what is short, and by how much."""
    return listed({line.sku: line.wanted - line.available for line in result.short})


def listed(pieces: dict[str, int]) -> str:
    """``2 × TEA, 1 × CUP``."""
    return ", ".join(f"{count} × {sku}" for sku, count in sorted(pieces.items()))

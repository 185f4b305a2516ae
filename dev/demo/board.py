"""The board: one reader of the list of orders, shared by everything that waits or shows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from dev.demo.desk import Desk, NoAnswer
from dev.demo.rounds import rounds
from domain.money import PaymentStatus
from domain.order_status import OrderStatus

PAGE = 100


@dataclass(frozen=True)
class Seen:
    """An order as the list shows it."""

    order_no: str
    channel: str
    status: OrderStatus
    payment: PaymentStatus
    waits_for: str


class Board:
    """Reads the newest orders again and again; :meth:`until` waits for one to look as wanted."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._seen: dict[str, Seen] = {}
        self._news = asyncio.Condition()

    async def watch(self) -> None:
        """Keep the board up to date until cancelled."""
        async for _ in rounds():
            # Those who wait have a time limit of their own.
            with suppress(NoAnswer):
                await self._look()

    def seen(self, order_no: str) -> Seen | None:
        """The order as it was last read; None if it is not in the list yet."""
        return self._seen.get(order_no)

    async def until(self, order_no: str, wanted: Callable[[Seen], bool]) -> Seen:
        """Wait until the order is there and looks as wanted."""
        async with self._news:
            await self._news.wait_for(lambda: (there := self.seen(order_no)) is not None and wanted(there))
        return self._seen[order_no]

    async def _look(self) -> None:
        items = await self._desk.newest_orders(PAGE)
        async with self._news:
            for item in items:
                self._seen[item["order_no"]] = Seen(
                    order_no=item["order_no"],
                    channel=item["channel"],
                    status=OrderStatus(item["status"]["code"]),
                    payment=PaymentStatus(item["payment_status"]["code"]),
                    waits_for=f"{item['waits_for_zh']} {item['waits_for']}",
                )
            self._news.notify_all()

"""What a sample order is: how it is placed, what happens to it, and how it must end."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from temporalio.client import Client

from dev.demo.board import Board
from dev.demo.books import Books
from dev.demo.desk import Desk
from dev.demo.outside import Outside
from dev.time_machine import TimeMachine
from domain.money import PaymentStatus
from domain.order_status import OrderStatus
from models.order import order_number

DOORS = 6
"""How many orders come in at the same moment: concurrent, but no flood on a small machine."""


class WentWrong(Exception):
    """Something on the way of a sample order was not as it should be; the text says what."""


@dataclass(frozen=True)
class Ending:
    """How an order must end: its status and what its money comes to (R3)."""

    status: OrderStatus
    payment: PaymentStatus

    def __str__(self) -> str:
        return f"{self.status} / {self.payment}"


ARCHIVED_PAID = Ending(OrderStatus.ARCHIVED, PaymentStatus.PAID)
ARCHIVED_REFUNDED = Ending(OrderStatus.ARCHIVED, PaymentStatus.REFUNDED)
ARCHIVED_PARTLY_REFUNDED = Ending(OrderStatus.ARCHIVED, PaymentStatus.PARTLY_REFUNDED)
ARCHIVED_FREE = Ending(OrderStatus.ARCHIVED, PaymentStatus.NOTHING_DUE)
CANCELLED_UNPAID = Ending(OrderStatus.CANCELLED, PaymentStatus.UNPAID)
CANCELLED_REFUNDED = Ending(OrderStatus.CANCELLED, PaymentStatus.REFUNDED)
REJECTED_REFUNDED = Ending(OrderStatus.REJECTED, PaymentStatus.REFUNDED)
INTERCEPTED_UNPAID = Ending(OrderStatus.INTERCEPTED, PaymentStatus.UNPAID)
INTERCEPTED_REFUNDED = Ending(OrderStatus.INTERCEPTED, PaymentStatus.REFUNDED)


@dataclass(frozen=True)
class Stage:
    """What all sample orders of one run share. ``stamp`` is the run's, part of every order id."""

    stamp: str
    desk: Desk
    outside: Outside
    board: Board
    books: Books
    machine: TimeMachine
    temporal: Client
    cues: defaultdict[str, asyncio.Event] = field(default_factory=lambda: defaultdict(asyncio.Event))
    doors: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(DOORS))


@dataclass
class Scene:
    """One sample order being played."""

    scenario: Scenario
    stage: Stage
    order: dict[str, Any] = field(default_factory=dict)
    """The message that placed it, as it was sent."""
    case_no: str = ""
    """The case that is open over it, if there is one."""

    @property
    def channel_order_id(self) -> str:
        """Carries the run's stamp: a second run on the same data has orders of its own."""
        if self.scenario.channel == "shopify":
            return str(self.shopify_id)
        return f"{self.stage.stamp}-{self.scenario.name}"

    @property
    def shopify_id(self) -> int:
        """Shopify's ids are numbers: the stamp's digits and the scenario's place in the programme."""
        return int(f"{self.stage.stamp}{self.scenario.number:03d}")

    @property
    def order_no(self) -> str:
        """The order's one number, known before it is placed."""
        return order_number(self.scenario.channel, self.channel_order_id)

    @property
    def payment(self) -> str:
        """The payment's id at Stripe."""
        return f"pi_demo_{self.stage.stamp}_{self.scenario.name.replace('-', '_')}"


Act: TypeAlias = Callable[[Scene], Awaitable[None]]


@dataclass(frozen=True)
class Scenario:
    """One way an order can go: ``place`` brings it in, ``acts`` are what then happens to it.

    ``number`` is its place in the programme.
    """

    name: str
    channel: str
    shows: str
    place: Act
    acts: tuple[Act, ...]
    ends: Ending
    number: int = 0

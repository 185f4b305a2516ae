"""Reading the mail: each kind of letter has its reader, in one table."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any

from domain.case_shapes import OrderOutcome
from domain.errors import OrderRuleError
from domain.order_status import BEFORE_HAND_OVER, OrderStatus
from models.base import SYSTEM, Actor
from models.cases import ASKED_BY_CASE, CaseClosed, CaseOpened
from models.commands import Command, Done, RefundOrder, Unheard, Unsigned
from models.news import (
    CarrierNews,
    ChannelCancelled,
    ParcelPacked,
    ParcelSplit,
    PaymentEvent,
    PaymentNews,
    ShortPick,
    WrongGoods,
)
from models.refunds import RefundHeard
from workflows import calls, decisions, delivery, fulfilment, open_cases, payment, refunding
from workflows.life import Letter, Life
from workflows.refusals import UNHEARD, UNSIGNED

REMEMBERED = 200
"""How many handled keys travel with an order: far more than the letters one order gets."""


async def read(order: Life, letter: Letter) -> None:
    """Deal with one letter: a command is answered, news is taken in."""
    if isinstance(letter.content, Command):
        await answer(order, letter, letter.content)
    elif isinstance(letter.content, Unsigned):
        await calls.take_step(order.step("refused_unsigned", by=SYSTEM, why=UNSIGNED))
    elif isinstance(letter.content, Unheard):
        await calls.take_step(order.step("refused_unheard", by=SYSTEM, why=UNHEARD))
    else:
        await NEWS[type(letter.content)](order, letter.content)


async def answer(order: Life, letter: Letter, command: Command) -> None:
    """Carry a command out, or say which rule forbids it; the same key is carried out once."""
    if command.key not in order.state.handled:
        try:
            decisions.check(order.state, command)
            await decisions.carry_out(order, command)
        except OrderRuleError as error:
            await refuse(order, letter, command, error)
            return
        remember(order, command)
    if letter.answer is not None:
        letter.answer.set_result(Done(order_no=order.state.order.order_no, status=str(order.status)))


async def refuse(order: Life, letter: Letter, command: Command, error: OrderRuleError) -> None:
    """Someone who waits is told; a signal has nobody waiting, so its refusal goes on record (R23)."""
    if letter.answer is not None:
        letter.answer.set_exception(error)
        return
    act = f"refused_{type(command).__name__.lower()}"
    await calls.take_step(order.step(act, by=command.by, why=str(error)))
    if isinstance(command, RefundOrder):
        # The case that asked waits for the money.
        await open_cases.tell_case(order, command.cause, OrderOutcome.NOT_REFUNDED, why=str(error))
    elif command.key.startswith(ASKED_BY_CASE):
        await open_cases.cannot_settle(order, str(error))


def remember(order: Life, command: Command) -> None:
    """Keep the key, the oldest going first."""
    if not command.key:
        return
    order.state.handled[command.key] = str(order.status)
    while len(order.state.handled) > REMEMBERED:
        order.state.handled.pop(next(iter(order.state.handled)))


async def channel_cancelled(order: Life, news: ChannelCancelled) -> None:
    """The channel cancelled. What it gave back itself is booked, not refunded again (accident 6)."""
    if news.event_id in order.state.seen:
        return
    order.state.seen.append(news.event_id)
    if news.refunded:
        await book_channel_refund(order, news)
    by = Actor(id=news.channel, role="channel")
    if order.status in BEFORE_HAND_OVER:
        await calls.take_step(order.step("cancelled", by=by, to=OrderStatus.CANCELLED, why=news.reason))
    elif not order.ended:
        await calls.take_step(order.step("cancelled_too_late", by=by, why=news.reason))


async def book_channel_refund(order: Life, news: ChannelCancelled) -> None:
    """A refund proves the capture: book that first, under the key its own notice will have.

    So create, paid and cancelled end the same in every order of arrival (accident 8).
    """
    terms = order.state.order
    common = {"provider": news.channel, "reference": terms.channel_order_id, "currency": terms.currency, "at": news.at}
    if order.state.captured < news.refunded:
        capture = PaymentNews(
            event_id=news.event_id, event=PaymentEvent.CAPTURED, amount=terms.total, so_far=terms.total, **common
        )
        await payment.book(order, capture)
    # The channel speaks of the sum it gave back so far: what is booked already is not booked again.
    new = news.refunded - order.state.refunded
    if new > 0:
        back = PaymentNews(event_id=news.event_id, event=PaymentEvent.REFUNDED, amount=new, **common)
        await payment.book(order, back)


NEWS: Mapping[type[Any], Callable[[Life, Any], Awaitable[None]]] = MappingProxyType(
    {
        PaymentNews: payment.book,
        ParcelPacked: fulfilment.parcel_packed,
        ParcelSplit: fulfilment.parcel_split,
        ShortPick: fulfilment.short_pick,
        WrongGoods: open_cases.wrong_goods,
        CarrierNews: delivery.track,
        ChannelCancelled: channel_cancelled,
        CaseOpened: open_cases.opened,
        CaseClosed: open_cases.closed,
        RefundHeard: refunding.heard,
    }
)

"""Giving money back while the order lives, or because it ended (R3, R16; accident 6).

``refund`` is the one door: for people's commands, for cases and returns, for an early end. It
puts the refund on record and returns at once; the provider is asked beside the order's own
life, and its answer comes as mail. What the provider will not give back is a case of finance,
and the order stays open until it is settled.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

from domain.case_shapes import OrderOutcome
from domain.errors import MoreThanLeft
from models.base import SYSTEM, Actor
from models.commands import (
    ApproveRefund,
    Command,
    DeclineRefund,
    RefundedElsewhere,
    RefundLine,
    RefundOrder,
    RetryRefund,
)
from models.news import PaymentNews
from models.payments import CameBack, RefundDone, RefundPayment
from models.refunds import AskRefund, MoveRefund, OpenRefund, RefundHeard, RefundState
from models.state import OrderState
from workflows import calls, open_cases, refund_rules
from workflows.life import Life

PAUSES = (timedelta(minutes=1), timedelta(minutes=4), timedelta(minutes=15), timedelta(minutes=40))
"""How long a provider that is away is left in peace each time; after the last it is a matter for finance."""

_IN_HAND = frozenset({RefundState.ORDERED, RefundState.PROBLEM})


async def refund(
    order: Life,
    *,
    by: Actor,
    reason: str,
    lines: Sequence[RefundLine] = (),
    amount: int | None = None,
    shipping: bool = False,
    cause: str = "",
    key: str = "",
    command: Command | None = None,
) -> str:
    """Give back lines, an amount in minor units, or with neither all that is left; returns the refund's id.

    With lines and an amount, the amount is what these pieces come to (a deduction), at most
    their worth. ``cause`` is the number of the case or return that asks: an open case of the order
    hears REFUNDED when the money has gone. ``key`` makes the refund single; a command brings its
    own. Above the shop's limit it waits for a second person, unless ``by`` is the system.
    Raises MoreThanLeft, and then nothing has happened.
    """
    wanted = refund_rules.wish(order.state, lines, amount, shipping=shipping)
    wanted.by, wanted.reason, wanted.cause = by, reason, cause
    refund_id = _id_of(order, (command.key if command else "") or key)
    details: dict[str, str | int | bool | None] = {"refund": refund_id, "amount": wanted.amount, "cause": cause}
    with _as_rule():
        asked = await calls.ask_refund(
            AskRefund(
                step=order.step("refund_asked", by=by, why=reason, command=command, details=details),
                refund_id=refund_id,
                amount=wanted.amount,
                lines=tuple(wanted.lines.items()),
                shipping=shipping,
                cause=cause,
            )
        )
    _keep(order, refund_id, wanted, waits=asked.waits)
    return refund_id


async def refund_rest(order: Life, reason: str) -> None:
    """An order that ended early keeps nothing: what is neither back nor on its way goes back now (R3)."""
    owed = order.state.captured - order.state.refunded - _in_hand(order.state)
    if owed > 0:
        wanted = OpenRefund(amount=owed, state=RefundState.ORDERED, by=SYSTEM, reason=reason)
        _keep(order, _id_of(order, f"rest {order.state.refunds_asked}"), wanted, waits=False)


# --- acts ----------------------------------------------------------------------------------


async def ask(order: Life, command: RefundOrder) -> None:
    """Somebody asks for it."""
    await refund(
        order,
        by=command.by,
        reason=command.reason,
        lines=command.lines,
        amount=command.amount,
        shipping=command.shipping,
        cause=command.cause,
        command=command,
    )


async def approve(order: Life, command: ApproveRefund) -> None:
    """The second person says yes: it is ordered now, if so much is still left."""
    await _move(order, command.refund_id, RefundState.ORDERED, "refund_approved", command)
    _pay_out(order, command.refund_id)


async def decline(order: Life, command: DeclineRefund) -> None:
    """It will not be given back; its pieces can be refunded otherwise."""
    await _let_go(order, command.refund_id, "refund_declined", command=command)


async def retry(order: Life, command: RetryRefund) -> None:
    """The cause is mended: the provider is asked again."""
    await _move(order, command.refund_id, RefundState.ORDERED, "refund_tried_again", command)
    _pay_out(order, command.refund_id)


async def done_elsewhere(order: Life, command: RefundedElsewhere) -> None:
    """Finance gave it back by another road: booked as compensated, with that road's reference."""
    await _move(order, command.refund_id, RefundState.DONE, "refunded_elsewhere", command, reference=command.reference)
    await _is_back(order, command.refund_id)


async def drop_waiting(order: Life) -> None:
    """The order ended early, so all of its money goes back: nothing has to be approved any more."""
    for refund_id in [one for one, asked in order.state.refunds.items() if asked.state is RefundState.WAITING]:
        await _let_go(order, refund_id, "refund_overtaken", why=f"the order is {order.status}")


async def heard(order: Life, news: RefundHeard) -> None:
    """The provider has answered, or did not for too long: then finance get a case."""
    asked = order.state.refunds[news.refund_id]
    if news.sums is not None:
        order.heed(news.sums)
    asked.amount = news.missing
    if news.missing:
        asked.attempt += news.refused
        await _move(order, news.refund_id, RefundState.PROBLEM, "refund_failed", why=news.why)
    elif not asked.came_back:
        await _is_back(order, news.refund_id)
        return
    await _owed_again(order, news.refund_id, news.why or asked.back_why)


async def came_back(order: Life, news: PaymentNews, back: CameBack) -> None:
    """A refund that was done came back to the provider: the order owes it again, and finance say by which road.

    It may be the first that is heard of it: then the answer that it was done is still to be read.
    """
    waits = order.state.refunds.setdefault(
        back.refund_id, OpenRefund(amount=0, state=RefundState.PROBLEM, by=SYSTEM, reason="refund_came_back")
    )
    waits.came_back += news.amount
    waits.back_why = f"came back: {news.why or 'no reason given'}"
    waits.attempt = max(waits.attempt, back.next_attempt)
    if waits.state is not RefundState.ORDERED:
        await _owed_again(order, back.refund_id, waits.back_why)


def on_the_way(order: Life) -> bool:
    """Whether a refund is ordered and not yet back; one that waits for a person is not on its way."""
    return any(one.state in _IN_HAND for one in order.state.refunds.values())


# --- inside --------------------------------------------------------------------------------


def _keep(order: Life, refund_id: str, wanted: OpenRefund, *, waits: bool) -> None:
    state = order.state
    state.refunds_asked += 1
    wanted.state = RefundState.WAITING if waits else RefundState.ORDERED
    state.refunds[refund_id] = wanted
    state.shipping_refunded = state.shipping_refunded or wanted.shipping
    for line_no, quantity in wanted.lines.items():
        state.refunded_lines[line_no] = state.refunded_lines.get(line_no, 0) + quantity
    if not waits:
        _pay_out(order, refund_id)


def _pay_out(order: Life, refund_id: str) -> None:
    asked = order.state.refunds[refund_id]
    request = RefundPayment(
        order_no=order.state.order.order_no,
        refund_id=refund_id,
        key=f"{refund_id}:{asked.attempt}",
        amount=asked.amount,
        at=workflow.now(),
        by=asked.by,
        why=asked.reason,
    )
    order.send_out(pay(request))


async def pay(request: RefundPayment) -> RefundHeard:
    """Ask the provider; one that is away is asked again after each pause, and then left to finance."""
    why, final = "", False
    for pause in (*PAUSES, None):
        try:
            return _heard(request, await calls.refund_payment(request))
        except ActivityError as error:
            cause = error.cause
            why = f"{cause.type}: {cause}" if isinstance(cause, ApplicationError) else "the provider does not answer"
            final = isinstance(cause, ApplicationError) and cause.non_retryable
            if pause is None or final:
                break
        await workflow.sleep(pause, summary=f"the provider is away: refund {request.refund_id} is tried again")
    return RefundHeard(refund_id=request.refund_id, missing=request.amount, why=why, refused=final)


def _heard(request: RefundPayment, done: RefundDone) -> RefundHeard:
    return RefundHeard(
        refund_id=request.refund_id,
        missing=done.missing,
        why=done.refusal,
        refused=bool(done.missing),
        sums=done,
    )


async def _move(
    order: Life, refund_id: str, to: RefundState, act: str, command: Command | None = None, *, why: str = "",
    reference: str | None = None,
) -> None:  # fmt: skip
    asked = order.state.refunds[refund_id]
    details: dict[str, str | int | bool | None] = {"refund": refund_id, "amount": asked.amount}
    if reference:
        details["reference"] = reference
    with _as_rule():
        moved = await calls.move_refund(
            MoveRefund(
                step=order.step(act, command=command, why=why, details=details),
                refund_id=refund_id,
                to=to,
                amount=asked.amount,
                key=f"{refund_id}:{asked.attempt}",
                problem=why or None,
                reference=reference,
            )
        )
    asked.state = to
    order.heed(moved)


async def _let_go(order: Life, refund_id: str, act: str, *, command: Command | None = None, why: str = "") -> None:
    await _move(order, refund_id, RefundState.DECLINED, act, command, why=why)
    state, gone = order.state, order.state.refunds.pop(refund_id)
    state.shipping_refunded = state.shipping_refunded and not gone.shipping
    for line_no, quantity in gone.lines.items():
        state.refunded_lines[line_no] -= quantity
    await open_cases.tell_case(order, gone.cause, OrderOutcome.REFUND_DECLINED, why=refund_id)


async def _owed_again(order: Life, refund_id: str, why: str) -> None:
    owed = order.state.refunds[refund_id]
    owed.state, owed.amount, owed.came_back = RefundState.PROBLEM, owed.amount + owed.came_back, 0
    await open_cases.refund_failed(order, refund_id, why)


async def _is_back(order: Life, refund_id: str) -> None:
    gone = order.state.refunds.pop(refund_id)
    await open_cases.refund_done(order, refund_id)
    await open_cases.tell_case(order, gone.cause, OrderOutcome.REFUNDED, why=refund_id)


def _in_hand(state: OrderState) -> int:
    return sum(one.amount for one in state.refunds.values() if one.state in _IN_HAND)


def _id_of(order: Life, key: str) -> str:
    """The same command gives the same refund, also when a worker died in the middle (workflows.identity)."""
    known = key or f"asked {order.state.refunds_asked}"
    return f"{order.state.order.order_no}-R{hashlib.sha256(known.encode()).hexdigest()[:10]}"


@contextmanager
def _as_rule() -> Iterator[None]:
    """What the ledger refuses is a rule of the shop, and an answer to whoever asked."""
    try:
        yield
    except ActivityError as error:
        if isinstance(error.cause, ApplicationError) and error.cause.type == MoreThanLeft.__name__:
            raise MoreThanLeft(error.cause.message) from error
        raise

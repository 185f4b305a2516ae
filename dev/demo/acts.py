"""What can happen to a sample order. Each act returns when its effect can be seen."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from dev.catalogue import Product
from dev.demo import shopify_orders
from dev.demo.buyers import buyer
from dev.demo.desk import OPERATIONS, REVIEWER, SERVICE, Post, Refused
from dev.demo.rounds import rounds
from dev.demo.scenario import Act, Scene, WentWrong
from domain.deadlines import DeadlineId
from domain.order_status import ENDED, OrderStatus
from models import workflow_names as names
from models.base import Actor
from models.commands import Approve
from models.order import workflow_id

_LOOKS, _LOOKS_AGAIN_AFTER_S = 10, 1.0

# --- waiting ----------------------------------------------------------------------


def until(*wanted: OrderStatus) -> Act:
    """Wait until the order stands in one of these statuses; a wrong end of it is told at once."""

    async def wait(scene: Scene) -> None:
        seen = await scene.stage.board.until(scene.order_no, lambda it: it.status in {*wanted, *ENDED})
        if seen.status not in wanted:
            raise WentWrong(f"it ended {seen.status} while {' or '.join(wanted)} was to come")

    return wait


def until_act(act: str) -> Act:
    """Wait until the order's timeline has this act."""

    async def wait(scene: Scene) -> None:
        async for _ in rounds():
            if act in {entry["act"] for entry in await scene.stage.desk.timeline(scene.order_no)}:
                return

    return wait


def cue(name: str) -> Act:
    """Tell the other orders that this point is reached."""

    async def give(scene: Scene) -> None:
        scene.stage.cues[name].set()

    return give


def on_cue(name: str, then: Act) -> Act:
    """Do something only when another order has come to a point."""

    async def wait(scene: Scene) -> None:
        await scene.stage.cues[name].wait()
        await then(scene)

    return wait


# --- time -------------------------------------------------------------------------


def passes(deadline: DeadlineId, act: str) -> Act:
    """The time machine lets this deadline pass; the order then records ``act``."""

    async def forward(scene: Scene) -> None:
        due = await _due(scene, deadline)
        await scene.stage.machine.forward_past(workflow_id(scene.order_no), due)
        await until_act(act)(scene)

    return forward


async def goes_home(scene: Scene) -> None:
    """Picked, packed, shipped and signed by robot and carrier; then the return window passes (T9)."""
    await until(OrderStatus.SIGNED)(scene)
    await passes(DeadlineId.T9, "archived")(scene)


async def _due(scene: Scene, deadline: DeadlineId) -> datetime:
    """When this deadline of the order falls, as soon as it runs."""
    async for _ in rounds():
        running = await scene.stage.desk.deadlines(scene.order_no)
        if deadline in running:
            return running[deadline]
    raise AssertionError("rounds do not end by themselves")


# --- money ------------------------------------------------------------------------


def pays(*, notices: int = 1) -> Act:
    """The buyer pays at Stripe; ``notices`` 0 loses the webhook, 2 repeats it."""

    async def pay(scene: Scene) -> None:
        await scene.stage.outside.pay(scene.payment, notices=notices)

    return pay


async def is_declined_first(scene: Scene) -> None:
    """The card is declined; the payment stays open."""
    await scene.stage.outside.pay(scene.payment, succeed=False)


async def pays_at_shopify(scene: Scene) -> None:
    """The buyer pays at the channel: ``orders/paid``."""
    await scene.stage.outside.pay_at_shopify(scene.shopify_id)


async def is_cancelled_by_shopify(scene: Scene) -> None:
    """The channel gives the money back itself and cancels: ``orders/cancelled`` with its refund (accident 6)."""
    refund = await scene.stage.outside.refund_and_cancel_at_shopify(scene.shopify_id)
    body = shopify_orders.cancelled_webhook(scene.order, refund, datetime.now(UTC))
    await scene.stage.outside.send_shopify_webhook("orders/cancelled", body)


# --- decisions --------------------------------------------------------------------


def decides(decision: str, by: Post = REVIEWER, reason: str = "") -> Act:
    """Claim, release, approve or reject a review, through the API (R7)."""
    return asks("review", by, decision=decision, reason=reason)


def asks(act: str, by: Post, **body: Any) -> Act:
    """Any command through the API."""
    return looking_again(tries(act, by, **body))


def looking_again(act: Act) -> Act:
    """Do it as a person does who is told that the order is not there yet: look again after a moment.

    A worker that is killed between a step's row and the end of its workflow task leaves a row
    that is ahead of the order for a moment, until the step is taken again.
    """

    async def patiently(scene: Scene) -> None:
        for _ in range(_LOOKS):
            try:
                return await act(scene)
            except Refused as refused:
                if refused.status != HTTPStatus.CONFLICT:
                    raise
                await asyncio.sleep(_LOOKS_AGAIN_AFTER_S)
        return await act(scene)

    return patiently


def tries(act: str, by: Post, **body: Any) -> Act:
    """Ask it once, and take no for an answer."""

    async def attempt(scene: Scene) -> None:
        await scene.stage.desk.command(scene.order_no, act, by, **body)

    return attempt


def is_refused(act: Act, status: int) -> Act:
    """Try something that a rule forbids: it must be refused, with this HTTP status."""

    forbidden = act if status == HTTPStatus.CONFLICT else looking_again(act)

    async def attempt(scene: Scene) -> None:
        try:
            await forbidden(scene)
        except Refused as refused:
            if refused.status != status:
                raise
        else:
            raise WentWrong(f"something was allowed that had to be refused with {status}")

    return attempt


def cancels(by: Post = SERVICE, reason: str = "buyer_asked") -> Act:
    """Cancelled for the buyer, before hand-over (R3)."""
    return asks("cancel", by, reason=reason)


async def corrects_address(scene: Scene) -> None:
    """Customer service asked the buyer and writes down name, phone and address (R2)."""
    person = buyer(scene.stage.stamp, scene.scenario.name)
    body = {"name": person.name, "phone": person.phone, "address": asdict(person.address), "reason": "asked_the_buyer"}
    await asks("address", SERVICE, **body)(scene)


async def is_approved_by_signal(scene: Scene) -> None:
    """Past the API: a plain Temporal signal, as the Temporal UI or an integrator would send it.

    Sent again while the order still waits: see :func:`looking_again`; a signal gets no answer.
    """
    handle = scene.stage.temporal.get_workflow_handle(workflow_id(scene.order_no))
    command = Approve(by=Actor(id=OPERATIONS.staff_id, role=OPERATIONS.role), reason="approved_by_signal")
    async for _ in rounds():
        seen = scene.stage.board.seen(scene.order_no)
        if seen is not None and seen.status is not OrderStatus.MANUAL_REVIEW:
            return
        await handle.signal(names.APPROVE, command)
        await asyncio.sleep(_LOOKS_AGAIN_AFTER_S)


# --- looking into the books ---------------------------------------------------------


def reserves(product: Product, pieces: int) -> Act:
    """The order must have exactly so many pieces set aside (R5)."""

    async def look(scene: Scene) -> None:
        await until_act("order_recorded")(scene)
        held = await scene.stage.books.reserved(scene.order_no)
        if held != {product.sku: pieces}:
            raise WentWrong(f"{held} set aside instead of {pieces} of {product.sku}")

    return look


def is_packed(packaging: str) -> Act:
    """Every parcel of the order must be packed like this (R10)."""

    async def look(scene: Scene) -> None:
        await until_act("parcel_packed")(scene)
        packed = await scene.stage.books.packagings(scene.order_no)
        if packed != {packaging}:
            raise WentWrong(f"packed {packed or 'nohow'} instead of {packaging}")

    return look


async def is_one_order(scene: Scene) -> None:
    """However often it was told, it must be on record once (R5)."""
    number = await scene.stage.books.orders_of(scene.scenario.channel, scene.channel_order_id)
    if number != 1:
        raise WentWrong(f"{number} orders were made of one")

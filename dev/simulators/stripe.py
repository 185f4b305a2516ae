"""The simulated Stripe: ``/stripe/v1/…`` as the provider has it, and its buttons under ``/control/stripe``."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from dev.simulators.forms import form_of, nested
from dev.simulators.idempotency import once
from dev.simulators.stripe_bank import StripeBank
from dev.simulators.stripe_errors import StripeError, invalid
from dev.simulators.world import World, world_of


def bank_of(world: Annotated[World, Depends(world_of)]) -> StripeBank:
    """Stripe's books in this world."""
    return StripeBank(world.config, world.shelf, world.postman)


def _authorised(request: Request, world: Annotated[World, Depends(world_of)]) -> None:
    if request.headers.get("Authorization") != f"Bearer {world.config.stripe_api_key}":
        raise StripeError(401, "invalid_request_error", None, "Invalid API Key provided.")


Bank = Annotated[StripeBank, Depends(bank_of)]
Worldly = Annotated[World, Depends(world_of)]

api = APIRouter(prefix="/stripe/v1", dependencies=[Depends(_authorised)])
control = APIRouter(prefix="/control/stripe", tags=["stripe"])


@api.post("/payment_intents")
async def create_intent(request: Request, bank: Bank, world: Worldly) -> JSONResponse:
    form = await form_of(request)
    return await once(
        world.shelf,
        request,
        lambda: bank.create(_whole(form, "amount"), _required(form, "currency"), nested(form, "metadata")),
    )


@api.get("/payment_intents/{intent_id}")
async def read_intent(
    intent_id: str, bank: Bank, expand: Annotated[list[str], Query(alias="expand[]", default_factory=list)]
) -> dict[str, Any]:
    return bank.intent(intent_id, expand_charge="latest_charge" in expand)


@api.post("/payment_intents/{intent_id}/cancel")
async def cancel_intent(intent_id: str, request: Request, bank: Bank, world: Worldly) -> JSONResponse:
    form = await form_of(request)
    return await once(world.shelf, request, lambda: bank.cancel(intent_id, form.get("cancellation_reason")))


@api.post("/refunds")
async def refund(request: Request, bank: Bank, world: Worldly) -> JSONResponse:
    form = await form_of(request)
    return await once(
        world.shelf,
        request,
        lambda: bank.refund(_required(form, "payment_intent"), _whole(form, "amount") if "amount" in form else None),
    )


@api.get("/refunds")
async def list_refunds(payment_intent: str, bank: Bank) -> dict[str, Any]:
    return {"object": "list", "has_more": False, "url": "/v1/refunds", "data": bank.refunds(payment_intent)}


class NewIntent(BaseModel):
    """``id`` may be chosen, so that a demo's orders can name their payment before it exists."""

    amount: int = Field(gt=0, description="Minor units.")
    currency: str = "CNY"
    order_no: str
    id: str | None = Field(default=None, pattern=r"^pi_[A-Za-z0-9_]{1,60}$")


class Pay(BaseModel):
    """``times`` is how often the webhook is sent: 2 repeats it, 0 loses it (see announce)."""

    outcome: Literal["succeeded", "failed"] = "succeeded"
    times: int = Field(default=1, ge=0, le=50)


class Announce(BaseModel):
    """Send the webhook of a paid intent, late or again."""

    times: int = Field(default=1, ge=1, le=50)


@control.post("/payment_intents", summary="Create a payment that waits to be paid")
async def control_create(order: NewIntent, bank: Bank, world: Worldly) -> dict[str, Any]:
    if order.id is not None and (there := world.shelf.get("stripe_intent", order.id)) is not None:
        return there
    return bank.create(order.amount, order.currency, {"order_no": order.order_no}, order.id)


@control.get("/payment_intents", summary="Every payment, with its refunds")
async def control_list(bank: Bank) -> list[dict[str, Any]]:
    return [one | {"refunds": bank.refunds(one["id"])} for one in bank.intents()]


@control.post("/payment_intents/{intent_id}/pay", summary="Pay now, or have the card declined")
async def control_pay(intent_id: str, bank: Bank, pay: Pay | None = None) -> dict[str, Any]:
    how = pay or Pay()
    act = bank.pay if how.outcome == "succeeded" else bank.decline
    return act(intent_id, announce=how.times)


@control.post("/payment_intents/{intent_id}/announce", summary="Send the webhook of a paid payment")
async def control_announce(intent_id: str, bank: Bank, announce: Announce | None = None) -> dict[str, Any]:
    return bank.announce_again(intent_id, (announce or Announce()).times)


@control.post("/payment_intents/{intent_id}/dispute", summary="The buyer's bank takes the payment back; or gives up")
async def control_dispute(intent_id: str, bank: Bank, won: bool = False) -> dict[str, Any]:
    return bank.dispute(intent_id, disputed=not won)


@control.post("/refunds/{refund_id}/fail", summary="The card's bank sends a refund back, days later")
async def control_fail_refund(refund_id: str, bank: Bank, reason: str = "lost_or_stolen_card") -> dict[str, Any]:
    return bank.fail_refund(refund_id, reason)


def _required(form: dict[str, str], name: str) -> str:
    if not form.get(name):
        raise invalid("parameter_missing", f"Missing required param: {name}.", param=name)
    return form[name]


def _whole(form: dict[str, str], name: str) -> int:
    text = _required(form, name)
    if not text.lstrip("-").isdecimal():
        raise invalid("parameter_invalid_integer", f"Invalid integer: {text}", param=name)
    return int(text)

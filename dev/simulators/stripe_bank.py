"""The money behind the simulated Stripe: payment intents, their charge, refunds, and the events they cause."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
import uuid
from typing import Any

from dev.simulators.config import SimulatorConfig
from dev.simulators.postman import Envelope, Postman
from dev.simulators.shelf import Document, Shelf
from dev.simulators.stripe_errors import invalid, missing

ENABLED_EVENTS = frozenset(
    {
        "payment_intent.succeeded",
        "payment_intent.payment_failed",
        "charge.refunded",
        "refund.created",
        "refund.updated",
        "refund.failed",
    }
)
"""What the shop's webhook endpoint is subscribed to; Stripe sends nothing else."""

_CANCELLABLE = ("requires_payment_method", "requires_capture", "requires_confirmation", "requires_action", "processing")
_INTENT, _CHARGE, _REFUND = "stripe_intent", "stripe_charge", "stripe_refund"


class StripeBank:
    """Every method is one act of Stripe's; amounts are minor units, currencies lower-case."""

    def __init__(self, config: SimulatorConfig, shelf: Shelf, postman: Postman) -> None:
        self._shelf = shelf
        self._postman = postman
        self._url = f"{config.public_url.rstrip('/')}/v1/webhooks/payments/stripe"

    def create(self, amount: int, currency: str, metadata: dict[str, str], identity: str | None = None) -> Document:
        """A new intent that waits to be paid."""
        if amount <= 0:
            raise invalid("parameter_invalid_integer", "This value must be greater than or equal to 1.", param="amount")
        intent = {
            "id": identity or f"pi_{uuid.uuid4().hex[:24]}",
            "object": "payment_intent",
            "amount": amount,
            "amount_received": 0,
            "currency": currency.lower(),
            "status": "requires_payment_method",
            "latest_charge": None,
            "metadata": metadata,
            "created": int(time.time()),
            "canceled_at": None,
            "cancellation_reason": None,
            "livemode": False,
        }
        return self._keep(_INTENT, intent)

    def intent(self, identity: str, *, expand_charge: bool = False) -> Document:
        """The intent; with its charge inside if asked for."""
        intent = self._get(_INTENT, "payment_intent", identity)
        if expand_charge and intent["latest_charge"] is not None:
            intent["latest_charge"] = self._get(_CHARGE, "charge", intent["latest_charge"])
        return intent

    def cancel(self, identity: str, reason: str | None) -> Document:
        """Cancel an intent that is not paid."""
        intent = self._expect_open(identity, "cancel")
        return self._keep(
            _INTENT, intent | {"status": "canceled", "canceled_at": int(time.time()), "cancellation_reason": reason}
        )

    def pay(self, identity: str, *, announce: int) -> Document:
        """The buyer pays; the webhook is sent ``announce`` times (0: lost on the way)."""
        intent = self._expect_open(identity, "confirm")
        charge = self._keep(_CHARGE, _charge(intent))
        paid = {"status": "succeeded", "amount_received": intent["amount"], "latest_charge": charge["id"]}
        intent = self._keep(_INTENT, intent | paid)
        self._announce("payment_intent.succeeded", intent, announce)
        return intent

    def decline(self, identity: str, *, announce: int) -> Document:
        """The buyer's card is declined; the intent can be paid again."""
        intent = self._expect_open(identity, "confirm")
        declined = {"type": "card_error", "code": "card_declined", "message": "Your card was declined."}
        intent = self._keep(_INTENT, intent | {"last_payment_error": declined})
        self._announce("payment_intent.payment_failed", intent, announce)
        return intent

    def announce_again(self, identity: str, times: int) -> Document:
        """Send the webhook of a paid intent now: late, lost or repeated."""
        intent = self.intent(identity)
        if intent["status"] != "succeeded":
            raise invalid("payment_intent_unexpected_state", "This PaymentIntent is not paid.")
        self._announce("payment_intent.succeeded", intent, times)
        return intent

    def refund(self, intent_id: str, amount: int | None) -> Document:
        """Refund part or all of the charge; never more than is left of it."""
        intent = self.intent(intent_id)
        if intent["latest_charge"] is None:
            raise invalid("payment_intent_unexpected_state", "This PaymentIntent has no successful charge to refund.")
        charge = self._get(_CHARGE, "charge", intent["latest_charge"])
        left = charge["amount"] - charge["amount_refunded"]
        wanted = left if amount is None else amount
        _expect_refundable(charge, wanted, left)
        before = {"amount_refunded": charge["amount_refunded"], "refunded": charge["refunded"]}
        refunded = charge["amount_refunded"] + wanted
        charge = self._keep(_CHARGE, charge | {"amount_refunded": refunded, "refunded": refunded == charge["amount"]})
        refund = self._keep(_REFUND, _refund(charge, wanted))
        self._announce("refund.created", refund, 1)
        changed = {name: value for name, value in before.items() if charge[name] != value}
        self._announce("charge.refunded", charge, 1, changed)
        # The card's network names the refund a little later.
        named = {"destination_details": {"type": "card", "card": {"reference_status": "available", "type": "refund"}}}
        self._announce("refund.updated", refund | named, 1, {"destination_details": None})
        return refund

    def fail_refund(self, refund_id: str, reason: str) -> Document:
        """The card's bank sends a refund back, days later: the money is the shop's again."""
        refund = self._get(_REFUND, "refund", refund_id)
        if refund["status"] != "succeeded":
            raise invalid("refund_unexpected_state", f"This refund is {refund['status']} already.")
        charge = self._get(_CHARGE, "charge", refund["charge"])
        left = charge["amount_refunded"] - refund["amount"]
        self._keep(_CHARGE, charge | {"amount_refunded": left, "refunded": False})
        refund = self._keep(_REFUND, refund | {"status": "failed", "failure_reason": reason})
        self._announce("refund.updated", refund, 1, {"status": "succeeded"})
        self._announce("refund.failed", refund, 1, {"status": "succeeded"})
        return refund

    def dispute(self, intent_id: str, *, disputed: bool) -> Document:
        """A charge that the buyer disputes cannot be refunded while the dispute lasts."""
        intent = self.intent(intent_id, expand_charge=True)
        if intent["latest_charge"] is None:
            raise invalid("payment_intent_unexpected_state", "This PaymentIntent has no successful charge.")
        return self._keep(_CHARGE, intent["latest_charge"] | {"disputed": disputed})

    def refunds(self, intent_id: str) -> list[Document]:
        """The refunds of one intent, oldest first."""
        return [one for one in self._shelf.all(_REFUND) if one["payment_intent"] == intent_id]

    def intents(self) -> list[Document]:
        """Every intent, oldest first."""
        return self._shelf.all(_INTENT)

    def _announce(self, kind: str, subject: Document, times: int, changed: Document | None = None) -> None:
        if kind not in ENABLED_EVENTS:
            return
        event = {
            "id": f"evt_{uuid.uuid4().hex[:24]}",
            "object": "event",
            "api_version": "2024-06-20",
            "created": int(time.time()),
            "type": kind,
            "data": {"object": subject} | ({"previous_attributes": changed} if changed else {}),
            "livemode": False,
            "pending_webhooks": 1,
        }
        for _ in range(times):
            self._postman.post("stripe", self._url, event)

    def _expect_open(self, identity: str, act: str) -> Document:
        intent = self.intent(identity)
        if intent["status"] in _CANCELLABLE:
            return intent
        raise invalid(
            "payment_intent_unexpected_state",
            f"You cannot {act} this PaymentIntent because it has a status of {intent['status']}.",
            payment_intent=intent,
        )

    def _get(self, kind: str, name: str, identity: str) -> Document:
        document = self._shelf.get(kind, identity)
        if document is None:
            raise missing(name, identity)
        return document

    def _keep(self, kind: str, document: Document) -> Document:
        self._shelf.put(kind, document["id"], document)
        return document


def seal_stripe(secret: str, event: Document) -> Envelope:
    """Sign the event as Stripe does: HMAC-SHA256 over ``{t}.{body}``, with the time of this attempt."""
    content = json.dumps(event, separators=(",", ":")).encode()
    moment = str(int(time.time()))
    signature = hmac.new(secret.encode(), moment.encode() + b"." + content, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": f"t={moment},v1={signature}"}
    return Envelope(content, headers)


def _expect_refundable(charge: Document, wanted: int, left: int) -> None:
    if charge.get("disputed"):
        raise invalid("charge_disputed", f"Charge {charge['id']} has been charged back; cannot issue a refund.")
    if left == 0:
        raise invalid("charge_already_refunded", f"Charge {charge['id']} has already been refunded.")
    if wanted > left:
        raise invalid("amount_too_large", "Refund amount is greater than unrefunded amount on charge.", param="amount")
    if wanted <= 0:
        raise invalid("parameter_invalid_integer", "Invalid positive integer", param="amount")


def _charge(intent: Document) -> dict[str, Any]:
    return {
        "id": f"ch_{uuid.uuid4().hex[:24]}",
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"],
        "amount_refunded": 0,
        "refunded": False,
        "captured": True,
        "paid": True,
        "status": "succeeded",
        "currency": intent["currency"],
        "payment_intent": intent["id"],
        "metadata": intent["metadata"],
        "created": int(time.time()),
        "livemode": False,
    }


def _refund(charge: Document, amount: int) -> dict[str, Any]:
    return {
        "id": f"re_{uuid.uuid4().hex[:24]}",
        "object": "refund",
        "amount": amount,
        "charge": charge["id"],
        "currency": charge["currency"],
        "payment_intent": charge["payment_intent"],
        "status": "succeeded",
        "created": int(time.time()),
        "metadata": {},
    }

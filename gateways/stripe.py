"""Stripe, by its REST interface: form-encoded requests, JSON answers, an Idempotency-Key on every write."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

import httpx

from gateways.errors import Refused, Unavailable
from gateways.http import TIMEOUT, ask, json_object, reading, segment
from gateways.payments import ClosedPayment, PaymentState, ProviderAccess, Refunded

PARTY = "stripe"
API_VERSION = "2024-06-20"

# Every other status is one from which the intent can still be paid.
_STATE: Mapping[str, Literal["captured", "closed"]] = MappingProxyType({"succeeded": "captured", "canceled": "closed"})
_ACCEPTED_REFUND = frozenset({"succeeded", "pending", "requires_action"})
_KEY_IN_USE = "idempotency_key_in_use"


class StripePayments:
    """A payment's reference is the id of its PaymentIntent (``pi_…``)."""

    def __init__(self, client: httpx.AsyncClient, access: ProviderAccess) -> None:
        self._client = client
        self._base = access.base.rstrip("/")
        self._headers = {"Authorization": f"Bearer {access.secret}", "Stripe-Version": API_VERSION}

    async def close(self, reference: str, *, key: str) -> ClosedPayment:
        """Cancel the intent; one that is paid or cancelled already is answered as such (R3, T1)."""
        path = f"/v1/payment_intents/{segment(reference)}/cancel"
        try:
            intent = await self._post(path, {"cancellation_reason": "abandoned"}, key)
        except Refused as refused:
            if refused.code != "payment_intent_unexpected_state":
                raise
            return await self._closed_before(reference)
        return _closed(_state(intent))

    async def refund(self, reference: str, amount_minor: int, *, currency: str, key: str) -> Refunded:
        """Refund part or all of the charge. Stripe knows the charge's currency and takes none."""
        del currency
        answer = await self._post("/v1/refunds", {"payment_intent": reference, "amount": str(amount_minor)}, key)
        with reading(PARTY):
            status, refund = str(answer["status"]), Refunded(str(answer["id"]), int(answer["amount"]))
        if status not in _ACCEPTED_REFUND:
            raise Refused(PARTY, f"refund_{status}")
        return refund

    async def find(self, reference: str) -> PaymentState:
        """Read the intent and its charge."""
        request = self._client.build_request(
            "GET",
            f"{self._base}/v1/payment_intents/{segment(reference)}",
            params={"expand[]": "latest_charge"},
            headers=self._headers,
            timeout=TIMEOUT,
        )
        return _state(await self._answer(request))

    async def _closed_before(self, reference: str) -> ClosedPayment:
        # The error of a repeated key is replayed as it was then, so the intent inside it may be
        # out of date; only reading the intent says how it stands now.
        state = await self.find(reference)
        if state.state == "open":
            raise Unavailable(PARTY, "payment_still_processing")
        return _closed(state)

    async def _post(self, path: str, form: Mapping[str, str], key: str) -> dict[str, Any]:
        headers = self._headers | {"Idempotency-Key": key}
        request = self._client.build_request("POST", f"{self._base}{path}", data=form, headers=headers, timeout=TIMEOUT)
        return await self._answer(request)

    async def _answer(self, request: httpx.Request) -> dict[str, Any]:
        try:
            return json_object(PARTY, await ask(self._client, PARTY, request, _code))
        except Refused as refused:
            # Our own first attempt is still running there: its answer is ours as well.
            if refused.code == _KEY_IN_USE:
                raise Unavailable(PARTY, refused.code, status=refused.status) from None
            raise


def _code(answer: httpx.Response) -> str | None:
    try:
        error = answer.json()["error"]
        return str(error.get("code") or error["type"])
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _state(intent: dict[str, Any]) -> PaymentState:
    with reading(PARTY):
        charge = intent.get("latest_charge")
        return PaymentState(
            reference=str(intent["id"]),
            state=_STATE.get(intent["status"], "open"),
            captured_minor=int(intent["amount_received"]),
            refunded_minor=int(charge["amount_refunded"]) if isinstance(charge, dict) else 0,
            currency=str(intent["currency"]).upper(),
        )


def _closed(state: PaymentState) -> ClosedPayment:
    if state.state == "captured":
        return ClosedPayment("captured", state.captured_minor, state.currency)
    return ClosedPayment("closed", 0, state.currency)

"""The books behind the simulated Shopify: orders, money movements, refunds, fulfilments, metafields, webhooks.

An order nobody registered is adopted when it is first asked for, so that a webhook sample
posted to the shop by hand can live on: nothing counts as captured for it, but a refund
finds a generous capture to refund against.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal, TypeAlias

from fastapi import HTTPException

from dev.simulators.config import SimulatorConfig
from dev.simulators.postman import Envelope, Postman
from dev.simulators.shelf import Document, Shelf

Topic: TypeAlias = Literal["orders/create", "orders/paid", "orders/updated", "orders/cancelled"]

_KIND = "shopify_order"
_ADOPTED_CAPTURE = Decimal("9999999.00")


class ShopifyShop:
    """Every method is one act of the shop's; money is Shopify's decimal strings, as on the wire."""

    def __init__(self, config: SimulatorConfig, shelf: Shelf, postman: Postman) -> None:
        self._shelf = shelf
        self._postman = postman
        self._url = f"{config.public_url.rstrip('/')}/v1/webhooks/channels/shopify"

    def register(self, order: Document, times: int) -> Document:
        """The buyer placed ``order`` (a webhook body); a paid one comes with its capture."""
        kept = _blank(str(order["id"])) | {"order": order, "adopted": False}
        if order.get("financial_status") == "paid":
            kept["transactions"] = [_movement("sale", order["total_price"], order["currency"])]
        self._keep(kept)
        self._announce("orders/create", order, times)
        return kept

    def pay(self, order_id: str, times: int) -> Document:
        """The buyer paid an order that was placed unpaid."""
        kept = self.order(order_id)
        order = kept["order"]
        if kept["adopted"] or kept["transactions"] or order.get("cancelled_at") is not None:
            raise _unprocessable("Order cannot be paid")
        kept["transactions"] = [_movement("sale", order["total_price"], order["currency"])]
        kept["order"] = order | {"financial_status": "paid", "updated_at": _now()}
        self._keep(kept)
        self._announce("orders/paid", kept["order"], times)
        return kept

    def cancel(self, order_id: str, reason: str, times: int = 1) -> Document:
        """Cancel at the shop, by the buyer or by us; Shopify tells us of both."""
        kept = self.order(order_id)
        if kept["order"].get("cancelled_at") is not None:
            raise _unprocessable("Order has already been cancelled")
        if kept["fulfillments"]:
            raise _unprocessable("Cannot cancel a fulfilled order")
        kept["order"] |= {"cancelled_at": _now(), "cancel_reason": reason, "updated_at": _now()}
        self._keep(kept)
        if not kept["adopted"]:
            self._announce("orders/cancelled", kept["order"], times)
        return kept

    def order(self, order_id: str) -> Document:
        """Everything kept of one order."""
        return self._shelf.get(_KIND, order_id) or self._keep(_blank(order_id))

    def change(self, order_id: str, fields: Document, times: int) -> Document:
        """Change the order as somebody in the shop would."""
        kept = self.order(order_id)
        kept["order"] = kept["order"] | {"updated_at": _now()} | fields
        self._keep(kept)
        self._announce("orders/updated", kept["order"], times)
        return kept

    def changed(self, asked: Mapping[str, str]) -> tuple[list[Document], str | None]:
        """A page of the list by time of change, and the next page's cursor: the question and where to go on."""
        question = json.loads(base64.urlsafe_b64decode(asked["page_info"])) if "page_info" in asked else dict(asked)
        start, limit = int(question.pop("start", 0)), int(asked["limit"])
        least, most = (datetime.fromisoformat(question[name]) for name in ("updated_at_min", "updated_at_max"))
        known = [kept["order"] for kept in self.orders() if "updated_at" in kept["order"]]
        found = [one for one in known if least <= datetime.fromisoformat(one["updated_at"]) <= most]
        found.sort(key=lambda one: datetime.fromisoformat(one["updated_at"]))
        if start + limit >= len(found):
            return found[start:], None
        cursor = json.dumps(question | {"start": start + limit}).encode()
        return found[start : start + limit], base64.urlsafe_b64encode(cursor).decode()

    def orders(self) -> list[Document]:
        """Every order, oldest first."""
        return self._shelf.all(_KIND)

    def suggested(self, order_id: str) -> list[dict[str, Any]]:
        """What can be refunded: each capture with the rest that is left of it."""
        kept = self.order(order_id)
        captures = [move for move in kept["transactions"] if move["kind"] == "sale"]
        if kept["adopted"]:
            captures = [_movement("sale", str(_ADOPTED_CAPTURE), kept["order"]["currency"]) | {"id": 1}]
        return [_suggestion(capture, _left(kept, capture)) for capture in captures]

    def refund(self, order_id: str, wanted: Document) -> Document:
        """Refund against captures, never more than is left of each."""
        left = {one["parent_id"]: Decimal(one["maximum_refundable"]) for one in self.suggested(order_id)}
        for move in wanted["transactions"]:
            if Decimal(move["amount"]) > left.get(move["parent_id"], Decimal(0)):
                raise _unprocessable("Refund amount cannot exceed the amount captured")
        moves = [
            _movement("refund", move["amount"], wanted["currency"]) | {"parent_id": move["parent_id"]}
            for move in wanted["transactions"]
        ]
        refund = {"id": _number(), "order_id": order_id, "note": wanted.get("note"), "transactions": moves}
        kept = self.order(order_id)
        kept["transactions"] += moves
        kept["refunds"].append(refund)
        self._keep(kept)
        return refund

    def write_metafield(self, order_id: str, field: Document) -> Document:
        """Create the metafield, or replace the one of the same namespace and key."""
        kept, made = self.order(order_id), field | {"id": _number()}
        kept["metafields"][f"{field['namespace']}.{field['key']}"] = made
        self._keep(kept)
        return made

    def fulfilment_orders(self, order_id: str) -> list[dict[str, Any]]:
        """One per order: the simulated shop ships from one place."""
        kept = self.order(order_id)
        cancelled = kept["order"].get("cancelled_at") is not None
        status = "closed" if kept["fulfillments"] else "cancelled" if cancelled else "open"
        return [{"id": kept["fulfillment_order_id"], "order_id": order_id, "status": status}]

    def fulfil(self, wanted: Document) -> Document:
        """Fulfil a whole fulfilment order under one tracking number."""
        wanted_id = wanted["line_items_by_fulfillment_order"][0]["fulfillment_order_id"]
        kept = next((one for one in self.orders() if one["fulfillment_order_id"] == wanted_id), None)
        if kept is None or kept["fulfillments"]:
            raise _unprocessable("Fulfillment order is not in a fulfillable state")
        made = _fulfilment(kept["id"], wanted["tracking_info"])
        kept["fulfillments"].append(made)
        self._keep(kept)
        return made

    def _announce(self, topic: Topic, order: Document, times: int) -> None:
        message = {"topic": topic, "id": str(uuid.uuid4()), "order": order}
        for _ in range(times):
            self._postman.post("shopify", self._url, message)

    def _keep(self, kept: Document) -> Document:
        self._shelf.put(_KIND, kept["id"], kept)
        return kept


def seal_shopify(secret: str, message: Document) -> Envelope:
    """Sign as Shopify does: base64 HMAC-SHA256 over the raw body."""
    content = json.dumps(message["order"], ensure_ascii=False, separators=(",", ":")).encode()
    digest = hmac.new(secret.encode(), content, hashlib.sha256).digest()
    headers = {
        "Content-Type": "application/json",
        "X-Shopify-Topic": message["topic"],
        "X-Shopify-Webhook-Id": message["id"],
        "X-Shopify-Hmac-Sha256": base64.b64encode(digest).decode(),
        "X-Shopify-Shop-Domain": "simulated-shop.example",
        "X-Shopify-API-Version": "2025-01",
    }
    return Envelope(content, headers)


def _blank(order_id: str) -> Document:
    return {
        "id": order_id,
        "adopted": True,
        "order": {"id": order_id, "currency": "CNY", "cancelled_at": None},
        "transactions": [],
        "refunds": [],
        "metafields": {},
        "fulfillments": [],
        "fulfillment_order_id": _number(),
    }


def _movement(kind: str, amount: str, currency: str) -> dict[str, Any]:
    return {
        "id": _number(),
        "kind": kind,
        "status": "success",
        "amount": amount,
        "currency": currency,
        "gateway": "bogus",
        "parent_id": None,
    }


def _suggestion(capture: Document, left: Decimal) -> dict[str, Any]:
    return {
        "kind": "suggested_refund",
        "gateway": capture["gateway"],
        "parent_id": capture["id"],
        "amount": "0.00",
        "currency": capture["currency"],
        "maximum_refundable": str(left),
    }


def _left(kept: Document, capture: Document) -> Decimal:
    refunded = [move for move in kept["transactions"] if move["kind"] == "refund"]
    back = sum((Decimal(move["amount"]) for move in refunded if move["parent_id"] == capture["id"]), Decimal(0))
    return Decimal(capture["amount"]) - back


def _fulfilment(order_id: str, tracking: Document) -> dict[str, Any]:
    return {
        "id": _number(),
        "order_id": order_id,
        "status": "success",
        "tracking_company": tracking["company"],
        "tracking_number": tracking["number"],
        "tracking_numbers": [tracking["number"]],
    }


def _number() -> int:
    return uuid.uuid4().int >> 76


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _unprocessable(message: str) -> HTTPException:
    return HTTPException(422, {"base": [message]})

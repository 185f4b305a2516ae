"""What senders post, in short, for the OpenAPI document; the whole formats are theirs, and every value is invented."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.adapters import Adapter

_SHOPIFY = {
    "id": 820000000001, "currency": "CNY", "financial_status": "pending", "total_price": "408.00",
    "created_at": "2024-06-11T20:15:00+08:00", "updated_at": "2024-06-11T20:15:00+08:00",
    "total_shipping_price_set": {"shop_money": {"amount": "10.00", "currency_code": "CNY"}},
    "line_items": [{"sku": "TEA-OOLONG-250", "name": "Tea", "quantity": 2, "price": "199.00"}],
}  # fmt: skip
_WOOCOMMERCE = {
    "id": 7001, "status": "processing", "currency": "CNY", "total": "408.00", "shipping_total": "10.00",
    "date_created_gmt": "2024-06-11T12:15:00", "date_modified_gmt": "2024-06-11T12:15:05",
    "line_items": [{"sku": "TEA-OOLONG-250", "quantity": 2, "subtotal": "398.00", "total": "398.00"}],
}  # fmt: skip
_TAOBAO = (
    "topic=taobao_trade_TradeBuyerPay&id=4090001&sign_method=hmac-sha256&content=%7B%E2%80%A6%7D&sign=0A1B%E2%80%A6"
)
_YOUZAN = {
    "client_id": "the-shop",
    "type": "trade_TradePaid",
    "id": "E20240611",
    "msg": "%7B%E2%80%A6%7D",
    "sign": "0a1b",
}
_STRIPE = {
    "id": "evt_1", "object": "event", "type": "payment_intent.succeeded", "created": 1718108400,
    "data": {"object": {
        "id": "pi_3Example", "amount_received": 40800, "currency": "cny",
        "metadata": {"order_no": "site-20240611-0042"},
    }},
}  # fmt: skip
_KUAIDI100 = "param=%7B%22status%22%3A%22polling%22%2C%22lastResult%22%3A%7B%E2%80%A6%7D%7D&sign=0A1B%E2%80%A6"

CHANNEL_BODIES: Mapping[str, Any] = {
    "shopify": _SHOPIFY, "woocommerce": _WOOCOMMERCE, "taobao": _TAOBAO, "youzan": _YOUZAN,
}  # fmt: skip
PAYMENT_BODIES: Mapping[str, Any] = {"stripe": _STRIPE}
CARRIER_BODIES: Mapping[str, Any] = {"kuaidi100": _KUAIDI100}


def posted(bodies: Mapping[str, Any]) -> dict[str, Any]:
    """The request's body as the document shows it: a text is a form, anything else is JSON."""
    content: dict[str, Any] = {}
    for name, body in bodies.items():
        media = "application/x-www-form-urlencoded" if isinstance(body, str) else "application/json"
        kind = content.setdefault(media, {"schema": {"type": "string" if isinstance(body, str) else "object"}})
        kind.setdefault("examples", {})[name] = {"value": body}
    return {"requestBody": {"required": True, "content": content}}


def answered(adapters: Mapping[str, Adapter]) -> dict[int | str, Any]:
    """What each sender takes for "received", and what it hears of a refusal where that is no 422."""
    examples = {name: {"value": dict(adapter.accepted)} for name, adapter in adapters.items()}
    faults = [{"field": "total", "problem": "does not add up"}]
    examples |= {
        f"{name}, kept as refused": {"value": {**adapter.refused, "faults": faults}}
        for name, adapter in adapters.items()
        if adapter.refused is not None
    }
    return {200: {"description": "taken in, or known already", "content": {"application/json": {"examples": examples}}}}

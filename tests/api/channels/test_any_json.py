"""Whatever JSON a sender signs, every adapter answers in its own words, and with what can be stored (R2)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.adapters import Adapter, Delivery, Unreadable
from api.carriers import CARRIERS
from api.channels import CHANNELS
from api.payments import PAYMENTS
from tests.api.caller import paid
from tests.api.channels.payloads import TERMS, whole_trade, woo_order, youzan_order
from tests.api.channels.test_rubbish import paths, put
from tests.api.test_shopify import shopify_order

ADAPTERS: Mapping[str, Adapter] = {**CHANNELS, **CARRIERS, **PAYMENTS}


def _body(**headers: str) -> Callable[[Any], Delivery]:
    return lambda told: Delivery(headers, json.dumps(told).encode())


def _shopify(told: Any) -> Delivery:
    return Delivery({"x-shopify-topic": "orders/cancelled"}, json.dumps(told).encode())


def _woocommerce(told: Any) -> Delivery:
    return Delivery({"x-wc-webhook-topic": "order.updated"}, json.dumps(told).encode())


def _taobao(told: Any) -> Delivery:
    topic = (
        "taobao_refund_RefundSuccess" if isinstance(told, dict) and "refund_id" in told else "taobao_trade_TradeClose"
    )
    return Delivery({}, urlencode({"topic": topic, "content": json.dumps(told)}).encode())


def _youzan(told: Any) -> Delivery:
    topic = "trade_refund_RefundSuccess" if isinstance(told, dict) and "refund_id" in told else "trade_TradeClose"
    return Delivery({}, json.dumps({"type": topic, "msg": quote(json.dumps(told))}).encode())


def _kuaidi100(told: Any) -> Delivery:
    return Delivery({}, urlencode({"param": json.dumps(told)}).encode())


TRACE = {
    "status": "polling",
    "lastResult": {
        "nu": "SF0001",
        "data": [{"time": "2030-01-02 10:00:00", "context": "派件中", "statusCode": "5", "status": "派件"}],
    },
}
REFUND = {
    "id": "evt_1", "type": "charge.refunded", "created": 1_900_000_000,
    "data": {
        "object": {"payment_intent": "pi_1", "amount_refunded": 5, "currency": "cny", "metadata": {}},
        "previous_attributes": {"amount_refunded": 0},
    },
}  # fmt: skip
SENT: Mapping[str, tuple[Callable[[Any], Delivery], tuple[Any, ...]]] = {
    "shopify": (_shopify, (shopify_order(financial_status="paid", cancelled_at="2030-01-02T12:00:00-05:00"),)),
    "woocommerce": (_woocommerce, (woo_order(refunds=[{"total": "-1.00"}]),)),
    "taobao": (
        _taobao,
        (whole_trade(), {"tid": 7, "refund_id": 8, "refund_fee": "1.00", "modified": "2026-03-01 18:31:10"}),
    ),
    "youzan": (
        _youzan,
        (youzan_order(), {"tid": "E7", "refund_id": "8", "refunded_fee": "1.00", "update_time": "2026-03-01 18:31:10"}),
    ),
    "kuaidi100": (_kuaidi100, (TRACE,)),
    "stripe": (_body(), (paid("site-1", 100, "pi_1"), REFUND)),
}
"""How each sender writes JSON, and messages of its own that hold everything we look at."""

# A JSON text can hold a NUL and half of a surrogate pair; a database takes neither.
TEXT = st.text(st.characters(), max_size=12) | st.sampled_from(["\x00", "\ud800", "null", "1e400", "-0.00", "٣"])
LEAF = st.none() | st.booleans() | st.integers() | st.floats() | TEXT
JSON = st.recursive(LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3))


@st.composite
def told(draw: st.DrawFn, sender: str) -> Any:
    """A message of the sender with other JSON at one to three of its places; at the first it may be all of it."""
    message = draw(st.sampled_from(SENT[sender][1]))
    for _ in range(draw(st.integers(1, 3))):
        message = put(message, draw(st.sampled_from(list(paths(message)))), draw(JSON))
    return message


@pytest.mark.parametrize("sender", SENT)
@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_json_gives_a_translation_or_faults_and_never_another_exception(sender: str, data: st.DataObject) -> None:
    delivery = SENT[sender][0](data.draw(told(sender)))
    identity = ADAPTERS[sender].identify(delivery)
    if identity is not None:
        for text in (*_texts(asdict(identity)), *_translated(ADAPTERS[sender], delivery)):
            assert "\x00" not in text
            text.encode()


def _translated(adapter: Adapter, delivery: Delivery) -> Iterator[str]:
    """Every text of the translation that would go into the database; nothing else may be raised than faults."""
    try:
        translation = adapter.translate(delivery, TERMS)
    except Unreadable as unreadable:
        yield from _texts([asdict(fault) for fault in unreadable.faults])
        return
    yield from _texts(translation.envelope.model_dump(mode="json"))
    if translation.person is not None:
        yield from _texts(asdict(translation.person))


def _texts(value: Any) -> Iterator[str]:
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    if isinstance(value, str):
        yield value
    for child in children:
        yield from _texts(child)


@pytest.mark.parametrize("odd", ["\x00", "\ud800"])
def test_a_text_that_no_database_takes_is_told_apart_and_made_storable(odd: str) -> None:
    body = shopify_order(updated_at=f"2030{odd}", note=f"ring{odd}", line_items=[])
    identity = ADAPTERS["shopify"].identify(_shopify(body))
    assert identity is not None
    assert ":2030\ufffd:" in identity.dedupe_key


def test_every_sender_is_tried() -> None:
    assert set(SENT) == set(ADAPTERS)

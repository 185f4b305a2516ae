"""Whatever stands in a field, an adapter answers with an order or with faults, and never breaks (R2)."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from api.adapters import Delivery, Unreadable
from api.channels import CHANNELS
from domain.intake import Fault
from models.inbox import Envelope
from tests.api.channels.payloads import TERMS, taobao, whole_trade, woo, woo_order, youzan, youzan_order
from tests.api.test_shopify import shopify_order

ODD: tuple[Any, ...] = (
    None, "", "null", " ", "NaN", "1e400", "-1", "１２", "x" * 5_000, "\x00\x1b", 1.5, -1, 0, 10**30, True, [], [None],
    [[]], ["a"], {}, {"a": 1}, "2026-13-45 99:99:99", "9999-12-31 23:59:59", "0001-01-01 00:00:00",
)  # fmt: skip


def shopify(body: Any) -> Delivery:
    """The message that tells the most: of money, of an end, of refunds."""
    return Delivery({"x-shopify-topic": "orders/cancelled"}, json.dumps(body).encode())


_REFUND = {"transactions": [{"kind": "refund", "status": "success", "amount": "1.00", "currency": "USD"}]}

MESSAGES: dict[str, tuple[Any, Callable[[Any], Delivery]]] = {
    "shopify": (
        shopify_order(
            financial_status="paid", cancel_reason="fraud", cancelled_at="2030-01-02T12:00:00-05:00",
            gateway="bogus", refunds=[_REFUND], total_tip_received="0.00",
        ),
        shopify,
    ),
    "woocommerce": (woo_order(refunds=[{"total": "-1.00"}], fee_lines=[{"total": "0.00"}]), woo),
    "taobao": (whole_trade(), taobao),
    "youzan": (youzan_order(refund_order=[{"refund_id": "1", "refund_fee": "1.00", "refund_state": 60}]), youzan),
}  # fmt: skip


def paths(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a message, from the whole to the last leaf."""
    yield before
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, child in children:
        yield from paths(child, (*before, name))


def put(whole: Any, path: tuple[Any, ...], value: Any) -> Any:
    """The message with one value replaced."""
    if not path:
        return value
    changed = copy.deepcopy(whole)
    inner = changed
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    return changed


def answers(channel: str) -> Iterator[tuple[Any, Any, Envelope | None, Sequence[Fault]]]:
    """What the channel's adapter makes of its message with each odd value at each place."""
    message, sent = MESSAGES[channel]
    for path in paths(message):
        for odd in ODD:
            delivery = sent(put(message, path, odd))
            CHANNELS[channel].identify(delivery)
            try:
                translation = CHANNELS[channel].translate(delivery, TERMS)
            except Unreadable as unreadable:
                yield path, odd, None, unreadable.faults
            else:
                yield path, odd, translation.envelope, translation.faults


@pytest.mark.parametrize("channel", MESSAGES)
def test_one_odd_value_anywhere_gives_an_order_or_faults(channel: str) -> None:
    taken = unreadable = 0
    for path, odd, envelope, faults in answers(channel):
        started = envelope is not None and envelope.start is not None
        assert started != bool(faults), (path, odd)
        taken += started
        unreadable += envelope is None
    assert taken > 100
    assert unreadable > 10


@pytest.mark.parametrize("channel", MESSAGES)
@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe", b"[]", b"5", b"{", b"content=%", b"content=%7B&topic=x", b"[" * 9_999]
)
def test_a_body_that_is_nothing_is_refused(channel: str, body: bytes) -> None:
    adapter, delivery = CHANNELS[channel], Delivery({"x-wc-webhook-topic": "order.created"}, body)
    adapter.identify(delivery)
    with pytest.raises(Unreadable):
        adapter.translate(delivery, TERMS)

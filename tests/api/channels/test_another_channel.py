"""The page of code in docs/channels.md is a channel that works."""

from __future__ import annotations

import hmac
import json
import re
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from pydantic import SecretStr

from api.adapters import Adapter, Delivery
from api.problems import BadSignature
from runtime.settings import Settings
from tests.api.channels.payloads import TERMS, fields

PAGE = Path(__file__).resolve().parents[3] / "docs" / "channels.md"
SECRET = "oolong"
SETTINGS = cast(Settings, SimpleNamespace(teahouse_secret=SecretStr(SECRET)))


@pytest.fixture
def tea_house() -> Adapter:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    module: dict[str, Any] = {"__name__": "teahouse"}
    exec(compile(code, str(PAGE), "exec"), module)
    adapter: Adapter = module["TeaHouse"]()
    return adapter


def posted(**changes: Any) -> Delivery:
    order = {
        "number": 12, "state": "paid", "currency": "CNY", "ordered_at": "2026-03-01T10:00:00+08:00", "total": "105.00",
        "changed_at": "2026-03-01T10:01:00+08:00", "paid_at": "2026-03-01T10:00:59+08:00", "postage": "5.00",
        "teas": [{"code": "OOLONG", "tins": 2, "price": "50.00"}], "guest": {"name": "Testa", "city": "Testville"},
    }  # fmt: skip
    body = json.dumps(order | changes).encode()
    return Delivery({"x-tea-signature": hmac.new(SECRET.encode(), body, sha256).hexdigest()}, body)


def test_it_takes_an_order_with_its_payment(tea_house: Adapter) -> None:
    tea_house.verify(posted(), SETTINGS)
    assert tea_house.identify(posted()) == tea_house.identify(posted())
    translation = tea_house.translate(posted(), TERMS)
    assert translation.envelope.start is not None
    assert translation.envelope.start.total == 10_500
    assert translation.envelope.payment is not None
    assert translation.envelope.payment.amount == 10_500


def test_it_refuses_with_every_reason(tea_house: Adapter) -> None:
    translation = tea_house.translate(posted(total="ten", teas=[{"code": "", "tins": 1.5, "price": "50.00"}]), TERMS)
    assert translation.envelope.start is None
    assert fields(translation.faults) == {"total", "teas.0.code", "teas.0.tins"}


def test_it_refuses_a_signature_over_other_bytes(tea_house: Adapter) -> None:
    delivery = posted()
    with pytest.raises(BadSignature):
        tea_house.verify(Delivery(delivery.headers, delivery.body + b" "), SETTINGS)

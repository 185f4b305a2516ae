"""The door of the stock feed: signed, on time, once (R5)."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from dev.simulators import warehouse
from tests.api.caller import Caller

MESSAGE = {"sequence": 1, "lines": [{"warehouse": "SZ", "sku": "TEA", "counted": 40}]}


async def send(
    api: Caller, message: Any = MESSAGE, *, feed: str = "wms", secret: str = "", message_id: str = "m-1"
) -> httpx.Response:
    """As the simulated warehouse system sends it."""
    known = secret or api.settings.stock_feed_secrets["wms"].get_secret_value()
    envelope = warehouse.seal(known, {"id": message_id, "message": message})
    path = f"/v1/webhooks/stock/{feed}"
    return await api.http.post(path, content=envelope.content, headers=dict(envelope.headers))


async def on_hand(api: Caller) -> Any:
    return await api.value("SELECT on_hand FROM stock_items WHERE sku = 'TEA'")


async def test_a_count_is_applied_once(api: Caller) -> None:
    await api.stock_up(TEA=10)
    answers = [await send(api), await send(api)]
    assert [(one.status_code, one.json()) for one in answers] == [(200, {"applied": True}), (200, {"applied": False})]
    assert await on_hand(api) == 40


async def test_a_bad_signature_an_old_message_and_an_unknown_feed_change_nothing(
    api: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    await api.stock_up(TEA=10)
    before = await api.rows()
    assert (await send(api, secret="guessed")).status_code == 401
    assert (await send(api, feed="nobody")).status_code == 404
    real = time.time()
    monkeypatch.setattr("dev.simulators.warehouse.time.time", lambda: real - 301)
    late = await send(api)
    monkeypatch.undo()
    assert late.status_code == 401
    assert await api.rows() == before


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ({"sequence": 1, "lines": [{"warehouse": "SZ", "sku": "", "counted": 1}]}, "lines.0.sku"),
        ({"sequence": 1, "lines": [{"warehouse": "SZ", "sku": "TEA", "counted": 1.5}]}, "lines.0.counted"),
        ({"sequence": 1, "lines": [{"warehouse": "SZ", "sku": "TEA", "counted": -1}]}, "lines.0.counted"),
        ({"sequence": 1, "lines": [{"warehouse": "SZ", "sku": "TEA", "counted": 1, "moved": 1}]}, "lines.0"),
        ({"sequence": "1", "lines": []}, "lines"),
        ({"sequence": 1, "lines": [{"warehouse": "SZ", "sku": "UNHEARD", "counted": 1}]}, "lines"),
    ],
)
async def test_a_faulty_message_is_refused_whole(api: Caller, message: Any, field: str) -> None:
    await api.stock_up(TEA=10)
    answer = await send(api, message)
    assert answer.status_code == 422
    assert field in {fault["field"] for fault in answer.json()["faults"]}
    assert await on_hand(api) == 10


async def test_the_simulated_warehouse_reaches_the_door(api: Caller, outside: httpx.AsyncClient) -> None:
    answer = await outside.post("/control/warehouse/wms", json=MESSAGE)
    assert answer.status_code == 200, answer.text

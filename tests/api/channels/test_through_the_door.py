"""The three channels over HTTP on real PostgreSQL: what is stored, once, and sealed (R5, R21)."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from api.adapters import Delivery
from runtime.crypto import place
from tests.api.caller import Caller
from tests.api.channels import payloads
from tests.api.channels.payloads import taobao, whole_trade, woo, woo_order, youzan, youzan_order

PERSONAL = ("Testa", "Sample Street", "555 0100", "测试", "13800000000")
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture(autouse=True)
def own_secrets(api: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sign with the secrets that development made for this test's data directory."""
    ours = api.settings
    for name, secret in (
        ("WOO_SECRET", ours.woocommerce_webhook_secret),
        ("TAOBAO_SECRET", ours.taobao_app_secret),
        ("YOUZAN_SECRET", ours.youzan_client_secret),
    ):
        assert secret is not None
        monkeypatch.setattr(payloads, name, secret.get_secret_value())
    monkeypatch.setattr(payloads, "YOUZAN_ID", ours.youzan_client_id)


async def send(api: Caller, channel: str, delivery: Delivery) -> httpx.Response:
    headers = dict(delivery.headers) | (FORM if channel == "taobao" else {})
    return await api.http.post(f"/v1/webhooks/channels/{channel}", content=delivery.body, headers=headers)


def message(channel: str, **unknown: Any) -> Delivery:
    """A good message of each channel, with fields beside that nobody here knows."""
    if channel == "woocommerce":
        return woo(woo_order(**unknown))
    if channel == "taobao":
        return taobao(whole_trade(**unknown))
    return youzan(youzan_order(**unknown))


async def sealed(api: Caller) -> list[bytes]:
    """Everything that the inbox holds, opened."""
    vault = api.app.state.house.vault
    async with api.pool.connection() as conn:
        cursor = await conn.execute("SELECT * FROM inbox")
        rows = await cursor.fetchall()
    return [
        vault.open_message(bytes(value), place("inbox", column, row["message_id"]))
        for row in rows
        for column, value in row.items()
        if isinstance(value, bytes | memoryview)
    ]


async def in_the_clear(api: Caller) -> str:
    """Every row of inbox and contacts as the database shows it."""
    async with api.pool.connection() as conn:
        cursor = await conn.execute(
            "SELECT (SELECT string_agg(i::text, '') FROM inbox i)"
            " || (SELECT string_agg(c::text, '') FROM contacts c) AS all"
        )
        row = await cursor.fetchone()
    assert row is not None
    return str(row["all"])


@pytest.mark.parametrize("channel", ["woocommerce", "taobao", "youzan"])
async def test_a_message_is_stored_once_however_often_it_comes(api: Caller, channel: str) -> None:
    first = await send(api, channel, message(channel))
    assert first.status_code == 200, first.text
    after_first = await api.rows()
    again = await send(api, channel, message(channel))
    assert (again.status_code, again.json()) == (200, first.json())
    assert await api.rows() == after_first
    assert (after_first["inbox"], after_first["contacts"]) == (1, 1)


@pytest.mark.parametrize("channel", ["woocommerce", "taobao", "youzan"])
async def test_the_person_is_nowhere_in_the_clear(api: Caller, channel: str) -> None:
    await send(api, channel, message(channel))
    shown = await in_the_clear(api)
    assert shown
    assert not [text for text in PERSONAL if text in shown]


@pytest.mark.parametrize("channel", ["woocommerce", "taobao", "youzan"])
async def test_a_bad_signature_is_refused_and_nothing_is_stored(
    api: Caller, channel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("WOO_SECRET", "TAOBAO_SECRET", "YOUZAN_SECRET"):
        monkeypatch.setattr(payloads, name, "guessed")
    before = await api.rows()
    answer = await send(api, channel, message(channel))
    assert answer.status_code == 401
    assert await api.rows() == before


async def test_woocommerces_ping_gets_the_200_it_asks_for_and_leaves_nothing(api: Caller) -> None:
    before = await api.rows()
    answer = await api.http.post("/v1/webhooks/channels/woocommerce", content=b"webhook_id=17", headers=FORM)
    assert answer.status_code == 200
    assert await api.rows() == before


async def test_created_then_paid_in_one_second_are_both_heard(api: Caller) -> None:
    await send(api, "woocommerce", woo(woo_order(status="pending", date_paid_gmt=None), "order.updated"))
    await send(api, "woocommerce", woo(woo_order(), "order.updated"))
    told = [json.loads(text) for text in await sealed(api)]
    assert sorted(envelope["payment"] is not None for envelope in told) == [False, True]
    assert sum(envelope["start"] is not None for envelope in told) == 1


async def test_what_is_refused_is_kept_whole_with_every_fault(api: Caller) -> None:
    delivery = message("woocommerce", total="1.00", gift_wrap={"ribbon": "blue"})
    answer = await send(api, "woocommerce", delivery)
    assert [fault["field"] for fault in answer.json()["faults"]] == ["total"]
    assert await api.value("SELECT state FROM inbox") == "refused"
    assert await api.value("SELECT faults->0->>'field' FROM inbox") == "total"
    assert await sealed(api) == [delivery.body]


async def test_a_refusal_does_not_count_as_a_failure_where_failures_shut_the_hook(api: Caller) -> None:
    answers = [await send(api, "woocommerce", message("woocommerce", total=f"{number}.00")) for number in range(6)]
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.json()["kept_as"] for answer in answers} == {"refused"}
    after = await send(api, "woocommerce", message("woocommerce"))
    assert (after.status_code, after.json()) == (200, {"received": True})


async def test_every_other_channel_hears_of_a_refusal_as_422(api: Caller) -> None:
    trade = whole_trade()
    trade["trade_fullinfo_get_response"]["trade"]["payment"] = "1.00"
    order = youzan_order(pay={"payment": "1.00"})
    for channel, delivery in (("taobao", taobao(trade)), ("youzan", youzan(order))):
        answer = await send(api, channel, delivery)
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")


@pytest.mark.parametrize("channel", ["woocommerce", "taobao", "youzan"])
async def test_fields_that_nobody_here_knows_are_kept_sealed(api: Caller, channel: str) -> None:
    await send(api, channel, message(channel, gift_wrap="blue-ribbon"))
    assert any(b"blue-ribbon" in text for text in await sealed(api))

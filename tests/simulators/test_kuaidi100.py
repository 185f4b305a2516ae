"""Pushes in Kuaidi100's form, and parcels that move by themselves."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from dev.simulators.app import create_app
from dev.simulators.kuaidi100_codes import HAPPENINGS
from dev.simulators.kuaidi100_depot import waybill
from gateways.carriers import Contact, ParcelToBook
from gateways.kuaidi100 import Kuaidi100Access, Kuaidi100Booking
from tests.simulators.conftest import Running, config, serving
from tests.simulators.shop import SECRETS, Shop

BUYER = Contact("測試買家", "13800000001", "上海市測試路 1 號")
DEPOT = Contact("測試倉", "13800000002", "深圳市測試路 2 號")


def push(request: httpx.Request, salt: str = "pinch") -> dict[str, Any]:
    """The push's param, after its signature was checked as the provider documents it."""
    form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
    assert form["sign"] == hashlib.md5((form["param"] + salt).encode()).hexdigest().upper()
    param: dict[str, Any] = json.loads(form["param"])
    return param


async def _followed(outside: Running) -> str:
    access = Kuaidi100Access(
        f"{outside.base}/kuaidi100", SECRETS["carrier_key"], SECRETS["carrier_secret"], "pinch", "http://shop/push"
    )
    carriers = Kuaidi100Booking(outside.client, access)
    parcel = ParcelToBook("OF-1", "OF-1-1", "SF", BUYER, DEPOT, "茶", 1, 500)
    number = (await carriers.book(parcel, key="OF-1-1:book")).tracking_no
    await carriers.follow(number, carrier="SF", recipient_phone=BUYER.phone)
    return number


async def test_an_event_is_pushed_to_the_subscriber_with_the_whole_trace(outside: Running, shop: Shop) -> None:
    number = await _followed(outside)
    await outside.control(f"/kuaidi100/{number}/advance", {"state": "picked_up", "at": "2026-03-01T02:00:00Z"})
    await outside.world.postman.settled()
    await outside.control(f"/kuaidi100/{number}/advance", {"state": "signed", "at": "2026-03-02T12:30:00+08:00"})
    await outside.world.postman.settled()
    assert [str(one.url) for one in shop.received] == ["http://shop/push"] * 2
    first, last = (push(one) for one in shop.received)
    assert (first["status"], last["status"]) == ("polling", "shutdown")
    result = last["lastResult"]
    assert (result["nu"], result["com"], result["state"], result["ischeck"]) == (number, "shunfeng", "3", "1")
    assert [(one["statusCode"], one["time"]) for one in result["data"]] == [
        ("301", "2026-03-02 12:30:00"),
        ("1", "2026-03-01 10:00:00"),
    ]


@pytest.mark.parametrize(("code", "state"), [("207", "2"), ("208", "2"), ("304", "3"), ("401", "4"), ("14", "14")])
async def test_an_event_can_be_named_by_its_code(outside: Running, shop: Shop, code: str, state: str) -> None:
    number = await _followed(outside)
    await outside.control(f"/kuaidi100/{number}/advance", {"state": code})
    await outside.world.postman.settled()
    result = push(shop.received[0])["lastResult"]
    assert (result["state"], result["data"][0]["statusCode"]) == (state, code)


async def test_an_unknown_event_or_a_time_without_zone_is_refused(outside: Running) -> None:
    number = await _followed(outside)
    url = f"{outside.base}/control/kuaidi100/{number}/advance"
    for body in ({"state": "teleported"}, {"state": "signed", "at": "2026-03-01T02:00:00"}):
        assert (await outside.client.post(url, json=body)).status_code == 422


async def test_an_automatic_parcel_walks_to_its_signature(shop: Shop) -> None:
    async with serving(create_app(config(auto=True), shop.client())) as outside:
        await _followed(outside)
        await outside.world.walks.finished()
        await outside.world.postman.settled()
    newest = sorted(shop.received, key=lambda one: len(push(one)["lastResult"]["data"]))
    codes = [push(one)["lastResult"]["data"][0]["statusCode"] for one in newest]
    assert codes == ["1", "0", "5", "301"]


async def test_without_the_setting_no_parcel_moves(outside: Running, shop: Shop) -> None:
    await _followed(outside)
    await outside.world.walks.finished()
    assert shop.received == []


async def test_a_push_is_repeated_until_the_shop_says_so_in_the_body() -> None:
    answers = [httpx.Response(200, json={"result": False}), httpx.Response(200, text="ok")]
    pushed: list[httpx.Request] = []

    def receive(request: httpx.Request) -> httpx.Response:
        pushed.append(request)
        return answers.pop(0) if answers else httpx.Response(200, json={"result": True})

    client = httpx.AsyncClient(transport=httpx.MockTransport(receive))
    async with serving(create_app(config(), client)) as outside:
        number = await _followed(outside)
        await outside.control(f"/kuaidi100/{number}/advance", {"state": "picked_up"})
        await outside.world.postman.settled()
    assert len(pushed) == 3


def test_a_waybill_depends_on_nothing_but_carrier_and_key() -> None:
    assert waybill("shunfeng", "OF-1-1:book") == waybill("shunfeng", "OF-1-1:book")
    assert waybill("shunfeng", "OF-1-1:book") != waybill("shunfeng", "OF-1-2:book")
    assert waybill("shunfeng", "k").startswith("SF")
    assert waybill("jd", "k").startswith("JDVA")


def test_every_code_of_the_field_is_there_once() -> None:
    codes = [one.code for one in HAPPENINGS.values()]
    assert len(codes) == len(set(codes))
    assert {
        "0",
        "1",
        "5",
        "301",
        "302",
        "303",
        "304",
        *(str(code) for code in range(201, 211)),
        "401",
        "6",
        "14",
    } <= set(codes)

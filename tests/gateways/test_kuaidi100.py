"""Kuaidi100: signatures, exact forms, one waybill per key."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest

from gateways.carriers import Booking, Contact, ParcelToBook
from gateways.errors import GatewayError, Refused, Unavailable
from gateways.kuaidi100 import Kuaidi100Access, Kuaidi100Booking
from tests.gateways.conftest import Outside
from tests.gateways.wire import Wire, says

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PARCEL = ParcelToBook(
    order_no="OF-1",
    parcel_no="OF-1-1",
    carrier="SF",
    recipient=Contact("測試買家", "13800000001", "上海市測試路 1 號"),
    sender=Contact("測試倉", "13800000002", "深圳市測試路 2 號"),
    cargo="茶",
    pieces=3,
    weight_grams=1250,
)
ACCESS = Kuaidi100Access("https://api.example", "KEY", "SECRET", "SALT", "https://shop.example/push")


def form(request: httpx.Request) -> dict[str, str]:
    return dict(parse_qsl(request.content.decode(), keep_blank_values=True))


def booked(number: str = "SF1") -> httpx.Response:
    return says(body={"success": True, "code": 200, "data": {"kuaidinum": number}})


async def _param(parcel: ParcelToBook, access: Kuaidi100Access = ACCESS) -> dict[str, Any]:
    wire = Wire(booked())
    await Kuaidi100Booking(wire.client, access).book(parcel, key="OF-1-1:book")
    param: dict[str, Any] = json.loads(form(wire.last)["param"])
    return param


async def test_booking_is_a_signed_form() -> None:
    wire = Wire(booked())
    got = await Kuaidi100Booking(wire.client, ACCESS, now=lambda: NOON).book(PARCEL, key="OF-1-1:book")
    assert got == Booking("SF", "SF1")
    assert (wire.last.method, str(wire.last.url)) == ("POST", "https://api.example/label/order")
    sent = form(wire.last)
    assert list(sent) == ["method", "key", "t", "sign", "param"]
    assert (sent["method"], sent["key"], sent["t"]) == ("order", "KEY", "1772366400000")
    text = sent["param"] + "1772366400000" + "KEY" + "SECRET"
    assert sent["sign"] == hashlib.md5(text.encode()).hexdigest().upper()


async def test_booking_says_who_what_and_how_heavy() -> None:
    assert await _param(PARCEL) == {
        "printType": "NON",
        "kuaidicom": "shunfeng",
        "recMan": {"name": "測試買家", "mobile": "13800000001", "printAddr": "上海市測試路 1 號"},
        "sendMan": {"name": "測試倉", "mobile": "13800000002", "printAddr": "深圳市測試路 2 號"},
        "cargo": "茶",
        "count": 3,
        "weight": "1.25",
        "payType": "SHIPPER",
        "expType": "标准快递",
        "orderId": "OF-1-1:book",
    }


async def test_insurance_collection_and_account_are_said_when_there_are_any() -> None:
    parcel = replace(PARCEL, insured_minor=123456, collect_minor=5)
    param = await _param(parcel, replace(ACCESS, accounts={"SF": "7550001"}))
    assert (param["valinsPay"], param["collection"], param["partnerId"]) == ("1234.56", "0.05", "7550001")


async def test_following_gives_callback_and_salt() -> None:
    wire = Wire(says(body={"result": True, "returnCode": "200"}))
    access = replace(ACCESS, poll_base="https://poll.example")
    await Kuaidi100Booking(wire.client, access).follow("SF1", carrier="SF", recipient_phone="13800000001")
    assert str(wire.last.url) == "https://poll.example/poll"
    assert form(wire.last)["schema"] == "json"
    assert json.loads(form(wire.last)["param"]) == {
        "company": "shunfeng",
        "number": "SF1",
        "key": "KEY",
        "parameters": {
            "callbackurl": "https://shop.example/push",
            "salt": "SALT",
            "resultv2": "4",
            "phone": "13800000001",
        },
    }


async def test_a_refusal_inside_a_200_is_a_refusal() -> None:
    wire = Wire(says(body={"success": False, "code": 30003, "message": "收件人測試買家電話錯誤"}))
    with pytest.raises(Refused) as caught:
        await Kuaidi100Booking(wire.client, ACCESS).book(PARCEL, key="k")
    assert str(caught.value) == "kuaidi100: 30003"


async def test_a_fault_of_theirs_inside_a_200_is_worth_asking_again() -> None:
    wire = Wire(says(body={"success": False, "code": "500", "message": "系統繁忙"}))
    with pytest.raises(Unavailable):
        await Kuaidi100Booking(wire.client, ACCESS).book(PARCEL, key="k")


async def test_a_success_without_a_waybill_is_unreadable() -> None:
    wire = Wire(says(body={"success": True, "code": 200, "data": None}))
    with pytest.raises(Unavailable, match="unreadable_answer"):
        await Kuaidi100Booking(wire.client, ACCESS).book(PARCEL, key="k")


async def test_an_unknown_carrier_is_refused_before_anything_is_sent() -> None:
    wire = Wire()
    with pytest.raises(Refused, match="unknown_carrier"):
        await Kuaidi100Booking(wire.client, ACCESS).book(replace(PARCEL, carrier="PIGEON"), key="k")
    assert wire.asked == []


def test_neither_person_nor_secret_shows_when_printed() -> None:
    shown = repr(PARCEL) + repr(ACCESS)
    assert not any(private in shown for private in ("測試買家", "1380000", "測試路", "SECRET", "SALT"))


async def test_the_same_key_is_the_same_waybill(outside: Outside, kuaidi100_access: Kuaidi100Access) -> None:
    carriers = Kuaidi100Booking(outside.client, kuaidi100_access)
    first = await carriers.book(PARCEL, key="OF-1-1:book")
    assert await carriers.book(PARCEL, key="OF-1-1:book") == first
    assert (await carriers.book(PARCEL, key="OF-1-2:book")).tracking_no != first.tracking_no
    assert len(outside.world.shelf.all("kuaidi100_parcel")) == 2


async def test_booking_again_does_not_forget_who_follows_the_parcel(
    outside: Outside, kuaidi100_access: Kuaidi100Access
) -> None:
    carriers = Kuaidi100Booking(outside.client, kuaidi100_access)
    got = await carriers.book(PARCEL, key="k")
    await carriers.follow(got.tracking_no, carrier="SF", recipient_phone="13800000001")
    await carriers.book(PARCEL, key="k")
    await outside.control(f"/kuaidi100/{got.tracking_no}/advance", {"state": "picked_up"})
    await outside.world.postman.settled()
    assert len(outside.shop.received) == 1


@pytest.mark.parametrize("carrier", ["SF", "STO", "YTO", "ZTO", "YUNDA", "JD"])
async def test_every_carrier_of_ours_can_be_booked_followed_and_withdrawn(
    outside: Outside, kuaidi100_access: Kuaidi100Access, carrier: str
) -> None:
    carriers = Kuaidi100Booking(outside.client, kuaidi100_access)
    got = await carriers.book(replace(PARCEL, carrier=carrier), key="k")
    for _ in range(2):
        await carriers.follow(got.tracking_no, carrier=carrier, recipient_phone="13800000001")
    for _ in range(2):
        await carriers.void(got.tracking_no, carrier=carrier, key="k")


async def test_a_parcel_on_its_way_cannot_be_withdrawn(outside: Outside, kuaidi100_access: Kuaidi100Access) -> None:
    carriers = Kuaidi100Booking(outside.client, kuaidi100_access)
    got = await carriers.book(PARCEL, key="k")
    await outside.control(f"/kuaidi100/{got.tracking_no}/advance", {"state": "picked_up"})
    with pytest.raises(Refused):
        await carriers.void(got.tracking_no, carrier="SF", key="k")


async def test_a_wrong_secret_is_refused_and_books_nothing(outside: Outside, kuaidi100_access: Kuaidi100Access) -> None:
    with pytest.raises(GatewayError, match="503"):
        await Kuaidi100Booking(outside.client, replace(kuaidi100_access, secret="guessed")).book(PARCEL, key="k")
    assert outside.world.shelf.all("kuaidi100_parcel") == []

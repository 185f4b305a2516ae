"""Kuaidi100 (快遞100): one interface to all the Chinese carriers.

Waybills (電子面單) are a form POST to ``/label/order`` with ``method``, ``key``, ``t``, ``param``
and ``sign``, the upper-case MD5 of param + t + key + secret. Tracking is a subscription at
``/poll``; the pushes come in at our webhook, signed with the salt given here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import httpx

from domain.money import decimal_text
from gateways.carriers import Booking, Contact, ParcelToBook
from gateways.errors import Refused, Unavailable
from gateways.http import TIMEOUT, ask, json_object, reading, safe_code, utc_now

PARTY = "kuaidi100"

COMPANY: Mapping[str, str] = MappingProxyType(
    {"SF": "shunfeng", "STO": "shentong", "YTO": "yuantong", "ZTO": "zhongtong", "YUNDA": "yunda", "JD": "jd"}
)
"""Kuaidi100's code for each of the shop's carriers (R11)."""

_DONE = "200"
_THEIR_FAULT = frozenset({"500"})
_FOLLOWED_ALREADY = "501"


@dataclass(frozen=True, slots=True)
class Kuaidi100Access:
    """Where Kuaidi100 is, our account there, and where it shall send tracking events.

    The real service answers waybills at ``https://api.kuaidi100.com`` (base) and subscriptions
    at ``https://poll.kuaidi100.com`` (poll_base); without poll_base both go to base.
    ``accounts`` maps our carrier code to the monthly account (月結帳號) that pays for the waybill.
    """

    base: str
    key: str
    secret: str = field(repr=False)
    salt: str = field(repr=False)
    callback_url: str
    poll_base: str | None = None
    accounts: Mapping[str, str] = field(default_factory=dict)


class Kuaidi100Booking:
    """Books, withdraws and follows parcels with whichever carrier the rules chose (R11)."""

    def __init__(
        self, client: httpx.AsyncClient, access: Kuaidi100Access, *, now: Callable[[], datetime] = utc_now
    ) -> None:
        self._client = client
        self._access = access
        self._now = now

    async def book(self, parcel: ParcelToBook, *, key: str) -> Booking:
        """Order a waybill without printing it: the label is ours (R10)."""
        data = await self._label("order", _order(parcel, self._access.accounts, key))
        with reading(PARTY):
            return Booking(parcel.carrier, str(data["kuaidinum"]))

    async def void(self, tracking_no: str, *, carrier: str, key: str) -> None:
        """Withdraw a waybill; Refused once the carrier has the parcel."""
        param = {"kuaidicom": company(carrier), "kuaidinum": tracking_no, "orderId": key, "reason": "order cancelled"}
        await self._label("cancel", param)

    async def follow(self, tracking_no: str, *, carrier: str, recipient_phone: str) -> None:
        """Ask for pushes to our webhook. SF and ZTO answer only those who know the recipient's phone."""
        access = self._access
        param = {
            "company": company(carrier),
            "number": tracking_no,
            "key": access.key,
            "parameters": {
                "callbackurl": access.callback_url,
                "salt": access.salt,
                "resultv2": "4",
                "phone": recipient_phone,
            },
        }
        base = access.poll_base or access.base
        answer = await self._form(f"{base.rstrip('/')}/poll", {"schema": "json", "param": _json(param)})
        with reading(PARTY):
            code = str(answer["returnCode"])
        if code != _FOLLOWED_ALREADY:
            _expect_done(code)

    async def _label(self, method: str, param: Mapping[str, Any]) -> dict[str, Any]:
        access, text = self._access, _json(param)
        moment = str(int(self._now().timestamp() * 1000))
        form = {
            "method": method,
            "key": access.key,
            "t": moment,
            "sign": sign(text + moment + access.key + access.secret),
            "param": text,
        }
        answer = await self._form(f"{access.base.rstrip('/')}/label/order", form)
        with reading(PARTY):
            _expect_done(str(answer["code"]))
            return dict(answer.get("data") or {})

    async def _form(self, url: str, form: Mapping[str, str]) -> dict[str, Any]:
        request = self._client.build_request("POST", url, data=form, timeout=TIMEOUT)
        return json_object(PARTY, await ask(self._client, PARTY, request))


def company(carrier: str) -> str:
    """Kuaidi100's code for a carrier of ours; Refused("unknown_carrier") if there is none."""
    code = COMPANY.get(carrier.upper())
    if code is None:
        raise Refused(PARTY, "unknown_carrier")
    return code


def sign(text: str) -> str:
    """Kuaidi100's signature: upper-case MD5. It proves origin by the secret within, not by MD5's strength."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().upper()


def _order(parcel: ParcelToBook, accounts: Mapping[str, str], key: str) -> dict[str, Any]:
    # orderId is what makes a repeated booking the same booking: it must be unique per shop.
    param: dict[str, Any] = {
        "printType": "NON",
        "kuaidicom": company(parcel.carrier),
        "recMan": _person(parcel.recipient),
        "sendMan": _person(parcel.sender),
        "cargo": parcel.cargo,
        "count": parcel.pieces,
        "weight": str(Decimal(parcel.weight_grams) / 1000),
        "payType": "SHIPPER",
        "expType": "标准快递",
        "orderId": key,
    }
    if account := accounts.get(parcel.carrier):
        param["partnerId"] = account
    if parcel.insured_minor:
        param["valinsPay"] = decimal_text(parcel.insured_minor, "CNY")
    if parcel.collect_minor:
        param["collection"] = decimal_text(parcel.collect_minor, "CNY")
    return param


def _person(contact: Contact) -> dict[str, str]:
    return {"name": contact.name, "mobile": contact.phone, "printAddr": contact.address}


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _expect_done(code: str) -> None:
    """Kuaidi100 answers 200 to everything; the code in the body is its real answer."""
    if code == _DONE:
        return
    shown = safe_code(code) or "unknown"
    if code in _THEIR_FAULT:
        raise Unavailable(PARTY, shown)
    raise Refused(PARTY, shown)

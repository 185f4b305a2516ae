"""Telling Taobao what it can hear of an order: that it was shipped, and that an unpaid one is closed (R12, R20).

Taobao has no call for any other status: it leads the trade itself, and its app shows what
it knows. Nothing can overtake here, since a trade is shipped once and closed once; whether
it is, Taobao is asked first, because neither call takes an idempotency key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from domain.order_status import OrderStatus
from gateways.errors import Refused
from gateways.http import reading
from gateways.taobao_top import PARTY, Top

COMPANIES: Mapping[str, str] = MappingProxyType(
    {"SF": "SF", "STO": "STO", "YTO": "YTO", "ZTO": "ZTO", "YUNDA": "YUNDA", "JD": "JD"}
)
"""Our carriers as ``company_code``."""

_WAITS_FOR_GOODS = "WAIT_SELLER_SEND_GOODS"
_PARTLY_SENT = "SELLER_CONSIGNED_PART"
_UNPAID = frozenset({"WAIT_BUYER_PAY", "TRADE_NO_CREATE_PAY"})
_CLOSING = frozenset({OrderStatus.CANCELLED, OrderStatus.REJECTED, OrderStatus.INTERCEPTED})


@dataclass(frozen=True, slots=True)
class Waybill:
    """A parcel that has a tracking number; ``carrier`` is our code."""

    carrier: str
    tracking_no: str


async def show_order(top: Top, tid: str, *, status: str, parcels: Sequence[Waybill]) -> None:
    """Ship or close the trade, if it is time and not done yet; everything else Taobao knows without us."""
    if status in _CLOSING:
        if await _status(top, tid) in _UNPAID:
            await top.call("taobao.trade.close", tid=tid, close_reason="订单已取消")
    elif parcels and await _status(top, tid) in (_WAITS_FOR_GOODS, _PARTLY_SENT):
        # The first parcel ships the whole trade there: Taobao splits by its own lines, which parcels need not follow.
        await top.call(
            "taobao.logistics.offline.send",
            tid=tid,
            out_sid=parcels[0].tracking_no,
            company_code=_company(parcels[0].carrier),
        )


async def _status(top: Top, tid: str) -> str:
    answer = await top.call("taobao.trade.fullinfo.get", tid=tid, fields="tid,status")
    with reading(PARTY):
        return str(answer["trade"]["status"])


def _company(carrier: str) -> str:
    code = COMPANIES.get(carrier.upper())
    if code is None:
        raise Refused(PARTY, "carrier_unknown_to_channel")
    return code

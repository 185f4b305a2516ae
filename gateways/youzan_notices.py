"""Telling Youzan what it can hear of an order: that it was shipped, and that an unpaid one is closed (R12, R20).

Youzan has no call for any other status: it leads the trade itself. Nothing can overtake
here, since a trade is shipped once and closed once; whether it is, Youzan is asked first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from domain.order_status import OrderStatus
from gateways.errors import Refused
from gateways.http import reading
from gateways.taobao_notices import Waybill
from gateways.youzan_cloud import PARTY, YouzanCloud

EXPRESS: Mapping[str, int] = MappingProxyType({"STO": 1, "YTO": 2, "ZTO": 3, "YUNDA": 4, "SF": 7, "JD": 138})
"""Our carriers as ``out_stype``, the platform's number of the company."""

_WAITS_FOR_GOODS, _UNPAID = "WAIT_SELLER_SEND_GOODS", "WAIT_BUYER_PAY"
_CLOSING = frozenset({OrderStatus.CANCELLED, OrderStatus.REJECTED, OrderStatus.INTERCEPTED})
# "The seller cannot ship": the nearest of the platform's reasons.
_CANNOT_SHIP = 17


async def show_order(cloud: YouzanCloud, tid: str, *, status: str, parcels: Sequence[Waybill]) -> None:
    """Ship or close the trade, if it is time and not done yet; everything else Youzan knows without us."""
    if status in _CLOSING:
        if await _status(cloud, tid) == _UNPAID:
            await cloud.call("youzan.trade.close", "3.0.0", tid=tid, close_type=_CANNOT_SHIP)
    elif parcels and await _status(cloud, tid) == _WAITS_FOR_GOODS:
        await cloud.call(
            "youzan.logistics.online.confirm",
            "3.0.0",
            tid=tid,
            is_no_express=0,
            out_stype=_express(parcels[0].carrier),
            out_sid=parcels[0].tracking_no,
        )


async def _status(cloud: YouzanCloud, tid: str) -> str:
    told = await cloud.call("youzan.trade.get", "4.0.2", tid=tid)
    with reading(PARTY):
        return str(told["full_order_info"]["order_info"]["status"])


def _express(carrier: str) -> int:
    number = EXPRESS.get(carrier.upper())
    if number is None:
        raise Refused(PARTY, "carrier_unknown_to_channel")
    return number

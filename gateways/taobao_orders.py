"""Taobao's trades by time of change: ``taobao.trades.sold.increment.get`` names them, ``trade.fullinfo.get`` tells.

The list spans a day at most, and is read from its last page to its first, as the platform advises.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx

from gateways.http import reading
from gateways.paging import backwards
from gateways.platforms import PlatformAccess
from gateways.taobao_top import PARTY, Top, beijing

_MOST = 100
_LONGEST = timedelta(days=1)
_FIELDS = (
    "tid,status,type,created,modified,pay_time,end_time,payment,post_fee,discount_fee,buyer_nick,buyer_open_uid,"
    "buyer_message,buyer_email,receiver_name,receiver_mobile,receiver_phone,receiver_country,receiver_state,"
    "receiver_city,receiver_district,receiver_town,receiver_address,receiver_zip,orders"
)


class TaobaoOrders:
    """One shop's sold trades."""

    def __init__(self, client: httpx.AsyncClient, access: PlatformAccess) -> None:
        self._top = Top(client, access)

    async def changed(self, since: datetime, until: datetime) -> AsyncIterator[Mapping[str, Any]]:
        """Day by day; each trade is fetched whole, since the list leaves out the person."""
        start = since
        while start < until:
            end = min(start + _LONGEST, until)
            async for tid in self._ids(start, end):
                answer = await self._top.call("taobao.trade.fullinfo.get", tid=tid, fields=_FIELDS)
                with reading(PARTY):
                    trade = dict(answer["trade"])
                yield trade
            start = end

    async def _ids(self, start: datetime, end: datetime) -> AsyncIterator[str]:
        async def page(number: int) -> tuple[Sequence[str], int]:
            answer = await self._top.call(
                "taobao.trades.sold.increment.get",
                fields="tid,modified",
                start_modified=beijing(start),
                end_modified=beijing(end),
                page_no=str(number),
                page_size=str(_MOST),
            )
            with reading(PARTY):
                trades = answer.get("trades", {}).get("trade", [])
                return [str(trade["tid"]) for trade in trades], -(-int(answer["total_results"]) // _MOST)

        async for tid in backwards(page):
            yield tid

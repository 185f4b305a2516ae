"""Youzan's trades by time of change: ``youzan.trades.sold.get``, numbered pages, each trade whole."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import httpx

from gateways.http import reading
from gateways.paging import backwards
from gateways.platforms import PlatformAccess
from gateways.taobao_top import beijing
from gateways.youzan_cloud import PARTY, YouzanCloud

_MOST = 100


class YouzanOrders:
    """One shop's sold trades."""

    def __init__(self, client: httpx.AsyncClient, access: PlatformAccess) -> None:
        self._cloud = YouzanCloud(client, access)

    async def changed(self, since: datetime, until: datetime) -> AsyncIterator[Mapping[str, Any]]:
        """Times are Beijing's without a zone, as in its pushes."""

        async def page(number: int) -> tuple[Sequence[Mapping[str, Any]], int]:
            told = await self._cloud.call(
                "youzan.trades.sold.get",
                "4.0.4",
                start_update=beijing(since),
                end_update=beijing(until),
                page_no=number,
                page_size=_MOST,
            )
            with reading(PARTY):
                trades = [dict(trade) for trade in told["full_order_info_list"]]
                return trades, -(-int(told["total_results"]) // _MOST)

        async for trade in backwards(page):
            yield trade

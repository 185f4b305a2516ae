"""The simulated Youzan: ``/youzan/api/<method>/<version>`` as the open platform has it, and ``/control/youzan``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends

from dev.simulators.books import Books, page
from dev.simulators.shelf import Document
from dev.simulators.world import World, world_of

_BEIJING = timezone(timedelta(hours=8))
Worldly = Annotated[World, Depends(world_of)]
Root = Annotated[dict[str, Any], Body()]
api = APIRouter(prefix="/youzan/api")
control = APIRouter(prefix="/control/youzan", tags=["youzan"])


class _Refused(Exception):
    def __init__(self, code: int) -> None:
        self.code = code


@api.post("/{method}/{version}")
async def call(method: str, version: str, access_token: str, body: Root, world: Worldly) -> Document:
    """A wrong token or method is refused by the gateway, a wrong act by the method; both with HTTP 200."""
    if access_token != world.config.youzan_token:
        return {"gw_err_resp": {"err_code": 4203, "err_msg": "access_token不存在或已过期"}}
    if (method, version) not in _METHODS:
        return {"gw_err_resp": {"err_code": 4002, "err_msg": "非法的api"}}
    try:
        return {"success": True, "code": 200, "data": _METHODS[method, version](_books(world), body)}
    except _Refused as refused:
        return {"success": False, "code": refused.code, "message": "交易状态不正确", "data": None}


@control.post("/trades", summary="Keep a trade as it stands; nothing is sent, as if the push were lost")
async def control_place(told: Root, world: Worldly) -> Document:
    return _books(world).keep(_info(told)["tid"], told)


def _sold(books: Books, asked: Mapping[str, Any]) -> Document:
    found = books.changed(_at(asked["start_update"]), _at(asked["end_update"]))
    return {"full_order_info_list": page(found, asked["page_no"], asked["page_size"]), "total_results": len(found)}


def _whole(books: Books, asked: Mapping[str, Any]) -> Document:
    told = books.order(asked["tid"])
    if told is None:
        raise _Refused(101_500_001)
    return told


def _confirm(books: Books, asked: Mapping[str, Any]) -> Document:
    sent = {"out_stype": asked["out_stype"], "out_sid": asked["out_sid"]}
    _move(books, asked["tid"], "WAIT_SELLER_SEND_GOODS", "WAIT_BUYER_CONFIRM_GOODS", sent=sent)
    return {"is_success": True}


def _close(books: Books, asked: Mapping[str, Any]) -> Document:
    _move(books, asked["tid"], "WAIT_BUYER_PAY", "TRADE_CLOSED", close_type=asked["close_type"])
    return {"is_success": True}


_METHODS: Mapping[tuple[str, str], Callable[[Books, Mapping[str, Any]], Document]] = {
    ("youzan.trades.sold.get", "4.0.4"): _sold,
    ("youzan.trade.get", "4.0.2"): _whole,
    ("youzan.logistics.online.confirm", "3.0.0"): _confirm,
    ("youzan.trade.close", "3.0.0"): _close,
}


def _move(books: Books, tid: str, before: str, after: str, **more: Any) -> None:
    told = _whole(books, {"tid": tid})
    if _info(told)["status"] != before:
        raise _Refused(101_500_002)
    order = told["full_order_info"]
    books.keep(tid, told | {"full_order_info": order | {"order_info": _info(told) | {"status": after} | more}})


def _info(told: Document) -> Document:
    info: Document = told["full_order_info"]["order_info"]
    return info


def _books(world: World) -> Books:
    return Books(world.shelf, "youzan_trade", lambda told: _at(_info(told)["update_time"]))


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=_BEIJING)

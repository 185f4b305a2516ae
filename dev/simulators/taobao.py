"""The simulated Taobao: ``/taobao/router/rest`` as the open platform has it, and ``/control/taobao``.

Every call is a signed form; an error is HTTP 200 with ``error_response``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Body, Depends, Request

from dev.simulators.books import Books, page
from dev.simulators.shelf import Document
from dev.simulators.world import World, world_of
from runtime.taobao_sign import signature

_BEIJING = timezone(timedelta(hours=8))
Worldly = Annotated[World, Depends(world_of)]
api = APIRouter(prefix="/taobao")
control = APIRouter(prefix="/control/taobao", tags=["taobao"])


class _Refused(Exception):
    def __init__(self, sub_code: str) -> None:
        self.sub_code = sub_code


@api.post("/router/rest")
async def call(request: Request, world: Worldly) -> Document:
    """One address for all methods."""
    fields = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
    if fields.get("sign") != signature(world.config.taobao_app_secret, fields):
        return _error(25, "isv.invalid-signature")
    method = fields["method"]
    if method not in _METHODS:
        return _error(22, "isv.invalid-method")
    try:
        answer = _METHODS[method](_books(world), fields)
    except _Refused as refused:
        return _error(15, refused.sub_code) if refused.sub_code.startswith("isp") else _error(50, refused.sub_code)
    return {f"{method.removeprefix('taobao.').replace('.', '_')}_response": answer}


@control.post("/trades", summary="Keep a trade as it stands; nothing is sent, as if the message were lost")
async def control_place(trade: Annotated[dict[str, Any], Body()], world: Worldly) -> Document:
    return _books(world).keep(str(trade["tid"]), trade)


def _sold(books: Books, fields: Mapping[str, str]) -> Document:
    """The newest change first, a day at most."""
    since, until = (_at(fields[name]) for name in ("start_modified", "end_modified"))
    if until - since > timedelta(days=1):
        raise _Refused("isv.invalid-parameter:end_modified")
    found = books.changed(since, until)[::-1]
    shown = page(found, int(fields["page_no"]), int(fields["page_size"]))
    trades = [{name: trade[name] for name in ("tid", "modified")} for trade in shown]
    return {"total_results": len(found), **({"trades": {"trade": trades}} if trades else {})}


def _whole(books: Books, fields: Mapping[str, str]) -> Document:
    """Only the fields that were asked for."""
    trade = _trade(books, fields)
    return {"trade": {name: trade[name] for name in fields["fields"].split(",") if name in trade}}


def _send(books: Books, fields: Mapping[str, str]) -> Document:
    trade = _trade(books, fields)
    if trade["status"] not in ("WAIT_SELLER_SEND_GOODS", "SELLER_CONSIGNED_PART"):
        raise _Refused("isv.logistics-offline-service-error:B04")
    sent = {"out_sid": fields["out_sid"], "company_code": fields["company_code"]}
    books.keep(fields["tid"], trade | {"status": "WAIT_BUYER_CONFIRM_GOODS", "sent": sent})
    return {"shipping": {"is_success": True}}


def _close(books: Books, fields: Mapping[str, str]) -> Document:
    trade = _trade(books, fields)
    if trade["status"] not in ("WAIT_BUYER_PAY", "TRADE_NO_CREATE_PAY"):
        raise _Refused("isv.trade-status-error")
    books.keep(fields["tid"], trade | {"status": "TRADE_CLOSED_BY_TAOBAO"})
    return {"trade": {"tid": trade["tid"]}}


_METHODS: Mapping[str, Callable[[Books, Mapping[str, str]], Document]] = {
    "taobao.trades.sold.increment.get": _sold,
    "taobao.trade.fullinfo.get": _whole,
    "taobao.logistics.offline.send": _send,
    "taobao.trade.close": _close,
}


def _trade(books: Books, fields: Mapping[str, str]) -> Document:
    trade = books.order(fields["tid"])
    if trade is None:
        raise _Refused("isv.trade-not-exist")
    return trade


def _error(code: int, sub_code: str) -> Document:
    return {"error_response": {"code": code, "msg": "Remote service error", "sub_code": sub_code}}


def _books(world: World) -> Books:
    return Books(world.shelf, "taobao_trade", lambda trade: _at(trade["modified"]))


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=_BEIJING)

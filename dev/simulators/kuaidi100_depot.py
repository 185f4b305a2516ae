"""The parcels behind the simulated Kuaidi100: waybills, subscriptions, tracking events, pushes."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlencode

import httpx
from fastapi import HTTPException

from dev.simulators.config import SimulatorConfig
from dev.simulators.kuaidi100_codes import BY_CODE, HAPPENINGS, LAST, WALK, WAYBILL, Happening
from dev.simulators.postman import Envelope
from dev.simulators.shelf import Document
from dev.simulators.world import World

_PARCEL, _BOOKED = "kuaidi100_parcel", "kuaidi100_order"
_BEIJING = timezone(timedelta(hours=8))


class Depot:
    """Every method is one act of Kuaidi100's or of a carrier's."""

    def __init__(self, world: World) -> None:
        self._shelf = world.shelf
        self._postman = world.postman
        self._walks = world.walks
        self._config: SimulatorConfig = world.config

    def book(self, param: Document) -> Document:
        """A waybill for this order id; the same order id again is the same waybill."""
        order_id, company = str(param["orderId"]), param["kuaidicom"]
        booked = self._shelf.get(_BOOKED, order_id)
        if booked is not None:
            return self.parcel(booked["nu"])
        parcel = _parcel(waybill(company, order_id), company, param.get("weight"), param.get("collection"))
        self._shelf.put(_BOOKED, order_id, {"nu": parcel["nu"]})
        return self._keep(parcel)

    def void(self, number: str) -> None:
        """Withdraw a waybill; too late once the parcel is on its way."""
        parcel = self.parcel(number)
        if parcel["events"]:
            raise HTTPException(409, "the carrier has the parcel already")
        self._keep(parcel | {"void": True})

    def follow(self, number: str, company: str, callback: Document) -> bool:
        """Push this parcel's events to ``callback``; False if somebody does so already."""
        parcel = self._shelf.get(_PARCEL, number) or _parcel(number, company)
        if parcel["callback"] is not None:
            return False
        self._keep(parcel | {"callback": callback})
        if self._config.auto and not parcel["events"]:
            self._set_out(number)
        return True

    def advance(self, number: str, name: str, at: datetime | None) -> Document:
        """Something happens to the parcel, now or ``at``; subscribers are told."""
        happening = HAPPENINGS.get(name) or BY_CODE.get(name)
        if happening is None:
            raise HTTPException(422, f"unknown state {name!r}; known: {', '.join(HAPPENINGS)}, or a code")
        parcel = self.parcel(number)
        moment = (at or datetime.now(_BEIJING)).astimezone(_BEIJING)
        parcel["events"].insert(0, _event(happening, moment))
        self._keep(parcel)
        self.push(parcel, happening)
        return parcel

    def push(self, parcel: Document, happening: Happening) -> None:
        """Send the whole trace, newest first, as Kuaidi100 does."""
        if parcel["callback"] is None:
            return
        message = {"param": _push(parcel, happening), "salt": parcel["callback"]["salt"]}
        self._postman.post("kuaidi100", parcel["callback"]["callbackurl"], message)

    def parcel(self, number: str) -> Document:
        """One parcel; 404 if there is none of that number."""
        parcel = self._shelf.get(_PARCEL, number)
        if parcel is None:
            raise HTTPException(404, "no parcel of this number")
        return parcel

    def parcels(self) -> list[Document]:
        """Every parcel, oldest first."""
        return self._shelf.all(_PARCEL)

    def resume(self) -> None:
        """After a restart: automatic parcels that were under way go on."""
        for parcel in self.parcels() if self._config.auto else []:
            if parcel["callback"] is not None and _next_step(parcel) is not None:
                self._set_out(parcel["nu"])

    def _set_out(self, number: str) -> None:
        self._walks.start(lambda: self._step(number))

    def _step(self, number: str) -> bool:
        name = _next_step(self.parcel(number))
        if name is None:
            return False
        self.advance(number, name, None)
        return name != WALK[-1]

    def _keep(self, parcel: Document) -> Document:
        self._shelf.put(_PARCEL, parcel["nu"], parcel)
        return parcel


def waybill(company: str, order_id: str) -> str:
    """A number in the carrier's style, always the same for the same order id."""
    if company not in WAYBILL:
        raise HTTPException(422, "the carrier is not served")
    start, digits = WAYBILL[company]
    number = int.from_bytes(hashlib.sha256(f"{company}:{order_id}".encode()).digest()[:8])
    return f"{start}{number % 10**digits:0{digits}d}"


def seal_kuaidi100(message: Document) -> Envelope:
    """A form with ``param`` and ``sign``, the upper-case MD5 of param + salt."""
    param = json.dumps(message["param"], ensure_ascii=False)
    sign = hashlib.md5((param + message["salt"]).encode(), usedforsecurity=False).hexdigest().upper()
    return Envelope(
        urlencode({"param": param, "sign": sign}).encode(), {"Content-Type": "application/x-www-form-urlencoded"}
    )


def accepted_by_kuaidi100(answer: httpx.Response) -> bool:
    """Kuaidi100 counts a push as taken only when the body says so."""
    try:
        return answer.is_success and answer.json()["result"] is True
    except (ValueError, KeyError, TypeError):
        return False


def _next_step(parcel: Document) -> str | None:
    """The next step of the walk; a parcel to which something else happened goes on by hand only."""
    walked = [one["statusCode"] for one in reversed(parcel["events"])]
    if parcel["void"] or len(walked) >= len(WALK) or walked != [HAPPENINGS[name].code for name in WALK[: len(walked)]]:
        return None
    return WALK[len(walked)]


def _event(happening: Happening, moment: datetime) -> dict[str, Any]:
    local = moment.strftime("%Y-%m-%d %H:%M:%S")
    return {
        "time": local,
        "ftime": local,
        "context": happening.context,
        "status": happening.status,
        "statusCode": happening.code,
        "areaName": happening.context[1 : happening.context.index("】")],
    }


def _push(parcel: Document, happening: Happening) -> dict[str, Any]:
    return {
        "status": "shutdown" if happening.state in LAST else "polling",
        "billstatus": "check" if happening.state == "3" else "change",
        "message": "",
        "lastResult": {
            "message": "ok",
            "nu": parcel["nu"],
            "com": parcel["com"],
            "ischeck": "1" if happening.state == "3" else "0",
            "status": "200",
            "state": happening.state,
            "data": parcel["events"],
        },
    }


def _parcel(number: str, company: str, weight: str | None = None, collection: str | None = None) -> Document:
    """A parcel before anything happened to it; of one that was booked elsewhere no more is known."""
    return {
        "nu": number,
        "collection": collection,
        "com": company,
        "weight": weight,
        "void": False,
        "callback": None,
        "events": [],
    }

"""The simulated Kuaidi100: ``/kuaidi100/label/order`` and ``/kuaidi100/poll``, and ``/control/kuaidi100``."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from pydantic import AwareDatetime, BaseModel, Field

from dev.simulators.forms import form_of
from dev.simulators.kuaidi100_depot import Depot
from dev.simulators.world import World, world_of


def depot_of(world: Annotated[World, Depends(world_of)]) -> Depot:
    """Kuaidi100's parcels in this world."""
    return Depot(world)


Worldly = Annotated[World, Depends(world_of)]
Parcels = Annotated[Depot, Depends(depot_of)]

api = APIRouter(prefix="/kuaidi100")
control = APIRouter(prefix="/control/kuaidi100", tags=["kuaidi100"])

_REFUSALS = {404: ("30001", "单号不存在"), 409: ("30002", "快件已揽收，无法取消"), 422: ("30003", "参数错误")}


@api.post("/label/order")
async def label(request: Request, world: Worldly, parcels: Parcels) -> dict[str, Any]:
    form = await form_of(request)
    if form.get("key") != world.config.carrier_key or form.get("sign") != _sign(form, world.config.carrier_secret):
        return _answer("503", "验证签名失败")
    try:
        return _act(form.get("method", ""), json.loads(form["param"]), parcels)
    except HTTPException as refusal:
        return _answer(*_REFUSALS[refusal.status_code])


@api.post("/poll")
async def poll(request: Request, world: Worldly, parcels: Parcels) -> dict[str, Any]:
    param = json.loads((await form_of(request))["param"])
    if param.get("key") != world.config.carrier_key:
        return {"result": False, "returnCode": "600", "message": "您不是合法的订阅者"}
    if not parcels.follow(param["number"], param["company"], param["parameters"]):
        return {"result": False, "returnCode": "501", "message": "重复订阅"}
    return {"result": True, "returnCode": "200", "message": "提交成功"}


class Advance(BaseModel):
    """``state`` is a name (picked_up, in_transit, out_for_delivery, signed, held, …) or Kuaidi100's own code."""

    state: str = Field(examples=["picked_up", "out_of_area", "304"])
    at: AwareDatetime | None = Field(default=None, description="When it happened; now if left out.")


@control.post("/{tracking_no}/advance", summary="Something happens to a parcel")
async def advance(tracking_no: str, step: Advance, parcels: Parcels) -> dict[str, Any]:
    return parcels.advance(tracking_no, step.state, step.at)


@control.get("/parcels", summary="Every parcel and what happened to it")
async def list_parcels(parcels: Parcels) -> list[dict[str, Any]]:
    return [{name: one[name] for name in ("nu", "com", "void", "events", "collection")} for one in parcels.parcels()]


def _act(method: str, param: dict[str, Any], parcels: Depot) -> dict[str, Any]:
    if method == "order":
        if not all(param.get(person, {}).get("mobile") for person in ("recMan", "sendMan")):
            raise HTTPException(422, "recMan and sendMan are required")
        parcel = parcels.book(param)
        return _answer("200", "成功", {"taskId": parcel["nu"][-8:], "kuaidinum": parcel["nu"], "kdComOrderNum": ""})
    if method == "cancel":
        parcels.void(param["kuaidinum"])
        return _answer("200", "成功")
    raise HTTPException(422, "unknown method")


def _sign(form: dict[str, str], secret: str) -> str:
    text = form.get("param", "") + form.get("t", "") + form.get("key", "") + secret
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().upper()


def _answer(code: str, message: str, data: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"success": code == "200", "code": int(code), "message": message, "data": data}

"""The simulated coupon service: signed requests, one coupon for each Idempotency-Key."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from standardwebhooks import Webhook, WebhookVerificationError

from dev.simulators.world import World, world_of

_COUPON = "coupon"
_LARGEST = 50_000
"""What this service issues at most, in minor units: beyond it, it refuses."""

Worldly = Annotated[World, Depends(world_of)]
api = APIRouter(prefix="/coupons", tags=["coupons"])
control = APIRouter(prefix="/control/coupons", tags=["control"])


@api.post("/v1/coupons", summary="Issue a coupon")
async def issue(request: Request, world: Worldly) -> JSONResponse:
    body, key = await request.body(), request.headers.get("Idempotency-Key", "")
    try:
        Webhook(world.config.coupon_secret).verify(body, dict(request.headers))
    except WebhookVerificationError:
        return JSONResponse({"error": "wrong_signature"}, 401)
    known = world.shelf.get(_COUPON, key)
    if known is None:
        wish = json.loads(body)
        if wish["amount"] > _LARGEST:
            return JSONResponse({"error": "amount_too_large"}, 422)
        known = wish | {"id": f"cpn_{len(world.shelf.all(_COUPON)) + 1}", "key": key}
        world.shelf.put(_COUPON, key, known)
    return JSONResponse({"id": known["id"]}, 201)


@control.get("", summary="Every coupon that was issued")
async def issued(world: Worldly) -> list[dict[str, Any]]:
    return world.shelf.all(_COUPON)

"""The simulated front end of the shop's own channels: receives Standard Webhooks and shows what the buyer would see."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from standardwebhooks import Webhook, WebhookVerificationError

from dev.simulators.shelf import Document, Shelf
from dev.simulators.world import World, world_of

_NOTICE, _SHOWN = "shopfront_notice", "shopfront_order"

Worldly = Annotated[World, Depends(world_of)]
api = APIRouter(prefix="/shopfront", tags=["shopfront"])


@api.post("/notices", summary="A status notice, signed with the secret of any channel")
async def receive(request: Request, world: Worldly) -> dict[str, Any]:
    return await _take(request, world, None)


@api.post("/notices/{channel}", summary="A status notice, signed with this channel's secret")
async def receive_for(channel: str, request: Request, world: Worldly) -> dict[str, Any]:
    return await _take(request, world, channel)


@api.get("/notices", summary="What came, in the order it came")
async def list_notices(world: Worldly, order: str | None = None) -> list[dict[str, Any]]:
    return [one for one in world.shelf.all(_NOTICE) if order in (None, one["notice"]["order_no"])]


@api.get("/orders/{order_no}", summary="What the buyer sees: the newest snapshot by sequence")
async def show(order_no: str, world: Worldly) -> dict[str, Any]:
    shown = world.shelf.get(_SHOWN, order_no)
    if shown is None:
        raise HTTPException(404, "nothing was ever told about this order")
    return shown


async def _take(request: Request, world: World, channel: str | None) -> dict[str, Any]:
    payload = _verified(await request.body(), dict(request.headers), _secrets(world, channel))
    key, notice = request.headers["webhook-id"], payload["data"]
    earlier = world.shelf.get(_NOTICE, key)
    if earlier is not None:
        world.shelf.put(_NOTICE, key, earlier | {"deliveries": earlier["deliveries"] + 1})
        return {"result": "repeated"}
    newer = _show_if_newer(world.shelf, notice)
    world.shelf.put(_NOTICE, key, _record(key, channel, payload, newer=newer))
    return {"result": "shown" if newer else "older_than_shown"}


def _secrets(world: World, channel: str | None) -> list[str]:
    secrets = world.config.notice_secrets
    if channel is None:
        return list(secrets.values())
    return [secrets[channel]] if channel in secrets else []


def _verified(body: bytes, headers: dict[str, str], secrets: list[str]) -> Document:
    for secret in secrets:
        try:
            return dict(Webhook(secret).verify(body, headers))
        except WebhookVerificationError:
            continue
    raise HTTPException(401, "the signature does not match")


def _show_if_newer(shelf: Shelf, notice: Document) -> bool:
    """A careful front end: an older status never overwrites a newer one (R20)."""
    shown = shelf.get(_SHOWN, notice["order_no"])
    if shown is not None and shown["sequence"] >= notice["sequence"]:
        return False
    shelf.put(_SHOWN, notice["order_no"], notice)
    return True


def _record(key: str, channel: str | None, payload: Document, *, newer: bool) -> Document:
    return {
        "webhook_id": key,
        "channel": channel,
        "received_at": datetime.now(UTC).isoformat(),
        "type": payload["type"],
        "deliveries": 1,
        "newer": newer,
        "notice": payload["data"],
    }

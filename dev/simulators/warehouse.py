"""A simulated warehouse system of somebody else's: sends counts and movements of its shelves, signed.

The signature is of Standard Webhooks' make: base64 HMAC-SHA256 over id, time and body.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, HTTPException, Query

from dev.simulators.postman import Envelope
from dev.simulators.shelf import Document
from dev.simulators.world import World, world_of

control = APIRouter(prefix="/control/warehouse", tags=["warehouse"])


@control.post("/{feed}", summary="Send a message about stock: sequence, kind, lines")
async def control_send(
    feed: str,
    message: Annotated[dict[str, Any], Body()],
    world: Annotated[World, Depends(world_of)],
    times: Annotated[int, Query(ge=0, le=50)] = 1,
) -> Document:
    if feed not in world.config.stock_feed_secrets:
        raise HTTPException(404, "no such warehouse system")
    letter: Document = {"id": f"wms_{uuid.uuid4().hex}", "message": message}
    for _ in range(times):
        world.postman.post(sender(feed), f"{world.config.public_url.rstrip('/')}/v1/webhooks/stock/{feed}", letter)
    return {"id": letter["id"]}


def sender(feed: str) -> str:
    """The postman's name of this feed."""
    return f"warehouse:{feed}"


def seal(secret: str, letter: Document) -> Envelope:
    """Sign at the moment of sending: an attempt that comes late is signed anew."""
    content = json.dumps(letter["message"], ensure_ascii=False, separators=(",", ":")).encode()
    at = str(int(time.time()))
    digest = hmac.new(secret.encode(), f"{letter['id']}.{at}.".encode() + content, hashlib.sha256).digest()
    headers = {
        "Content-Type": "application/json",
        "webhook-id": letter["id"],
        "webhook-timestamp": at,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }
    return Envelope(content, headers)

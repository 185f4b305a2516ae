"""The simulated WeCom group robot: ``/wecom/cgi-bin/webhook/send``, and ``/control/wecom`` to read the group."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends

from dev.simulators.shelf import Document
from dev.simulators.world import World, world_of

_MESSAGE = "wecom_message"
_PER_MINUTE = 20
_LONGEST_BYTES = {"markdown": 4_096, "text": 2_048}

Worldly = Annotated[World, Depends(world_of)]
api = APIRouter(prefix="/wecom")
control = APIRouter(prefix="/control/wecom", tags=["wecom"])


@api.post("/cgi-bin/webhook/send")
async def send(message: dict[str, Any], world: Worldly, key: str = "") -> dict[str, Any]:
    """Always HTTP 200: ``errcode`` tells."""
    if not world.config.wecom_key or key != world.config.wecom_key:
        return _answer(93000, "invalid webhook url")
    kind = message.get("msgtype")
    if kind not in _LONGEST_BYTES:
        return _answer(40008, "invalid message type")
    content = (message.get(kind) or {}).get("content")
    if not isinstance(content, str) or not content:
        return _answer(44004, "content is empty")
    if len(content.encode()) > _LONGEST_BYTES[kind]:
        return _answer(40058, "content exceed max length")
    now = datetime.now(UTC)
    if _lately(world, now) >= _PER_MINUTE:
        return _answer(45009, "api freq out of limit")
    said = {"at": now.isoformat(), "msgtype": kind, "content": content}
    world.shelf.put(_MESSAGE, f"{world.shelf.count(_MESSAGE):06}", said)
    return _answer(0, "ok")


@control.get("/messages", summary="What stands in the group, oldest first")
async def messages(world: Worldly) -> list[Document]:
    return world.shelf.all(_MESSAGE)


def _lately(world: World, now: datetime) -> int:
    since = now - timedelta(minutes=1)
    return sum(datetime.fromisoformat(one["at"]) > since for one in world.shelf.all(_MESSAGE))


def _answer(code: int, words: str) -> dict[str, Any]:
    return {"errcode": code, "errmsg": words}

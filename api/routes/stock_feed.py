"""The stock feed of an outside warehouse system: signed, repeatable, in any order (R5)."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping
from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from pydantic import SecretStr, ValidationError

from api.auth import SIGNED
from api.house import House, InHouse
from api.problems import BadSignature, Faulty, NotThere, Responses, documented
from api.schemas.stock_feed import FeedAnswer, FeedMessage
from domain.intake import Fault
from models.faults import faults_of
from store import stock_feed
from store.errors import UnknownStock

router = APIRouter(prefix="/v1/webhooks/stock", tags=["webhooks"], dependencies=[Depends(SIGNED)])

TOLERANCE_S = 300
_LONGEST_ID = 200

_REFUSALS: Responses = {
    **documented(401, "the signature does not hold; nothing was applied", BadSignature),
    **documented(404, "no warehouse system of that name is known", NotThere),
    **documented(422, "nothing of it was applied", Faulty, Fault("lines.0.sku", "is not listed")),
}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"type": "object"},
                "examples": {
                    "count": {"value": {"sequence": 1718, "lines": [{"warehouse": "SH", "sku": "TEA", "counted": 40}]}},
                    "movement": {
                        "value": {"sequence": 1719, "lines": [{"warehouse": "SH", "sku": "TEA", "moved": -2}]}
                    },
                },
            }
        },
    }
}


@router.post("/{name}", responses=_REFUSALS, openapi_extra=_BODY, summary="A warehouse system tells of its shelves")
async def feed(name: Annotated[str, Path(examples=["wms"])], request: Request, house: InHouse) -> FeedAnswer:
    """Counts and movements of lots, all of a message or nothing.

    Signed as Standard Webhooks: `webhook-id`, `webhook-timestamp` (±5 min) and `webhook-signature`, which is
    `v1,` and the base64 HMAC-SHA256 of id, time and body, joined by dots. The same id again changes nothing;
    an older count never overwrites a newer; a movement counts once, before or after the count that holds it.
    """
    body = await request.body()
    message_id = _verified(house, name, request.headers, body)
    told = _read(body)
    lines = [stock_feed.Line(**line.model_dump()) for line in told.lines]
    try:
        async with house.pool.connection() as conn:
            message = stock_feed.Told(name, message_id, told.sequence, lines)
            applied = await stock_feed.take(conn, message, house.now())
    except UnknownStock as error:
        raise Faulty([Fault("lines", "name a product or a warehouse that is not listed")], str(error)) from None
    return FeedAnswer(applied=applied)


def _verified(house: House, name: str, headers: Mapping[str, str], body: bytes) -> str:
    """The message's id, if its signature holds and it is no older than the tolerance; raises BadSignature."""
    secret = house.settings.stock_feed_secrets.get(name)
    if secret is None:
        raise NotThere("no warehouse system of that name is known")
    message_id, at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not _is_now(house, at) or not 0 < len(message_id) <= _LONGEST_ID or "\x00" in message_id:
        raise BadSignature("webhook-timestamp is missing or more than five minutes off, or webhook-id is missing")
    expected = _signature(secret, message_id, at, body)
    # Several may be given while a secret is being changed.
    if not any(hmac.compare_digest(expected, given) for given in _given(headers.get("webhook-signature", ""))):
        raise BadSignature("webhook-signature does not fit the message")
    return message_id


def _is_now(house: House, at: str) -> bool:
    if not (at.isascii() and at.isdigit() and len(at) <= 12):
        return False
    return abs(house.now().timestamp() - int(at)) <= TOLERANCE_S


def _signature(secret: SecretStr, message_id: str, at: str, body: bytes) -> bytes:
    signed = f"{message_id}.{at}.".encode() + body
    return hmac.new(secret.get_secret_value().encode(), signed, sha256).digest()


def _given(header: str) -> list[bytes]:
    found = []
    for one in header.split():
        version, _, text = one.partition(",")
        try:
            found += [base64.b64decode(text, validate=True)] if version == "v1" else []
        except (binascii.Error, ValueError):
            continue
    return found


def _read(body: bytes) -> FeedMessage:
    try:
        return FeedMessage.model_validate_json(body)
    except ValidationError as error:
        raise Faulty(faults_of(error.errors())) from None

"""Idempotency as Stripe does it: same key and same request, same answer; same key and another request, 400."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse

from dev.simulators.shelf import Shelf
from dev.simulators.stripe_errors import StripeError

_KIND = "stripe_key"


async def once(shelf: Shelf, request: Request, effect: Callable[[], dict[str, Any]]) -> JSONResponse:
    """Run ``effect`` unless this request was answered before; then give the same answer again.

    A refusal is kept as well: Stripe replays errors of a request that began to execute.
    """
    key = request.headers.get("Idempotency-Key")
    fingerprint = hashlib.sha256(request.url.path.encode() + b"\n" + await request.body()).hexdigest()
    kept = None if key is None else shelf.get(_KIND, key)
    if kept is not None:
        if kept["fingerprint"] != fingerprint:
            raise StripeError(400, "idempotency_error", None, "Keys for idempotent requests can only be used once.")
        return JSONResponse(kept["body"], kept["status"], headers={"Idempotent-Replayed": "true"})
    status, body = _run(effect)
    if key is not None:
        shelf.put(_KIND, key, {"fingerprint": fingerprint, "status": status, "body": body})
    return JSONResponse(body, status)


def _run(effect: Callable[[], dict[str, Any]]) -> tuple[int, dict[str, Any]]:
    try:
        return 200, effect()
    except StripeError as error:
        return error.status, error.body()

"""Webhooks: the signature is checked on the raw body first, then the message is stored, then answered."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse

from api.adapters import Adapter
from api.auth import SIGNED
from api.carriers import CARRIERS
from api.channels import CHANNELS
from api.house import InHouse
from api.payments import PAYMENTS
from api.problems import MEDIA_TYPE, NotThere, Responses
from api.receiving import take_in

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"], dependencies=[Depends(SIGNED)])

_PROBLEM = {"content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemView"}}}}
_RESPONSES: Responses = {
    401: {"description": "the signature does not hold; nothing was stored", **_PROBLEM},
    404: {"description": "nobody of that name is known", **_PROBLEM},
    422: {"description": "authentic, but cannot be taken in: kept as refused, with its faults", **_PROBLEM},
}


@router.post("/channels/{name}", responses=_RESPONSES, summary="A marketplace tells of an order")
async def channel(name: str, request: Request, house: InHouse) -> JSONResponse:
    """Shopify: orders/create, orders/paid, orders/cancelled (R1)."""
    return await take_in(house, _of(CHANNELS, name), request)


@router.post("/payments/{name}", responses=_RESPONSES, summary="A payment provider tells of money")
async def payment(name: str, request: Request, house: InHouse) -> JSONResponse:
    """Stripe: payment_intent.succeeded, .payment_failed, .amount_capturable_updated, charge.refunded (R3)."""
    return await take_in(house, _of(PAYMENTS, name), request)


@router.post("/carriers/{name}", responses=_RESPONSES, summary="A carrier tells of a parcel")
async def carrier(name: str, request: Request, house: InHouse) -> JSONResponse:
    """Kuaidi100's push of a trace (R13, R14)."""
    return await take_in(house, _of(CARRIERS, name), request)


def _of(adapters: Mapping[str, Adapter], name: str) -> Adapter:
    if name not in adapters:
        raise NotThere("nobody of that name sends us messages")
    return adapters[name]

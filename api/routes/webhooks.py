"""Webhooks: the signature is checked on the raw body first, then the message is stored, then answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import JSONResponse

from api.adapters import Adapter
from api.auth import SIGNED
from api.carriers import CARRIERS
from api.channels import CHANNELS
from api.house import house_of
from api.payments import PAYMENTS
from api.problems import BadSignature, Faulty, NotThere, Responses, documented
from api.receiving import take_in
from api.schemas.webhooks import CARRIER_BODIES, CHANNEL_BODIES, PAYMENT_BODIES, answered, posted
from domain.intake import Fault

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"], dependencies=[Depends(SIGNED)])

_REFUSED = "authentic, but cannot be taken in: kept as refused, sealed, with its faults"
_REFUSALS: Responses = {
    **documented(401, "the signature does not hold; nothing was stored", BadSignature),
    **documented(404, "nobody of that name is known", NotThere),
    **documented(422, _REFUSED, Faulty, Fault("line_items.0.sku", "is missing")),
}


def _told(adapters: Mapping[str, Adapter], bodies: Mapping[str, Any]) -> dict[str, Any]:
    return {"responses": answered(adapters) | _REFUSALS, "openapi_extra": posted(bodies)}


@router.post("/channels/{name}", summary="A marketplace tells of an order", **_told(CHANNELS, CHANNEL_BODIES))
async def channel(name: Annotated[str, Path(examples=list(CHANNELS))], request: Request) -> JSONResponse:
    """What a channel says of its orders: new, paid, cancelled, refunded (R1).

    * `shopify`: orders/create, orders/paid, orders/cancelled; `X-Shopify-Hmac-Sha256`.
    * `woocommerce`: order.created, order.updated, order.deleted; `X-WC-Webhook-Signature`. A refusal is answered
      200 with its faults, since WooCommerce disables a hook after five failures.
    * `taobao`: TradeCreate, TradeBuyerPay, TradeChanged, TradeClose, RefundSuccess as a form; field `sign`.
    * `youzan`: trade_TradeCreate, trade_TradePaid, trade_TradeBuyerPay, trade_TradeClose,
      trade_refund_RefundSuccess; field `sign`.
    """
    return await take_in(await house_of(request), _of(CHANNELS, name), request)


@router.post("/payments/{name}", summary="A payment provider tells of money", **_told(PAYMENTS, PAYMENT_BODIES))
async def payment(name: Annotated[str, Path(examples=list(PAYMENTS))], request: Request) -> JSONResponse:
    """Stripe: payment_intent.succeeded, .payment_failed, .amount_capturable_updated, charge.refunded (R3)."""
    return await take_in(await house_of(request), _of(PAYMENTS, name), request)


@router.post("/carriers/{name}", summary="A carrier tells of a parcel", **_told(CARRIERS, CARRIER_BODIES))
async def carrier(name: Annotated[str, Path(examples=list(CARRIERS))], request: Request) -> JSONResponse:
    """Kuaidi100's push of a trace (R13, R14)."""
    return await take_in(await house_of(request), _of(CARRIERS, name), request)


def _of(adapters: Mapping[str, Adapter], name: str) -> Adapter:
    if name not in adapters:
        raise NotThere("nobody of that name sends us messages")
    return adapters[name]

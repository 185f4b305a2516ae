"""The operations' hand: a status adjusted along the table of moves, or forced by two persons (R22)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from api.auth import Staff, allowed
from api.routes.commands import ANSWERS, At
from api.schemas.commands import ForceConsent, StatusAdjustment
from domain.permissions import Permission
from models import workflow_names as names
from models.commands import AdjustStatus, ConsentForce

router = APIRouter(prefix="/v1/orders/{order_no}/status", tags=["commands"])

Hand = Annotated[Staff, Depends(allowed(Permission.ORDER_FORCE))]
Request = Annotated[str, Path(pattern=r"^F[1-9][0-9]{0,5}$", description="`force_request.id` of the order")]


@router.post("", summary="Adjust the status, or ask to force it", **ANSWERS)
async def adjust(at: At, body: StatusAdjustment, by: Hand) -> Response:
    """Goods, money, parcels and clocks are made to fit; what cannot be made whole is refused with what to do instead.

    Past the table of moves it needs `force`: nothing happens then until a second person consents, and the order
    shows the request as `force_request`.
    """
    return await at.command(body, by, names.ADJUST_STATUS, AdjustStatus, to=body.to, force=body.force)


@router.post("/{request}/consent", summary="Consent to a forced adjustment, or decline it", **ANSWERS)
async def consent(at: At, request: Request, body: ForceConsent, by: Hand) -> Response:
    """Another person than the one who asked; both stay on record. The request lapses when the order moves."""
    return await at.command(body, by, names.CONSENT_FORCE, ConsentForce, request=request, consent=body.consent)

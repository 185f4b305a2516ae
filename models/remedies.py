"""Inputs of what carries a settlement out: replacement orders, coupons, refunds (R13, R15 to R17, R24)."""

from __future__ import annotations

from pydantic import AwareDatetime, Field

from models.base import Message
from models.order import Policy
from models.returns import Pieces


class PlanReplacement(Message):
    """Number the replacement order. ``lines`` empty: what is in ``parcel_no``, or the whole order."""

    case_no: str
    order_no: str
    key: str
    at: AwareDatetime
    lines: tuple[Pieces, ...] = ()
    parcel_no: str = ""
    policy: Policy = Policy()


class ReplacementSent(Message):
    """The number of the order that replaces the goods."""

    order_no: str


class IssueCoupon(Message):
    """A coupon for the buyer of an order: ``amount`` minor units of the order's currency."""

    case_no: str
    order_no: str
    key: str
    amount: int = Field(ge=1)


class CouponIssued(Message):
    """The coupon service's own id of it; the code itself goes to the buyer only."""

    coupon_id: str


class PriceLines(Message):
    """What these pieces cost the buyer. ``lines`` empty: what is in ``parcel_no``, or the whole order."""

    order_no: str
    lines: tuple[Pieces, ...] = ()
    parcel_no: str = ""
    but: str = ""
    """A return that is not counted among what went back before: its own."""


class Price(Message):
    """Minor units of the order's currency, shipping included where the shop is to blame."""

    amount: int
    currency: str

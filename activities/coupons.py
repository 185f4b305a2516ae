"""Coupons for buyers: a regular activity on the coupon service's own queue (R17, R24)."""

from __future__ import annotations

from temporalio import activity

from activities.refusals import final_refusals
from gateways.coupons import PARTY, CouponService, CouponWish
from gateways.errors import Refused
from models.remedies import CouponIssued, IssueCoupon
from store import orders
from store.pool import Pool


class Coupons:
    """``service`` issues them; None refuses every one."""

    def __init__(self, pool: Pool, service: CouponService | None) -> None:
        self._pool = pool
        self._service = service

    @activity.defn
    async def issue_coupon(self, request: IssueCoupon) -> CouponIssued:
        """Issue a coupon in the order's currency; asked again under the same key it is the same one."""
        with final_refusals():
            if self._service is None:
                raise Refused(PARTY, "not_configured")
            async with self._pool.connection() as conn:
                row = await orders.row_of(conn, request.order_no)
            wish = CouponWish(
                channel=row["channel"],
                channel_order_id=row["channel_order_id"],
                amount=request.amount,
                currency=row["currency"],
                reason=f"case {request.case_no}",
            )
            return CouponIssued(coupon_id=await self._service.issue(wish, key=request.key))

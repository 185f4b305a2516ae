"""The review of rights in the database (R22, T16)."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from temporalio import activity

from models.upkeep import (
    ChangeRightsDeadline,
    ConcludeRightsReview,
    OpenRightsReview,
    RightsDeadline,
    RightsReviewConcluded,
    RightsReviewOpened,
)
from store import rights_reviews
from store.pool import Pool


class Rights:
    """``timezone`` is the shop's: it says which month it is."""

    def __init__(self, pool: Pool, timezone: str) -> None:
        self._pool = pool
        self._zone = ZoneInfo(timezone)

    @activity.defn
    async def open_rights_review(self, request: OpenRightsReview) -> RightsReviewOpened:
        """Open this month's review, once, and tell the administrators."""
        month = f"{request.at.astimezone(self._zone):%Y-%m}"
        async with self._pool.connection() as conn:
            due, accounts = await rights_reviews.open_review(
                conn, month, at=request.at, workflow_id=activity.info().workflow_id or month
            )
        return RightsReviewOpened(review_id=month, due=due, accounts=accounts)

    @activity.defn
    async def change_rights_deadline(self, request: ChangeRightsDeadline) -> RightsDeadline:
        """Extend or waive T16, once for each key."""
        async with self._pool.connection() as conn:
            return await rights_reviews.change_deadline(conn, request)

    @activity.defn
    async def conclude_rights_review(self, request: ConcludeRightsReview) -> RightsReviewConcluded:
        """Escalate what nobody has reviewed; it can still be reviewed afterwards."""
        async with self._pool.connection() as conn:
            return RightsReviewConcluded(open=await rights_reviews.conclude(conn, request.review_id, at=request.at))

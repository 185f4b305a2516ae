"""The monthly review of rights: opened by the Schedule, followed until T16 (R22)."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

from models import upkeep as messages

with workflow.unsafe.imports_passed_through():
    from activities.rights import Rights
    from models.upkeep import RightsReviewConcluded

_AT_MOST = timedelta(minutes=5)


@workflow.defn(name=messages.REVIEW_RIGHTS_WORKFLOW)
class ReviewRights:
    """Opens the review and waits for T16: what is not reviewed by then escalates; no clock decides anything."""

    @workflow.run
    async def run(self) -> RightsReviewConcluded:
        """One month's review."""
        opened = await workflow.execute_activity_method(
            Rights.open_rights_review,
            messages.OpenRightsReview(at=workflow.now()),
            start_to_close_timeout=_AT_MOST,
            summary="put everybody's rights up for review (R22)",
        )
        await workflow.sleep(opened.due - workflow.now(), summary=f"T16 rights of {opened.review_id} reviewed")
        return await workflow.execute_activity_method(
            Rights.conclude_rights_review,
            messages.ConcludeRightsReview(review_id=opened.review_id, at=workflow.now()),
            start_to_close_timeout=_AT_MOST,
            summary="T16: what is not reviewed escalates",
        )

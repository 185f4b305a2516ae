"""The monthly review of rights: opened by the Schedule, followed until T16 (R22)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

from domain.deadlines import DeadlineId
from domain.errors import MissingReason, NotAllowed, NothingToExtend
from domain.permissions import Permission, may
from models import upkeep as messages
from models import workflow_names as names
from models.commands import ChangeDeadline
from models.temporal_names import DUE_AT
from workflows.refusals import refusing

with workflow.unsafe.imports_passed_through():
    from activities.rights import Rights
    from models.upkeep import RightsDeadline, RightsReviewConcluded, RightsReviewOpened

_AT_MOST = timedelta(minutes=5)
_RETRY = RetryPolicy(initial_interval=timedelta(milliseconds=100), maximum_interval=timedelta(seconds=30))


@workflow.defn(name=messages.REVIEW_RIGHTS_WORKFLOW)
class ReviewRights:
    """Opens the review and waits for T16: what is not reviewed by then escalates; no clock decides anything."""

    @workflow.init
    def __init__(self, review: RightsReviewOpened | None = None) -> None:
        """A change of the deadline may be asked for before ``run`` starts."""
        self.review = review
        self.due = review.due if review else None

    @workflow.run
    async def run(self, review: RightsReviewOpened | None = None) -> RightsReviewConcluded:
        """One month's review; a later run is given the ``review`` that an earlier one opened."""
        opened = review or await self.open()
        await self.until_due(opened)
        await workflow.wait_condition(workflow.all_handlers_finished)
        if self.due is None:
            return RightsReviewConcluded(open=0)
        return await workflow.execute_activity_method(
            Rights.conclude_rights_review,
            messages.ConcludeRightsReview(review_id=opened.review_id, at=workflow.now()),
            start_to_close_timeout=_AT_MOST,
            summary="T16: what is not reviewed escalates",
        )

    async def open(self) -> RightsReviewOpened:
        """Put everybody's rights up."""
        opened = await workflow.execute_activity_method(
            Rights.open_rights_review,
            messages.OpenRightsReview(at=workflow.now()),
            start_to_close_timeout=_AT_MOST,
            summary="put everybody's rights up for review (R22)",
        )
        self.review, self.due = opened, opened.due
        return opened

    async def until_due(self, opened: RightsReviewOpened) -> None:
        """Wait for T16, wherever it is moved meanwhile; a waived one is waited for no longer."""
        while (due := self.due) is not None and workflow.now() < due:
            if workflow.info().is_continue_as_new_suggested():
                await self.begin_anew(opened)
                continue
            workflow.upsert_search_attributes([DUE_AT.value_set(due)])
            words = f"T16 rights of {opened.review_id} reviewed, until {due:%Y-%m-%d %H:%M:%S} UTC"
            try:
                await workflow.wait_condition(self.moved_from(due), timeout=due - workflow.now(), timeout_summary=words)
            except TimeoutError:
                continue
        workflow.upsert_search_attributes([DUE_AT.value_unset()])

    async def begin_anew(self, opened: RightsReviewOpened) -> None:
        """Continue as new with T16 where it stands once whoever moved it has their answer, unless it was waived."""
        await workflow.wait_condition(workflow.all_handlers_finished)
        if self.due is not None:
            workflow.continue_as_new(opened.model_copy(update={"due": self.due}))

    def moved_from(self, due: datetime) -> Callable[[], bool]:
        """Whether the deadline is another one than this by now."""
        return lambda: self.due != due

    @workflow.update(name=names.CHANGE_DEADLINE)
    async def change_deadline(self, command: ChangeDeadline) -> RightsDeadline:
        """Extend or waive T16, with a reason; whatever is open can be reviewed all the same."""
        # The board shows the deadline a moment before the workflow knows of it.
        await workflow.wait_condition(lambda: self.review is not None)
        assert self.review is not None
        now_due = await workflow.execute_activity_method(
            Rights.change_rights_deadline,
            messages.ChangeRightsDeadline(review_id=self.review.review_id, at=workflow.now(), command=command),
            start_to_close_timeout=_AT_MOST,
            retry_policy=_RETRY,
            summary="T16 is extended or waived",
        )
        with refusing():
            if not now_due.running:
                raise NothingToExtend(f"T16 of {self.review.review_id} is not running any more")
        self.due = now_due.due
        return now_due

    @change_deadline.validator
    def _(self, command: ChangeDeadline) -> None:
        with refusing():
            if not may(command.by.role, Permission.DEADLINE_CHANGE):
                raise NotAllowed(f"the role {command.by.role} may not {Permission.DEADLINE_CHANGE}")
            if not command.reason:
                raise MissingReason("give a reason: it is kept with the act")
            if command.deadline is not DeadlineId.T16 or (self.review is not None and self.due is None):
                raise NothingToExtend(f"{command.deadline} is not running for this review")

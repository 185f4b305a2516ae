"""What the house keeps in order by the clock: signing the record, erasing persons whose time has come."""

from __future__ import annotations

from pydantic import AwareDatetime, Field

from models.base import Message
from models.commands import ChangeDeadline

ANCHOR_WORKFLOW = "AnchorAudit"
ERASE_WORKFLOW = "EraseExpired"
FOLD_WORKFLOW = "FoldBoard"
REVIEW_RIGHTS_WORKFLOW = "ReviewRights"


class AnchorAudit(Message):
    """Sign the heads of all audit chains at ``at`` (workflow time, R23)."""

    at: AwareDatetime


class Anchored(Message):
    """The signed root, as hex: the workflow's history keeps a copy outside the database."""

    anchor_no: int
    root: str
    chains: int


class EraseExpired(Message):
    """Erase the persons whose retention (T21) has ended at ``at`` (workflow time), at most ``limit`` of them.

    ``after`` is the contact id with which the batch before ended.
    """

    at: AwareDatetime
    after: str = ""
    limit: int = Field(default=200, ge=1, le=2_000)


class Expired(Message):
    """What a batch did; ``last`` is None when nobody is left. ``held_back``: something still waits for them.

    ``refused_bodies`` counts the bodies of refused and of parked messages that were emptied.
    """

    erased: int = 0
    held_back: int = 0
    refused_bodies: int = 0
    last: str | None = None


class Folded(Message):
    """How many shares of the board's sums were folded into their cells (R33)."""

    shares: int


class OpenRightsReview(Message):
    """Put the rights of every account and machine token up for review at ``at`` (workflow time, T16)."""

    at: AwareDatetime


class RightsReviewOpened(Message):
    """``review_id`` is the month in the shop's time zone, as 2026-11; ``due`` when T16 falls."""

    review_id: str
    due: AwareDatetime
    accounts: int


class ConcludeRightsReview(Message):
    """T16 has passed: whatever is not reviewed yet escalates."""

    review_id: str
    at: AwareDatetime


class ChangeRightsDeadline(Message):
    """Extend or waive the running T16 of a review, under the key of the request."""

    review_id: str
    at: AwareDatetime
    command: ChangeDeadline


class RightsDeadline(Message):
    """When T16 falls; ``running`` False: it was waived, has passed, or the review is done."""

    due: AwareDatetime | None = None
    running: bool = True


class RightsReviewConcluded(Message):
    """``open`` accounts and tokens were not reviewed in time."""

    open: int

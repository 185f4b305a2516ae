"""Status notices to a channel's front end: messages of their delivery (R20, T13)."""

from __future__ import annotations

from pydantic import AwareDatetime, Field

from models.base import Message
from models.order import Policy


class DeliverNotices(Message):
    """Deliver a channel's pending notices for at most ``max_seconds``.

    ``behind`` says that the workflow already knows something is undelivered: then the
    activity returns when all is delivered, instead of at the first failure.
    """

    channel: str
    behind: bool = False
    max_seconds: int = Field(default=240, ge=1)


class DeliveryReport(Message):
    """``behind_since``: workflow time of the oldest undelivered change; None when all is delivered."""

    behind_since: AwareDatetime | None = None


class BreachNotices(Message):
    """T13 passed at ``at``: mark the notices of changes up to ``changed_until``, alert, keep trying."""

    channel: str
    at: AwareDatetime
    changed_until: AwareDatetime


class BreachReport(Message):
    """``behind_since``: the oldest undelivered change whose T13 has not passed yet; None: nothing is left to watch."""

    breached: int
    behind_since: AwareDatetime | None = None


class ChannelFeed(Message):
    """The input of ``ChannelNotices``: the channel to keep in step, and the policy for T13."""

    channel: str
    policy: Policy = Policy()
    behind: bool = False


class LateWatch(Message):
    """The input of ``LateNotices``: T13 runs for the changes since ``behind_since``.

    ``breached`` are the orders that earlier runs of the watch found late.
    """

    channel: str
    policy: Policy
    behind_since: AwareDatetime
    breached: int = 0

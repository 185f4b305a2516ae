"""The daily digest across Temporal and in its row (T17)."""

from __future__ import annotations

from datetime import date

from pydantic import AwareDatetime

from domain.digest import Day
from models.base import Message


class MakeDigest(Message):
    """Make the digest of ``day``, or of the day before ``due`` in the shop's zone, unless it is there.

    ``due`` is the 09:00 this run was scheduled for, and ``at`` when it really came: after a night
    without a system these are two dates (T17).
    """

    at: AwareDatetime
    due: AwareDatetime | None = None
    day: date | None = None


class DigestMade(Message):
    """Which day's digest stands; ``fresh`` when this run made it."""

    day: date
    fresh: bool


class PostDigest(Message):
    """Post the day's digest to the group chat, unless it was posted before."""

    at: AwareDatetime
    day: date


class DigestContent(Message):
    """The figures as they are kept."""

    orders: int
    by_channel: dict[str, int]
    abnormal: dict[str, int]
    after_sale: int
    signed: int
    after_sale_rate: float | None
    breaches: dict[str, int]

    @classmethod
    def of(cls, told: Day) -> DigestContent:
        """A day's figures."""
        return cls(
            orders=told.orders,
            by_channel=dict(told.by_channel),
            abnormal=dict(told.abnormal),
            after_sale=told.after_sale,
            signed=told.signed,
            after_sale_rate=told.after_sale_rate,
            breaches=dict(told.breaches),
        )

    def day(self, day: date) -> Day:
        """The figures of that day, to be told."""
        return Day(day, self.by_channel, self.abnormal, self.after_sale, self.signed, self.breaches)

"""When is a sender silent for longer than its habit? (accident 7)

A sender's habit is how many messages it sends in each hour of the week, shop time. From it
follows how many should have come since the last one; when that many are missing, it is no
longer chance. So a busy channel is missed within the hour, and one with two orders a day
after some days, without anybody setting a limit for each.

The threshold: messages that come independently leave a gap in which ``n`` were expected
with probability e⁻ⁿ; for ``n`` = 10 that is once in 22,000 gaps. Real senders send in
bursts, so their gaps are longer than chance says; two guards keep them from false alarms.
The habit of an hour is the mean of its weeks **without the best one**, so a promotion does
not become what is expected ever after; and no silence shorter than 30 min is one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

WEEKS = 8
"""How far back the habit is learned."""

LEAST_WEEKS = 2
"""A sender known for less has no habit yet."""

MISSING = 10
"""So many messages missing are no chance."""

SHORTEST = timedelta(minutes=30)

_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Hour:
    """How many messages came in the hour that began at ``start`` (UTC), and when the last of them did."""

    start: datetime
    messages: int
    last_at: datetime


@dataclass(frozen=True)
class Silence:
    """Nothing came since ``since``, though about ``expected`` messages should have."""

    since: datetime
    expected: int


def silence(hours: Sequence[Hour], now: datetime, zone: ZoneInfo) -> Silence | None:
    """Whether a sender with this past is silent at ``now`` beyond its habit; None when it is not."""
    if not hours:
        return None
    last = max(hour.last_at for hour in hours)
    weeks = _whole_weeks(hours, last)
    if weeks < LEAST_WEEKS or now - last < SHORTEST:
        return None
    missing = expected(habit(hours, last, weeks, zone), last, now, zone)
    return Silence(last, int(missing)) if missing >= MISSING else None


def habit(hours: Sequence[Hour], until: datetime, weeks: int, zone: ZoneInfo) -> Mapping[int, float]:
    """Messages an hour, by hour of the week in shop time (0 is Monday, 00:00): the mean without the best week."""
    counted: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for hour in hours:
        age = (until - hour.start) // timedelta(weeks=1)
        if 0 <= age < weeks:
            counted[_hour_of_week(hour.start, zone)][age] += hour.messages
    return {slot: _without_best(by_week.values(), weeks) for slot, by_week in counted.items()}


def expected(rates: Mapping[int, float], since: datetime, until: datetime, zone: ZoneInfo) -> float:
    """How many messages should have come between two instants; stops counting when it is enough to know."""
    total, at = 0.0, since
    while at < until and total < 100 * MISSING:
        end = min(until, _next_hour(at))
        total += rates.get(_hour_of_week(at, zone), 0.0) * ((end - at) / _HOUR)
        at = end
    return total


def _whole_weeks(hours: Sequence[Hour], until: datetime) -> int:
    return min(WEEKS, (until - min(hour.start for hour in hours)) // timedelta(weeks=1))


def _without_best(counts: Iterable[int], weeks: int) -> float:
    """Weeks in which nothing came in that hour count as well."""
    known = sorted(counts)
    return sum(known[:-1]) / (weeks - 1)


def _hour_of_week(at: datetime, zone: ZoneInfo) -> int:
    local = at.astimezone(zone)
    return local.weekday() * 24 + local.hour


def _next_hour(at: datetime) -> datetime:
    # In UTC: shop time jumps twice a year, and some zones stand half an hour off.
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + _HOUR

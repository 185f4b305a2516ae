"""The deadlines of the promise, T1 to T21, in one table (SPEC, "Deadlines in one table").

Each T is a durable timer or a Temporal Schedule. A due instant is absolute, in UTC,
and made from the workflow's own clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType


class DeadlineId(StrEnum):
    """The number by which a deadline is known in code, rows, timers and history."""

    T1 = "T1"
    T2P = "T2P"
    T2 = "T2"
    T3 = "T3"
    T5 = "T5"
    T6 = "T6"
    T7 = "T7"
    T8 = "T8"
    T9 = "T9"
    T10 = "T10"
    T11 = "T11"
    T12 = "T12"
    T13 = "T13"
    T14 = "T14"
    T15 = "T15"
    T16 = "T16"
    T17 = "T17"
    T18 = "T18"
    T19 = "T19"
    T20 = "T20"
    T21 = "T21"


@dataclass(frozen=True)
class Deadline:
    """One row of the table: what is promised, from when, and what happens when it passes.

    ``default`` is None where a date or a schedule rules instead of a duration.
    ``department`` is who is told when it passes.
    """

    id: DeadlineId
    promise: str
    default: timedelta | None
    starts: str
    action: str
    department: str = "operations"


_T = DeadlineId


def _hours(count: int) -> timedelta:
    return timedelta(hours=count)


def _days(count: int) -> timedelta:
    return timedelta(days=count)


_ROWS = (
    Deadline(_T.T1, "online payment", _hours(24), "order created", "cancel, release, close payment"),
    Deadline(_T.T2P, "promotion stock hold", timedelta(minutes=30), "order created", "release stock only"),
    Deadline(_T.T2, "manual review: remind", _hours(1), "enters manual review", "remind", "reviewer"),
    Deadline(_T.T3, "manual review: due", _hours(2), "enters manual review", "escalate to operations"),
    Deadline(_T.T5, "parcel exception settled", _hours(24), "exception seen", "escalate", "logistics"),
    Deadline(_T.T6, "parcel silent", _hours(48), "last tracking event", "open a stuck-parcel case", "logistics"),
    Deadline(_T.T7, "signature dispute solved", _hours(48), "buyer reports", "escalate", "customer_service"),
    Deadline(
        _T.T8, "refund or exchange done", _days(7), "inspection passed", "escalate to finance and operations", "finance"
    ),
    Deadline(_T.T9, "no-reason return window", _days(7), "signed", "window closes", "customer_service"),
    Deadline(_T.T10, "ordinary complaint answered", _hours(24), "received", "escalate", "customer_service"),
    Deadline(_T.T11, "major complaint: first answer", _hours(4), "received or raised", "escalate"),
    Deadline(_T.T12, "major complaint: plan", _hours(24), "received or raised", "escalate"),
    Deadline(_T.T13, "status at the channel", timedelta(minutes=15), "status changed", "alert, keep trying"),
    Deadline(_T.T14, "mistake reported", _hours(1), "discovered", "escalate"),
    Deadline(_T.T15, "cross-department meeting and plan", _hours(24), "opened", "escalate"),
    Deadline(_T.T16, "rights reviewed", None, "schedule: monthly, 7 d to finish", "escalate", "administrator"),
    Deadline(_T.T17, "daily digest", None, "schedule: 09:00 shop time", "post and keep"),
    Deadline(_T.T18, "archived", timedelta(0), "T9 passed and nothing open", "archive"),
    Deadline(_T.T19, "agreed later shipping date", None, "agreed", "try stock again"),
    Deadline(_T.T20, "returned goods arrive", _days(14), "RMA issued", "ticket lapses, buyer told", "warehouse"),
    Deadline(_T.T21, "personal data erased", _days(3 * 365), "archived", "erase", "administrator"),
)

DEADLINES: Mapping[DeadlineId, Deadline] = MappingProxyType({row.id: row for row in _ROWS})

PLANNED = frozenset({_T.T1, _T.T2P, _T.T9, _T.T18, _T.T19, _T.T21})
"""When these pass, what was planned is done: no promise is broken, and nobody has to be told."""

NO_BREACH = PLANNED | {_T.T2}
"""What passes without a breach (R33): what was planned, and what only reminds."""

# Peak mode stretches the clocks on human review only (R7).
STRETCHED_BY_PEAK = frozenset({_T.T2, _T.T3})


@dataclass(frozen=True)
class DeadlinePolicy:
    """The durations in force for one order: it keeps the policy it began with.

    ``durations`` holds only what the shop configured; everything else is the table's
    default. ``peak_factor`` stretches T2 and T3, ×1 to ×12 (R7).
    """

    durations: Mapping[DeadlineId, timedelta] = field(default_factory=dict)
    peak_factor: int = 1

    def __post_init__(self) -> None:
        """Refuse a factor that R7 does not allow, and durations that point backwards."""
        if not 1 <= self.peak_factor <= 12:
            raise ValueError("peak_factor must be between 1 and 12 (R7)")
        if wrong := [key for key, value in self.durations.items() if value < timedelta(0)]:
            raise ValueError(f"a deadline cannot be negative: {', '.join(sorted(wrong))}")

    def duration(self, deadline: DeadlineId) -> timedelta:
        """How long this deadline runs; raises ValueError where a date or schedule rules."""
        configured = self.durations.get(deadline, DEADLINES[deadline].default)
        if configured is None:
            raise ValueError(f"{deadline} has no duration: a date or a schedule rules it")
        return configured * self.peak_factor if deadline in STRETCHED_BY_PEAK else configured

    def due(self, deadline: DeadlineId, start: datetime) -> datetime:
        """The absolute UTC instant at which the deadline falls, from its start."""
        if start.tzinfo is None:
            raise ValueError("a deadline starts at an instant with a zone")
        # Where clocks change, an hour of the wall is not always an hour.
        return start.astimezone(UTC) + self.duration(deadline)


def as_told(row: Deadline, policy: DeadlinePolicy) -> dict[str, str | int | None]:
    """A row of the table for readers; seconds are None where a date or a schedule rules."""
    in_force = None if row.default is None else policy.duration(row.id)
    return {
        "id": str(row.id),
        "promise": row.promise,
        "default_seconds": _seconds(row.default),
        "seconds": _seconds(in_force),
        "starts": row.starts,
        "action": row.action,
    }


def _seconds(duration: timedelta | None) -> int | None:
    return None if duration is None else int(duration.total_seconds())

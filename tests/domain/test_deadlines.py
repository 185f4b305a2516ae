"""Every T at its second, in every zone (R7, accident 3)."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.deadlines import DEADLINES, STRETCHED_BY_PEAK, DeadlineId, DeadlinePolicy

T = DeadlineId
SECOND = timedelta(seconds=1)
TIMED = [deadline for deadline in T if DEADLINES[deadline].default is not None]

# SPEC, "Deadlines in one table", written out a second time so that a slip in either shows.
PROMISED = {
    T.T1: timedelta(hours=24),
    T.T2P: timedelta(minutes=30),
    T.T2: timedelta(hours=1),
    T.T3: timedelta(hours=2),
    T.T5: timedelta(hours=24),
    T.T6: timedelta(hours=48),
    T.T7: timedelta(hours=48),
    T.T8: timedelta(days=7),
    T.T9: timedelta(days=7),
    T.T10: timedelta(hours=24),
    T.T11: timedelta(hours=4),
    T.T12: timedelta(hours=24),
    T.T13: timedelta(minutes=15),
    T.T14: timedelta(hours=1),
    T.T15: timedelta(hours=24),
    T.T18: timedelta(0),
    T.T20: timedelta(days=14),
    T.T21: timedelta(days=3 * 365),
}


def test_the_table_is_the_promise() -> None:
    assert {deadline: DEADLINES[deadline].default for deadline in TIMED} == PROMISED
    assert set(DEADLINES) == set(T)


# The last one springs forward an hour in the night after the first start, and falls back in that after the second.
@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "America/New_York"])
@pytest.mark.parametrize("day", [(2030, 3, 9), (2030, 11, 2)])
@pytest.mark.parametrize("deadline", TIMED)
def test_a_deadline_is_so_many_real_seconds_from_its_start_in_every_zone(
    deadline: DeadlineId, day: tuple[int, int, int], zone: str
) -> None:
    start = datetime(*day, 12, tzinfo=ZoneInfo(zone))
    due = DeadlinePolicy().due(deadline, start)
    assert due.timestamp() - start.timestamp() == PROMISED[deadline].total_seconds()
    assert due.utcoffset() == timedelta(0)


@pytest.mark.parametrize("deadline", [T.T16, T.T17, T.T19])
def test_where_a_date_or_schedule_rules_there_is_no_duration(deadline: DeadlineId) -> None:
    with pytest.raises(ValueError, match="no duration"):
        DeadlinePolicy().duration(deadline)


@pytest.mark.parametrize("deadline", TIMED)
def test_peak_mode_stretches_human_review_and_nothing_else(deadline: DeadlineId) -> None:
    factor = 3 if deadline in {T.T2, T.T3} else 1
    assert DeadlinePolicy(peak_factor=3).duration(deadline) == PROMISED[deadline] * factor
    assert (deadline in STRETCHED_BY_PEAK) is (factor == 3)


@pytest.mark.parametrize("factor", [0, 13])
def test_peak_mode_stretches_at_most_twelvefold(factor: int) -> None:
    with pytest.raises(ValueError, match="R7"):
        DeadlinePolicy(peak_factor=factor)


def test_the_shop_configures_what_it_wants() -> None:
    policy = DeadlinePolicy({T.T1: timedelta(hours=2)})
    assert policy.duration(T.T1) == timedelta(hours=2)
    assert policy.duration(T.T9) == PROMISED[T.T9]


def test_no_deadline_points_backwards() -> None:
    with pytest.raises(ValueError, match="negative"):
        DeadlinePolicy({T.T1: -SECOND})


def test_a_deadline_does_not_start_at_a_naive_instant() -> None:
    with pytest.raises(ValueError, match="zone"):
        DeadlinePolicy().due(T.T1, datetime(2030, 1, 1))  # noqa: DTZ001

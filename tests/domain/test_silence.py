"""A sender is silent when as many messages are missing as chance would not leave out (accident 7)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.silence import MISSING, SHORTEST, Hour, expected, habit, silence

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2030, 1, 7, tzinfo=UTC)
HOUR, WEEK = timedelta(hours=1), timedelta(weeks=1)


def steady(an_hour: int, *, weeks: int = 8, start: datetime = MONDAY, only: range = range(24)) -> list[Hour]:
    """So many messages in each of these hours of the day (UTC), week after week; the last one at the very end."""
    hours = (start + HOUR * n for n in range(weeks * 168))
    return [Hour(at, an_hour, at + HOUR - timedelta(seconds=1)) for at in hours if at.hour in only]


def last_of(hours: list[Hour]) -> datetime:
    return max(hour.last_at for hour in hours)


@pytest.mark.parametrize(("minutes", "silent"), [(59, False), (61, True)])
def test_ten_messages_an_hour_are_missed_after_an_hour(minutes: int, silent: bool) -> None:
    past = steady(10)
    found = silence(past, last_of(past) + timedelta(minutes=minutes), SHANGHAI)
    assert (found is not None) is silent
    if found:
        assert (found.since, found.expected) == (last_of(past), MISSING)


def test_a_busy_sender_is_not_called_silent_within_half_an_hour() -> None:
    past = steady(1_000)
    assert silence(past, last_of(past) + SHORTEST - timedelta(seconds=1), SHANGHAI) is None
    assert silence(past, last_of(past) + SHORTEST, SHANGHAI) is not None


def test_a_quiet_sender_may_be_quiet_for_days() -> None:
    past = steady(1, only=range(12, 13))
    assert silence(past, last_of(past) + timedelta(days=9), SHANGHAI) is None
    assert silence(past, last_of(past) + timedelta(days=11), SHANGHAI) is not None


def test_nobody_is_missed_at_night_who_never_sends_at_night() -> None:
    past = steady(20, only=range(1, 13))
    evening = last_of(past)
    assert silence(past, evening + 11 * HOUR, SHANGHAI) is None
    assert silence(past, evening + 13 * HOUR, SHANGHAI) is not None


def test_one_day_of_promotion_does_not_become_what_is_expected() -> None:
    past = steady(2)
    burst = [Hour(hour.start, 500, hour.last_at) for hour in past[:24]]
    rates = habit([*burst, *past[24:]], last_of(past), 8, SHANGHAI)
    assert set(rates.values()) == {2.0}


@pytest.mark.parametrize("weeks", [0, 1])
def test_a_new_sender_has_no_habit_yet(weeks: int) -> None:
    past = steady(50, weeks=weeks)
    now = last_of(past) + timedelta(days=3) if past else MONDAY
    assert silence(past, now, SHANGHAI) is None


def test_a_weekday_is_the_shops_weekday() -> None:
    past = steady(10, only=range(17, 18))
    rates = habit(past, last_of(past), 8, SHANGHAI)
    assert sorted({slot % 24 for slot in rates}) == [1], "17:00 UTC is 01:00 of the next day in Shanghai"


@pytest.mark.parametrize("day", [datetime(2030, 3, 31, tzinfo=UTC), datetime(2030, 10, 27, tzinfo=UTC)])
def test_the_day_of_the_clock_change_has_as_many_hours_as_it_has(day: datetime) -> None:
    zone = ZoneInfo("Europe/Berlin")
    rates = dict.fromkeys(range(168), 1.0)
    assert expected(rates, day, day + timedelta(days=1), zone) == pytest.approx(24)


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_what_is_expected_grows_with_the_silence_and_adds_up(first: int, second: int) -> None:
    rates = {slot: slot % 7 / 1000 for slot in range(168)}
    middle = MONDAY + timedelta(minutes=first)
    end = middle + timedelta(minutes=second)
    whole = expected(rates, MONDAY, end, SHANGHAI)
    assert whole == pytest.approx(expected(rates, MONDAY, middle, SHANGHAI) + expected(rates, middle, end, SHANGHAI))

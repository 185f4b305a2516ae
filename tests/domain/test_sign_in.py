"""Signing in: what may be a password, how long a session lives, who must wait (R22)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.sign_in import (
    FORGOTTEN_AFTER,
    FREE_TRIES,
    LONGEST_WAIT,
    SessionLife,
    Tries,
    password_fault,
    username_fault,
    username_of,
)

NOON = datetime(2030, 1, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "x" * 129,
        "not-reviewer-again",
        "Reviewer-2030!!",
    ],
)
def test_a_password_of_the_wrong_length_or_with_the_username_in_it_is_refused(password: str) -> None:
    assert password_fault(password, "reviewer") is not None


@pytest.mark.parametrize("password", ["four invented words", "麒麟在十二點鐘喝了一杯茶", "dev-5f0c2a9e77b1"])
def test_a_long_password_of_any_script_is_taken(password: str) -> None:
    assert password_fault(password, "reviewer") is None


def test_a_username_is_small_letters() -> None:
    assert username_of("  Wang.Invented ") == "wang.invented"
    assert username_fault("wang.invented@shop") is None
    assert all(username_fault(wrong) for wrong in ("", "a", "Wang", "two words", "-dash", "x" * 101, "a\0b"))


def test_the_first_tries_are_free_and_the_next_ones_wait_ever_longer_up_to_a_minute() -> None:
    waits = [Tries(failed, NOON).wait(NOON) for failed in range(12)]
    assert waits[:FREE_TRIES] == [timedelta(0)] * FREE_TRIES
    assert waits[FREE_TRIES : FREE_TRIES + 4] == [2 * SECOND, 4 * SECOND, 8 * SECOND, 16 * SECOND]
    assert max(waits) == LONGEST_WAIT
    assert Tries(10**9, NOON).wait(NOON) == LONGEST_WAIT


def test_nobody_waits_longer_than_the_wait_and_failures_are_forgotten() -> None:
    tries = Tries(50, NOON)
    assert tries.wait(NOON + LONGEST_WAIT - SECOND) == SECOND
    assert tries.wait(NOON + LONGEST_WAIT) == timedelta(0)
    assert not tries.now_forgotten(NOON + FORGOTTEN_AFTER - SECOND)
    assert tries.now_forgotten(NOON + FORGOTTEN_AFTER)


def test_a_session_ends_when_idle_and_in_any_case() -> None:
    life, ends = SessionLife(timedelta(minutes=30), timedelta(hours=12)), NOON + timedelta(hours=12)
    assert life.holds(NOON, ends, NOON + timedelta(minutes=30) - SECOND)
    assert not life.holds(NOON, ends, NOON + timedelta(minutes=30))
    assert life.holds(ends - SECOND, ends, ends - SECOND)
    assert not life.holds(ends - SECOND, ends, ends)

"""The daily digest: a day of the shop's calendar, and how it is told (T17); what may stand in a broadcast (R21)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.digest import Day, day_before, markdown, span
from domain.emergencies import personal_words

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        (date(2026, 3, 28), BERLIN, 24),
        (date(2026, 3, 29), BERLIN, 23),
        (date(2026, 10, 25), BERLIN, 25),
        (date(2026, 3, 29), SHANGHAI, 24),
        (date(2026, 3, 29), ZoneInfo("UTC"), 24),
    ],
)
def test_a_day_goes_from_midnight_to_midnight_of_the_shop(day: date, zone: ZoneInfo, hours: int) -> None:
    since, until = span(day, zone)
    assert until - since == timedelta(hours=hours)
    assert span(day + timedelta(days=1), zone)[0] == until
    assert since.astimezone(zone).date() == day


def test_the_day_before_is_the_shops_own() -> None:
    nine_in_shanghai = datetime(2026, 6, 2, 1, 0, tzinfo=UTC)
    assert day_before(nine_in_shanghai, SHANGHAI) == date(2026, 6, 1)
    late_in_utc = datetime(2026, 6, 1, 16, 30, tzinfo=UTC)
    assert (day_before(late_in_utc, SHANGHAI), day_before(late_in_utc, BERLIN)) == (date(2026, 6, 1), date(2026, 5, 31))


def test_the_digest_tells_its_figures_and_no_rate_without_a_signature() -> None:
    told = Day(date(2026, 6, 1), {"site": 2, "app": 1}, {"shortage": 1}, 1, 8, {"T3": 2})
    assert told.after_sale_rate == 0.125
    assert "orders: 3 (app 1, site 2)" in markdown(told)
    assert "12.50% (1/8)" in markdown(told)
    assert Day(date(2026, 6, 1), {}, {}, 1, 0, {}).after_sale_rate is None


@pytest.mark.parametrize("text", ["call 13800138000", "call +86 138 0013 8000", "write to buyer@example.com"])
def test_what_looks_like_a_persons_is_found(text: str) -> None:
    assert personal_words(text)


@pytest.mark.parametrize("text", ["上海倉停電", "2026-06-01 09:00 to 18:30", "order site-20240611-0042 and 300 more"])
def test_ordinary_words_are_not_taken_for_a_persons(text: str) -> None:
    assert personal_words(text) is None

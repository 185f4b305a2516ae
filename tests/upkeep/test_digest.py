"""``orderflow digest``: counted by hand, and the kept one where there is one (T17)."""

from __future__ import annotations

from datetime import UTC, date, datetime

from domain.digest import Day
from store import digests
from store.pool import Pool
from tests.upkeep.conftest import Orderflow, data


async def test_a_day_is_counted_by_hand_without_keeping_it(orderflow: Orderflow, pool: Pool) -> None:
    told = data(await orderflow("digest", "--date", "2026-06-01", "--json"))
    assert (told["day"], told["kept"], told["orders"], told["after_sale_rate"]) == ("2026-06-01", False, 0, None)
    async with pool.connection() as conn:
        assert await digests.of_day(conn, date(2026, 6, 1)) is None


async def test_the_kept_digest_stands(orderflow: Orderflow, pool: Pool) -> None:
    async with pool.connection() as conn:
        await digests.keep(conn, Day(date(2026, 6, 1), {"site": 7}, {}, 1, 4, {"T3": 1}), datetime.now(UTC))
    told = data(await orderflow("digest", "--date", "2026-06-01", "--json"))
    assert (told["kept"], told["orders"], told["after_sale_rate"]) == (True, 7, 0.25)
    words = (await orderflow("digest", "--date", "2026-06-01")).stdout
    assert "每日簡報" in words
    wrong = await orderflow("digest", "--date", "yesterday")
    assert wrong.exit_code == 2

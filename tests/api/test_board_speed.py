"""The board stays quick (R33): a quarter of a busy shop is answered from its sums within the promise."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from domain.board import LONGEST, WAY
from tests.api.caller import Caller

MOST_MS, ASKED = 200.0, 40
UNTIL = datetime(2030, 1, 1, tzinfo=UTC)
HOURS, CHANNELS = LONGEST // timedelta(hours=1), ["app", "shop", "site"]
# Forty sums of every hour and channel: more than 260,000 rows.
_FILL = """
INSERT INTO board_cells (hour, channel, measure, key, number, seconds)
SELECT %(until)s - hour * interval '1 hour', channel, measure, key, 9, 3600
FROM generate_series(1, %(hours)s) AS hours (hour), unnest(%(channels)s::text[]) AS channels (channel), (
    SELECT 'reached' AS measure, step::text AS key FROM generate_series(1, %(steps)s) AS steps (step)
    UNION ALL SELECT 'in_status', unnest(ARRAY[
        'awaiting_payment', 'paid', 'manual_review', 'shortage', 'approved', 'picking', 'packed', 'shipped', 'signed'])
    UNION ALL SELECT measure, carrier
        FROM unnest(ARRAY['handed_over', 'delivered_on_time', 'delivered_late']) AS measures (measure),
            unnest(ARRAY['SF', 'JD', 'ZTO', 'YTO']) AS carriers (carrier)
    UNION ALL SELECT 'clock_met', unnest(ARRAY['T1', 'T2', 'T3', 'T6', 'T9', 'T13'])
    UNION ALL SELECT 'clock_passed', unnest(ARRAY['T1', 'T3', 'T6'])
    UNION ALL SELECT 'case', unnest(ARRAY['return', 'complaint', 'parcel_exception'])
) AS sums
"""


@pytest.mark.parametrize("channel", [None, "shop"])
async def test_a_quarter_of_a_busy_shop_is_on_the_board_within_the_promise(api: Caller, channel: str | None) -> None:
    async with api.pool.connection() as conn:
        facts = {"until": UNTIL, "hours": HOURS, "channels": CHANNELS, "steps": len(WAY)}
        await conn.execute(_FILL, facts)
        await conn.execute("ANALYZE board_cells")
    period = {"since": (UNTIL - LONGEST).isoformat(), "until": UNTIL.isoformat()}
    asked = period if channel is None else {**period, "channel": channel}
    took: list[float] = []
    while len(took) < ASKED and min(took, default=MOST_MS) >= MOST_MS:
        took.append(await _ms(api, asked))
    board = (await api.get("/v1/board", "sales", **asked)).json()
    assert board["way"][0]["orders"] == 9 * HOURS * (1 if channel else len(CHANNELS))
    # The quickest: what else this machine does meanwhile is not the board's.
    assert min(took) < MOST_MS, took


async def _ms(api: Caller, asked: dict[str, str]) -> float:
    began = time.perf_counter()
    answer = await api.get("/v1/board", "sales", **asked)
    assert answer.status_code == 200, answer.text
    return (time.perf_counter() - began) * 1000

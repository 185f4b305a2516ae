"""The board put together from its sums (R33)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from api.house import House
from api.order_views import status_view
from api.problems import Faulty
from api.schemas.board import (
    AfterSale,
    BoardView,
    CarrierCompared,
    ClockKept,
    EndedEarly,
    OrdersPlaced,
    StepTaken,
    TimeInStatus,
)
from domain.board import LONGEST, WAY, bottleneck, bucket, share
from domain.deadlines import DEADLINES, NO_BREACH, DeadlineId
from domain.digest import AFTER_SALE_KINDS
from domain.intake import Fault
from store import board
from store.board import Window
from store.pool import Row

_A_DAY = timedelta(days=1)
_DELIVERED = ("delivered_on_time", "delivered_late")


@dataclass
class Sums:
    """The sums of a window by measure and key: how many, and how many seconds."""

    number: Mapping[str, Mapping[str, int]]
    seconds: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[Row]) -> Sums:
        """As they were read."""
        number: dict[str, dict[str, int]] = defaultdict(dict)
        seconds: dict[str, dict[str, int]] = defaultdict(dict)
        for row in rows:
            number[row["measure"]][row["key"]] = row["number"]
            seconds[row["measure"]][row["key"]] = row["seconds"]
        return cls(number, seconds)

    def count(self, measure: str, key: str) -> int:
        """How many; 0 of what was never counted."""
        return self.number.get(measure, {}).get(key, 0)

    def keys(self, *measures: str) -> set[str]:
        """Every key that one of them has."""
        return {key for measure in measures for key in self.number.get(measure, {})}


def window_of(house: House, since: datetime | None, until: datetime | None, channel: str | None = None) -> Window:
    """The last 24 hours unless told otherwise; raises Faulty for a period that is none, or too long."""
    end = until or house.now()
    try:
        begin = since or end - _A_DAY
    except OverflowError:
        raise Faulty([Fault("query.until", "lies before all time")]) from None
    if begin >= end:
        raise Faulty([Fault("query.since", "must be before until")])
    if end - begin > LONGEST:
        raise Faulty([Fault("query.since", f"at most {LONGEST.days} days at once")])
    return Window(begin, end, channel)


async def read(house: House, window: Window) -> BoardView:
    """The whole board."""
    grain = bucket(window.until - window.since)
    async with house.pool.connection() as conn:
        sums = Sums.of(await board.sums(conn, window))
        placed = await board.placed(conn, window, grain, house.settings.shop_timezone)
    clocks = _clocks(sums)
    return BoardView(
        since=window.since,
        until=window.until,
        channel=window.channel,
        bucket=grain,
        placed=[OrdersPlaced(at=row["at"], channel=row["channel"], orders=row["number"]) for row in placed],
        way=_way(sums),
        ended_early=[
            EndedEarly(status=status_view(code), orders=sums.count("ended_early", code))
            for code in sorted(sums.keys("ended_early"))
        ],
        time_in_status=_times(sums),
        after_sale=_after_sale(sums),
        carriers=carriers(sums),
        clocks=clocks,
        breaches=sum(clock.passed for clock in clocks if clock.deadline not in NO_BREACH),
    )


async def compare(house: House, window: Window) -> list[CarrierCompared]:
    """The carriers alone."""
    async with house.pool.connection() as conn:
        return carriers(Sums.of(await board.sums(conn, window)))


def carriers(sums: Sums) -> list[CarrierCompared]:
    """The busiest first."""
    names = sums.keys("handed_over", "delivered_on_time", "delivered_late", "parcel_problem")
    return sorted((_carrier(sums, name) for name in names), key=lambda one: (-one.handed_over, one.carrier))


def _carrier(sums: Sums, name: str) -> CarrierCompared:
    on_time, late = sums.count("delivered_on_time", name), sums.count("delivered_late", name)
    took = sum(sums.seconds.get(measure, {}).get(name, 0) for measure in _DELIVERED)
    return CarrierCompared(
        carrier=name,
        handed_over=sums.count("handed_over", name),
        signed=on_time + late,
        on_time=on_time,
        on_time_share=share(on_time, on_time + late),
        mean_seconds=took // (on_time + late) if on_time + late else None,
        problems=sums.count("parcel_problem", name),
    )


def _way(sums: Sums) -> list[StepTaken]:
    placed = sums.count("reached", "1")
    taken = [(step, sums.count("reached", str(number))) for number, step in enumerate(WAY, 1)]
    return [
        StepTaken(step=step.code, zh=step.chinese, en=step.english, orders=orders, share=share(orders, placed))
        for step, orders in taken
    ]


def _times(sums: Sums) -> list[TimeInStatus]:
    left = sums.number.get("in_status", {})
    means = {status: sums.seconds["in_status"][status] / orders for status, orders in left.items()}
    worst = bottleneck(means)
    return [
        TimeInStatus(
            status=status_view(status), orders=left[status], mean_seconds=round(mean), bottleneck=status == worst
        )
        for status, mean in sorted(means.items(), key=lambda one: -one[1])
    ]


def _after_sale(sums: Sums) -> AfterSale:
    cases = {kind: sums.count("case", kind) for kind in AFTER_SALE_KINDS if sums.count("case", kind)}
    signed = sum(sum(sums.number.get(measure, {}).values()) for measure in _DELIVERED)
    return AfterSale(cases=cases, signed=signed, rate=share(sum(cases.values()), signed))


def _clocks(sums: Sums) -> list[ClockKept]:
    seen = sums.keys("clock_met", "clock_passed", "clock_waived")
    return [_clock(sums, clock) for clock in DEADLINES if clock.value in seen]


def _clock(sums: Sums, clock: DeadlineId) -> ClockKept:
    met, passed = sums.count("clock_met", clock), sums.count("clock_passed", clock)
    return ClockKept(
        deadline=clock,
        promise=DEADLINES[clock].promise,
        met=met,
        passed=passed,
        waived=sums.count("clock_waived", clock),
        kept_share=None if clock in NO_BREACH else share(met, met + passed),
    )

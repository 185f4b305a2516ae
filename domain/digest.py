"""The daily digest: which instants make a day of the shop, and how the day is told (R25, T17)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

AFTER_SALE_KINDS = ("return", "exchange", "return_exchange", "complaint", "signature_dispute")
"""Cases that count into the after-sale rate."""


@dataclass(frozen=True)
class Day:
    """A day's figures: ``after_sale`` are orders with such a case opened then, ``signed`` orders signed for then."""

    day: date
    by_channel: Mapping[str, int]
    abnormal: Mapping[str, int]
    after_sale: int
    signed: int
    breaches: Mapping[str, int]

    @property
    def orders(self) -> int:
        """Orders that came in."""
        return sum(self.by_channel.values())

    @property
    def after_sale_rate(self) -> float | None:
        """After-sale orders for each order signed; None on a day without a signature."""
        return round(self.after_sale / self.signed, 4) if self.signed else None


def span(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From the shop's midnight to the next one, in UTC: 23 or 25 hours where the clocks change."""
    first, last = (datetime.combine(one, time.min, zone) for one in (day, day + timedelta(days=1)))
    return first.astimezone(UTC), last.astimezone(UTC)


def day_before(at: datetime, zone: ZoneInfo) -> date:
    """Yesterday, as the shop's calendar has it at this instant."""
    return at.astimezone(zone).date() - timedelta(days=1)


def markdown(told: Day) -> str:
    """The digest as the group reads it, in both languages."""
    rate = told.after_sale_rate
    percent = "–" if rate is None else f"{rate:.2%}"
    return "\n".join(
        [
            f"**每日簡報 Daily digest {told.day}**",
            f"訂單 orders: {told.orders}{_among(told.by_channel)}",
            f"異常 abnormal: {sum(told.abnormal.values())}{_among(told.abnormal)}",
            f"售後率 after-sale rate: {percent} ({told.after_sale}/{told.signed})",
            f"超時 breaches: {sum(told.breaches.values())}{_among(told.breaches)}",
        ]
    )


def _among(counts: Mapping[str, int]) -> str:
    return f" ({', '.join(f'{name} {count}' for name, count in sorted(counts.items()))})" if counts else ""

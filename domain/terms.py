"""The terms a buyer orders under, by version, and the limits that the law sets to them (R29).

A version is never changed once an order was placed under it: a correction is a new
version. Each order carries the version of its day (``terms_version``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from domain.deadlines import DeadlineId, DeadlinePolicy
from domain.terms_texts import VERSION_1


@dataclass(frozen=True)
class Text:
    """One document in both languages, plain text in paragraphs."""

    title_en: str
    title_zh: str
    en: Sequence[str]
    zh: Sequence[str]


@dataclass(frozen=True)
class Terms:
    """One version: what holds for returns, and what is done with personal data."""

    version: str
    in_force_from: date
    returns: Text
    privacy: Text


def _text(parts: Mapping[str, Sequence[str]]) -> Text:
    return Text(parts["en"][0], parts["zh"][0], parts["en"][1:], parts["zh"][1:])


VERSIONS: Mapping[str, Terms] = MappingProxyType(
    {
        "1": Terms(
            version="1",
            in_force_from=date(2026, 1, 1),
            returns=_text(VERSION_1["returns"]),
            privacy=_text(VERSION_1["privacy"]),
        )
    }
)

IN_FORCE = "1"
"""The version that new orders are placed under."""


@dataclass(frozen=True)
class StatutoryLimit:
    """What the law demands of a deadline: at least so long for the buyer, or at most so long for the shop.

    ``counted`` says how the law counts where that is more than a duration.
    """

    deadline: DeadlineId
    what: str
    source: str
    at_least: timedelta | None = None
    at_most: timedelta | None = None
    counted: str = ""

    def allows(self, duration: timedelta) -> bool:
        """Whether a deadline of this duration keeps the law."""
        long_enough = self.at_least is None or duration >= self.at_least
        return long_enough and (self.at_most is None or duration <= self.at_most)


_SEVEN_DAYS = timedelta(days=7)

STATUTORY: Sequence[StatutoryLimit] = (
    StatutoryLimit(
        deadline=DeadlineId.T9,
        what="goods bought online may be returned without a reason (七日無理由退貨)",
        source="消費者權益保護法 (Law on the Protection of Consumer Rights and Interests), Art. 25",
        at_least=_SEVEN_DAYS,
        counted="from the day after signing: 網絡購買商品七日無理由退貨暫行辦法, Art. 10",
    ),
    StatutoryLimit(
        deadline=DeadlineId.T8,
        what="the price is given back after the returned goods came",
        source="消費者權益保護法 (Law on the Protection of Consumer Rights and Interests), Art. 25",
        at_most=_SEVEN_DAYS,
        counted="from the day on which the shop received the goods",
    ),
    StatutoryLimit(
        deadline=DeadlineId.T21,
        what="the record of a trade is kept after it was completed",
        source="電子商務法 (E-Commerce Law), Art. 31",
        at_least=timedelta(days=3 * 365),
        counted="concerns goods, services and trades; personal data goes earlier where a buyer asks (docs/privacy.md)",
    ),
)


def breaches(policy: DeadlinePolicy) -> list[StatutoryLimit]:
    """The limits that the durations in force do not keep; empty when all is lawful (R29)."""
    return [limit for limit in STATUTORY if not limit.allows(policy.duration(limit.deadline))]

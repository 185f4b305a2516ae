"""Which carrier takes a parcel: weight, volume, promised speed, wish, coverage and cost (R11).

Costs are fen (minor units of CNY), weights grams, volumes cubic centimetres. The table
is the shop's tariff to begin with; a contract's real prices replace it line by line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from domain.errors import OrderRuleError

# The trade's divisor: a light but bulky parcel is charged as if 6,000 cm³ weighed 1 kg.
_CM3_PER_KG = 6000


class NoCarrier(OrderRuleError):
    """No carrier takes this parcel; a person has to choose, saying why."""


@dataclass(frozen=True)
class Tariff:
    """What a carrier takes and asks for: the first kilogram, and each one begun after it.

    No ``countries`` means every country.
    """

    code: str
    name: str
    first_kg: int
    next_kg: int
    max_weight_g: int
    max_volume_cm3: int
    speeds: frozenset[str]
    countries: frozenset[str]
    collects: bool
    aliases: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class ParcelFacts:
    """What the choice looks at. ``country`` is ISO 3166-1 alpha-2; no personal data."""

    weight_g: int
    volume_cm3: int
    speed: str
    country: str
    collect: bool = False
    wish: str | None = None


@dataclass(frozen=True)
class Choice:
    """The carrier, its cost in fen, and why the others were not taken."""

    carrier: str
    cost: int
    why: str
    others: dict[str, str]


_STANDARD, _BOTH, _ALL = (
    frozenset({"standard"}),
    frozenset({"standard", "express"}),
    frozenset({"standard", "express", "same_day"}),
)
_CN, _GREATER_CHINA = frozenset({"CN"}), frozenset({"CN", "HK", "MO", "TW"})
_EVERYWHERE: frozenset[str] = frozenset()


def _tariff(code: str, chinese: str, *prices: int, **rest: frozenset[str] | bool) -> Tariff:
    first, following, kilograms, litres = prices
    return Tariff(
        code,
        chinese,
        first,
        following,
        kilograms * 1000,
        litres * 1000,
        aliases=frozenset({code.casefold(), chinese}),
        **rest,  # type: ignore[arg-type]
    )


TARIFFS: Sequence[Tariff] = (
    _tariff("SF", "順豐", 1800, 600, 100, 600, speeds=_ALL, countries=_EVERYWHERE, collects=True),
    _tariff("JD", "京東", 1400, 500, 60, 400, speeds=_ALL, countries=_CN, collects=True),
    _tariff("ZTO", "中通", 800, 300, 50, 300, speeds=_BOTH, countries=_GREATER_CHINA, collects=True),
    _tariff("YTO", "圓通", 800, 310, 50, 300, speeds=_BOTH, countries=_GREATER_CHINA, collects=True),
    _tariff("STO", "申通", 780, 320, 40, 240, speeds=_STANDARD, countries=_CN, collects=False),
    _tariff("YUNDA", "韻達", 760, 330, 40, 240, speeds=_STANDARD, countries=_CN, collects=False),
)


def cost(tariff: Tariff, parcel: ParcelFacts) -> int:
    """What the carrier asks, in fen: by weight or by volume, whichever is more."""
    charged_g = max(parcel.weight_g, parcel.volume_cm3 * 1000 // _CM3_PER_KG)
    begun_after_first = max(0, -(-charged_g // 1000) - 1)
    return tariff.first_kg + begun_after_first * tariff.next_kg


def promised(speed: str) -> str:
    """The speed as the tariffs know it; a channel's own word for it promises no more than standard."""
    return speed.casefold() if speed.casefold() in _ALL else "standard"


def refusal(tariff: Tariff, parcel: ParcelFacts) -> str:
    """Why this carrier cannot take the parcel; empty when it can."""
    checks = (
        (not tariff.countries or parcel.country in tariff.countries, "does not serve that country"),
        (parcel.weight_g <= tariff.max_weight_g, "too heavy"),
        (parcel.volume_cm3 <= tariff.max_volume_cm3, "too bulky"),
        (promised(parcel.speed) in tariff.speeds, "does not offer that speed"),
        (tariff.collects or not parcel.collect, "does not collect at the door"),
    )
    return next((reason for fine, reason in checks if not fine), "")


def choose(parcel: ParcelFacts, tariffs: Sequence[Tariff] = TARIFFS) -> Choice:
    """The buyer's wish if that carrier can, else the cheapest that can (R11); raises NoCarrier."""
    others = {tariff.code: reason for tariff in tariffs if (reason := refusal(tariff, parcel))}
    able = sorted((cost(tariff, parcel), tariff.code, tariff) for tariff in tariffs if tariff.code not in others)
    if not able:
        raise NoCarrier("no carrier takes this parcel: " + "; ".join(f"{code} {why}" for code, why in others.items()))
    wished = [entry for entry in able if parcel.wish and parcel.wish.casefold() in entry[2].aliases]
    price, code, _ = (wished or able)[0]
    why = "the buyer's wish" if wished else "the cheapest that can"
    return Choice(code, price, why, others | {name: f"costs {asked}" for asked, name, _ in able if name != code})


def is_insured(value: int, threshold: int) -> bool:
    """A parcel worth more than the threshold is insured by default; both in minor units (R11)."""
    return value > threshold

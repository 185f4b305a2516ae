"""Which carrier takes a parcel: weight, volume, promised speed, wish, coverage and cost (R11).

Costs are fen (minor units of CNY), weights grams, volumes cubic centimetres. The table
is an example, no carrier's price list: the shop's contracts replace it line by line (docs/parcels.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from domain.errors import OrderRuleError

# The trade's divisor: a light but bulky parcel is charged as if 6,000 cm³ weighed 1 kg.
_CM3_PER_KG = 6000


class NoCarrier(OrderRuleError):
    """No carrier takes this parcel; a person has to choose, saying why."""


@dataclass(frozen=True)
class Tariff:
    """What a carrier takes and asks for: the first kilogram, then by weight steps.

    A step (above kilograms, fen) is the price of each kilogram begun above that weight, up to
    the next step. No ``countries`` means every country; ``skips`` are the beginnings of the names
    of regions that it does not reach.
    """

    code: str
    name: str
    first_kg: int
    steps: tuple[tuple[int, int], ...]
    max_weight_g: int
    max_volume_cm3: int
    speeds: frozenset[str]
    countries: frozenset[str]
    collects: bool
    skips: frozenset[str] = field(default_factory=frozenset)
    aliases: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class ParcelFacts:
    """What the choice looks at: ``country`` is ISO 3166-1 alpha-2, ``region`` the province. No person."""

    weight_g: int
    volume_cm3: int
    speed: str
    country: str
    collect: bool = False
    wish: str | None = None
    region: str = ""


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
_CN, _NEAR = frozenset({"CN"}), frozenset({"CN", "HK", "MO", "TW"})
_EVERYWHERE: frozenset[str] = frozenset()
_REMOTE = frozenset({"西藏", "Tibet", "Xizang"})

_Steps = tuple[tuple[int, int], ...]


def _tariff(
    code: str, chinese: str, first: int, steps: _Steps, limits: tuple[int, int], **rest: frozenset[str] | bool
) -> Tariff:
    """``limits`` are kilograms and litres."""
    return Tariff(
        code,
        chinese,
        first,
        steps,
        limits[0] * 1000,
        limits[1] * 1000,
        aliases=frozenset({code.casefold(), chinese}),
        **rest,  # type: ignore[arg-type]
    )


TARIFFS: Sequence[Tariff] = (
    _tariff("SF", "順豐", 1800, ((1, 600), (20, 480)), (100, 600), speeds=_ALL, countries=_EVERYWHERE, collects=True),
    _tariff("JD", "京東", 1400, ((1, 500), (20, 380)), (60, 400), speeds=_ALL, countries=_CN, collects=True),
    _tariff("ZTO", "中通", 800, ((1, 300), (10, 260)), (50, 300), speeds=_BOTH, countries=_NEAR, collects=True),
    _tariff("YTO", "圓通", 800, ((1, 310), (10, 270)), (50, 300), speeds=_BOTH, countries=_NEAR, collects=True),
    _tariff(
        "STO", "申通", 780, ((1, 320), (10, 290)), (40, 240),
        speeds=_STANDARD, countries=_CN, collects=False, skips=_REMOTE,
    ),
    _tariff(
        "YUNDA", "韻達", 760, ((1, 330), (10, 300)), (40, 240),
        speeds=_STANDARD, countries=_CN, collects=False, skips=_REMOTE,
    ),
)  # fmt: skip

INSURANCE_THRESHOLDS: Mapping[str, int] = MappingProxyType(
    {"CNY": 100_000, "HKD": 110_000, "MOP": 110_000, "TWD": 450_000, "USD": 14_000, "EUR": 13_000, "GBP": 11_000,
     "JPY": 21_000, "SGD": 19_000}
)  # fmt: skip
"""Minor units by currency, about CNY 1,000 each. No rates are kept: a sum is compared in its own currency only."""


def cost(tariff: Tariff, parcel: ParcelFacts) -> int:
    """What the carrier asks, in fen: by weight or by volume, whichever is more."""
    charged_g = max(parcel.weight_g, parcel.volume_cm3 * 1000 // _CM3_PER_KG)
    kilograms, ends = -(-charged_g // 1000), [above for above, _ in tariff.steps[1:]]
    asked = tariff.first_kg
    for (above, each), end in zip(tariff.steps, [*ends, kilograms], strict=True):
        asked += max(0, min(kilograms, end) - above) * each
    return asked


def promised(speed: str) -> str:
    """The speed as the tariffs know it; a channel's own word for it promises no more than standard."""
    return speed.casefold() if speed.casefold() in _ALL else "standard"


def refusal(tariff: Tariff, parcel: ParcelFacts) -> str:
    """Why this carrier cannot take the parcel; empty when it can."""
    checks = (
        (not tariff.countries or parcel.country in tariff.countries, "does not serve that country"),
        (not any(parcel.region.startswith(name) for name in tariff.skips), "does not reach that region"),
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


def choose_by_hand(code: str, parcel: ParcelFacts, *, by: str, why: str, tariffs: Sequence[Tariff] = TARIFFS) -> Choice:
    """The carrier that a person chose, with what the rules say against it and of the others (R11).

    Raises NoCarrier for a carrier without a tariff, and where cash is due at a door it does not collect at.
    """
    tariff = named(code, tariffs)
    if parcel.collect and not tariff.collects:
        raise NoCarrier(f"{code} does not collect at the door: choose one of {', '.join(_collecting(tariffs))}")
    against = refusal(tariff, parcel)
    others = {
        other.code: refusal(other, parcel) or f"costs {cost(other, parcel)}"
        for other in tariffs
        if other.code != tariff.code
    }
    words = f"chosen by {by}: {why}" + (f" (the rules: {against})" if against else "")
    return Choice(tariff.code, cost(tariff, parcel), words, others)


def named(code: str, tariffs: Sequence[Tariff] = TARIFFS) -> Tariff:
    """The tariff of a carrier; raises NoCarrier and says which there are."""
    for tariff in tariffs:
        if tariff.code == code:
            return tariff
    raise NoCarrier(f"there is no tariff of {code} (there is: {', '.join(one.code for one in tariffs)})")


def _collecting(tariffs: Sequence[Tariff]) -> list[str]:
    return [tariff.code for tariff in tariffs if tariff.collects]


def is_insured(value: int, currency: str, thresholds: Mapping[str, int] = INSURANCE_THRESHOLDS) -> bool:
    """A parcel worth more than its currency's threshold is insured by default (R11); minor units.

    A currency without a threshold is insured whatever it is worth: nobody said from where on it matters.
    """
    return currency not in thresholds or value > thresholds[currency]

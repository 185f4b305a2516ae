"""How the goods of one warehouse are shared out over parcels: fragile apart, oversize alone, none too heavy.

Grams and cubic centimetres. A product without a known weight or volume counts as none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from domain.errors import OrderRuleError


class CannotSplit(OrderRuleError):
    """The task does not hold that many pieces, or a parcel would be left empty."""


@dataclass(frozen=True)
class Goods:
    """So many pieces of a SKU, with what one piece weighs and takes up."""

    sku: str
    quantity: int
    weight_g: int = 0
    volume_cm3: int = 0
    fragile: bool = False


@dataclass(frozen=True)
class Limits:
    """What one parcel may weigh and take up; a single piece beyond it travels in a parcel of its own."""

    weight_g: int = 30_000
    volume_cm3: int = 200_000


@dataclass
class Box:
    """A parcel being filled: pieces by SKU, and the room that is left."""

    weight_left: int
    volume_left: int
    pieces: dict[str, int] = field(default_factory=dict)

    def put(self, goods: Goods, wanted: int) -> int:
        """Put in as many as fit, at most ``wanted``; says how many."""
        fit = min(_fit(self.weight_left, goods.weight_g, wanted), _fit(self.volume_left, goods.volume_cm3, wanted))
        if fit > 0:
            self.pieces[goods.sku] = self.pieces.get(goods.sku, 0) + fit
            self.weight_left -= fit * goods.weight_g
            self.volume_left -= fit * goods.volume_cm3
        return fit


def into_parcels(goods: Sequence[Goods], limits: Limits) -> list[dict[str, int]]:
    """Pieces by SKU for each parcel: first the ordinary goods, then the fragile, then each oversize piece (R10)."""
    oversize = [one for one in goods if _is_oversize(one, limits)]
    normal = [one for one in goods if not _is_oversize(one, limits)]
    boxes = _fill((one for one in normal if not one.fragile), limits)
    boxes += _fill((one for one in normal if one.fragile), limits)
    return [box.pieces for box in boxes] + [{one.sku: 1} for one in oversize for _ in range(one.quantity)]


def _fill(goods: Iterable[Goods], limits: Limits) -> list[Box]:
    """Each piece into the first parcel that has room for it; the heaviest goods come first."""
    boxes: list[Box] = []
    for one in sorted(goods, key=lambda one: (-one.weight_g, -one.volume_cm3, one.sku)):
        left = one.quantity
        for box in boxes:
            left -= box.put(one, left)
        while left:
            boxes.append(Box(limits.weight_g, limits.volume_cm3))
            left -= boxes[-1].put(one, left)
    return boxes


def _is_oversize(goods: Goods, limits: Limits) -> bool:
    return goods.weight_g > limits.weight_g or goods.volume_cm3 > limits.volume_cm3


def _fit(room: int, each: int, wanted: int) -> int:
    return wanted if each == 0 else min(wanted, room // each)

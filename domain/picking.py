"""Picking by scans and the recheck before packing (R8, R10).

A scan is right or wrong; a wrong one is answered with what was expected. Lots go out
first expired, first out, and an expired lot does not go out at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from domain.errors import NotAllowed, OrderRuleError

REINFORCED = "reinforced"
PACKAGINGS = ("standard", REINFORCED)


class WrongContents(OrderRuleError):
    """What was counted at the recheck is not what the task asks for."""


class WrongPackaging(OrderRuleError):
    """Fragile goods need reinforced packaging (R10)."""


@dataclass(frozen=True)
class Lot:
    """Pieces of a SKU that stand together in a bin; ``name`` is "" for goods without lots."""

    name: str
    bin: str
    free: int
    expires_on: date | None = None


@dataclass(frozen=True)
class LotShare:
    """So many pieces from this lot; ``lot`` is None where goods have no lots, or none was found."""

    lot: str | None
    bin: str
    quantity: int
    expires_on: date | None = None


@dataclass(frozen=True)
class PickLine:
    """A line of a pick task, with the barcode that its SKU bears."""

    line_no: int
    sku: str
    barcode: str
    bin: str
    quantity: int
    picked: int = 0
    short: int = 0
    lot: str | None = None
    expires_on: date | None = None

    @property
    def remaining(self) -> int:
        """Pieces still to be taken."""
        return self.quantity - self.picked - self.short


@dataclass(frozen=True)
class Scan:
    """What the handheld read: a bin, then a barcode, with the lot where there is one."""

    bin: str
    barcode: str
    lot: str | None = None


@dataclass(frozen=True)
class Verdict:
    """``line`` is the one picked when right, the one expected when wrong (None: nothing is left)."""

    right: bool
    line: PickLine | None
    fault: str = ""


def by_expiry(expires_on: date | None, name: str | None) -> tuple[bool, date, str]:
    """The order in which lots go out: first expired first, lots without a date last (R8)."""
    return (expires_on is None, expires_on or date.max, name or "")


def plan_lots(wanted: int, lots: Iterable[Lot], today: date) -> list[LotShare]:
    """From which lots to take ``wanted`` pieces; expired ones are left standing (R8).

    What no lot can give ends in a share without a place: the picker will report it short.
    """
    shares = []
    for lot in sorted(lots, key=lambda lot: by_expiry(lot.expires_on, lot.name)):
        quantity = 0 if is_expired(lot.expires_on, today) else min(lot.free, wanted)
        if quantity > 0:
            shares.append(LotShare(lot.name or None, lot.bin, quantity, lot.expires_on))
            wanted -= quantity
    return shares + ([LotShare(None, "", wanted)] if wanted else [])


def is_expired(expires_on: date | None, today: date) -> bool:
    """A lot may go out on its last day, not after."""
    return expires_on is not None and expires_on < today


def check_scan(scan: Scan, lines: Sequence[PickLine], today: date) -> Verdict:
    """Is this the right piece from the right place? One right scan is one piece (R8)."""
    still = sorted((line for line in lines if line.remaining > 0), key=lambda line: (line.bin, line.line_no))
    same_goods = [line for line in still if line.barcode == scan.barcode]
    if not same_goods:
        picked_up = any(line.barcode == scan.barcode for line in lines)
        fault = "enough of this was picked" if picked_up else "this is not part of the task"
        return Verdict(False, still[0] if still else None, fault)
    # The task asks for lots that go out first; among those the order of picking is the picker's.
    matching = [line for line in same_goods if not _fault(scan, line, today)]
    if matching:
        return Verdict(True, matching[0])
    expected = min(same_goods, key=lambda line: (line.bin != scan.bin, by_expiry(line.expires_on, line.lot)))
    return Verdict(False, expected, _fault(scan, expected, today))


def _fault(scan: Scan, expected: PickLine, today: date) -> str:
    if scan.bin != expected.bin:
        return "this is not the bin"
    if expected.lot is not None and scan.lot != expected.lot:
        return "another lot goes out first" if scan.lot else "scan the lot too"
    return "the lot has expired" if is_expired(expected.expires_on, today) else ""


def check_recheck(
    lines: Sequence[PickLine], barcodes: Sequence[str], *, picker: str, rechecker: str, packaging: str, fragile: bool
) -> None:
    """Raise the rule that forbids packing; ``barcodes`` has one entry for each piece (R10).

    A second person counts: NotAllowed for the picker, WrongContents, WrongPackaging.
    """
    if rechecker == picker:
        raise NotAllowed("the recheck is done by someone other than the picker (R10)")
    wanted = Counter({line.barcode: 0 for line in lines})
    for line in lines:
        wanted[line.barcode] += line.quantity
    if wanted != Counter(barcodes):
        raise WrongContents(f"counted {len(barcodes)} pieces, the task is for {wanted.total()}: see its lines")
    if packaging not in PACKAGINGS:
        raise WrongPackaging(f"packaging is one of {', '.join(PACKAGINGS)}")
    if fragile and packaging != REINFORCED:
        raise WrongPackaging("fragile goods need reinforced packaging")

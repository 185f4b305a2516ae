"""Reading a channel's message, where every value may be wrong: texts, amounts, times, ids (R2).

Nothing is guessed. What cannot be read is a fault under the sender's own name for the
field, and all of them are named at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from pydantic import ValidationError

from domain import intake
from domain.intake import Fault
from domain.money import EXPONENT, minor_units
from models.faults import faults_of
from models.order import PlaceOrder
from models.translation import Terms, Unreadable, digest_of

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")

_DECIMAL = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,10})?")
_ORDER_ID = re.compile(r"[A-Za-z0-9._-]{1,80}")
_LINE = re.compile(r"lines\.(\d+)(?:\.(\w+))?")


@dataclass(frozen=True)
class Names:
    """What the sender calls our fields; ``lines`` is the path of its list of lines."""

    lines: str
    of_order: Mapping[str, str] = field(default_factory=dict)
    of_line: Mapping[str, str] = field(default_factory=dict)

    def theirs(self, path: str) -> str:
        """Our dotted path as the sender would write it: ``lines.0.sku`` → ``line_items.0.sku``."""
        if path == "lines":
            return self.lines
        if (line := _LINE.fullmatch(path)) is None:
            return self.of_order.get(path, path)
        part = f".{self.of_line.get(line[2], line[2])}" if line[2] else ""
        return f"{self.lines}.{line[1]}{part}"


class Amounts:
    """Reads the decimal texts of one message as minor units, and remembers which cannot be read."""

    def __init__(self, currency: object) -> None:
        self.currency = currency if isinstance(currency, str) else ""
        self.faults: list[Fault] = []
        if problem := intake.currency_fault(self.currency):
            self.faults.append(Fault("currency", problem))

    def read(self, value: object, name: str, *, missing: int | None = None, signed: bool = False) -> int | None:
        """Minor units, or None with a fault noted; an absent amount counts as ``missing``."""
        if missing is not None and value in (None, "", "null"):
            return missing
        # In a currency that is refused, only the form of its amounts can be looked at.
        amount = _minor(value, self.currency)
        if problem := _problem(amount, signed=signed):
            self.faults.append(Fault(name, problem))
            return None
        return amount


def canonical(
    draft: Mapping[str, Any], faults: Sequence[Fault], names: Names, terms: Terms
) -> tuple[PlaceOrder | None, tuple[Fault, ...]]:
    """The order of a draft in our field names; or None, and every reason why it cannot be one.

    ``faults`` are those found while reading, under the sender's names.
    """
    found = [*faults, *_renamed(intake.sum_faults(draft), names)]
    try:
        order = PlaceOrder.model_validate({**draft, "contact_id": terms.contact_id, "policy": terms.policy})
    except ValidationError as error:
        # A fault of the whole is the sum, which is named above already.
        shape = [fault for fault in faults_of(error.errors()) if fault.field != "body"]
        found += _renamed(shape, names)
        return None, _single(found) or (Fault("body", "is no order"),)
    return (None, _single(found)) if found else (order, ())


def order_id(value: object, name: str) -> str:
    """The channel's id of an order as text: a number keeps every digit, also beyond 2^53.

    Raises :class:`Unreadable`: without it nobody can say whose message this is.
    """
    text = str(value).strip() if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not _ORDER_ID.fullmatch(text):
        raise Unreadable([Fault(name, "is missing or no order id")])
    return text


def text(part: Mapping[str, Any], name: str, *, longest: int = 400) -> str | None:
    """A text without control signs and outer spaces, cut where nobody could read on; None if empty.

    The text ``"null"`` is what one platform writes for nothing.
    """
    value = part.get(name)
    if not isinstance(value, str):
        return None
    plain = value if value.isprintable() else "".join(sign if sign.isprintable() else " " for sign in value)
    readable = plain.strip()
    return None if readable in ("", "null") else readable[:longest]


def word(part: Mapping[str, Any], name: str) -> str:
    """A status or code; empty where there is none, so that it can be looked up safely."""
    return text(part, name) or ""


def joined(*texts: str | None) -> str:
    """The texts that there are, with a space between."""
    return " ".join(text for text in texts if text)


def part(whole: Mapping[str, Any], *path: str) -> dict[str, Any]:
    """The object at the path; empty where there is none."""
    value: object = whole
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return dict(value) if isinstance(value, Mapping) else {}


def parts(whole: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """The objects of a list; whatever else stands in it counts as an empty one, so that places stay."""
    value = whole.get(name)
    if isinstance(value, dict):
        value = [value]
    return [item if isinstance(item, dict) else {} for item in value] if isinstance(value, list) else []


def whole_number(value: object) -> int | None:
    """A whole number, also as text; None for 1.5, which no warehouse can pick."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 12:
        return int(value)
    return None


def moment(value: object, zone: timezone | None = UTC) -> datetime | None:
    """An instant; a time without a zone is read in ``zone``, which the channel documents.

    ``zone`` None: this channel writes offsets, and a time without one is no time.
    """
    if not isinstance(value, str) or not value.strip()[:1].isdigit():
        return None
    try:
        read = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    # Another zone's clock must still be able to show it.
    if not 1970 < read.year < 9999:
        return None
    if read.tzinfo is None:
        return read.replace(tzinfo=zone) if zone else None
    return read


def first_moment(
    whole: Mapping[str, Any], names: Sequence[str], zone: timezone | None = UTC, *, beside: Sequence[Fault] = ()
) -> datetime:
    """The first of these fields that holds a time.

    Raises :class:`Unreadable` if none does, with the faults found ``beside`` this one.
    """
    for name in names:
        if (read := moment(whole.get(name), zone)) is not None:
            return read
    raise Unreadable(_single([*beside, no_moment(names[-1], zone)]))


def no_moment(name: str, zone: timezone | None = UTC) -> Fault:
    """The fault of a field that should hold a time."""
    return Fault(name, "is missing or no time" if zone else "is missing, or has no offset from UTC")


def priced(quantity: int | None, gross: int | None, net: int | None) -> dict[str, int | None]:
    """Unit price and line discount that make ``quantity`` pieces cost ``net``, in minor units.

    ``gross`` is the price of all of them before discounts. Where it does not divide by the
    quantity, the unit price is rounded up and the rest stands as a discount; where the shop
    charged more than the list price, the list price gives way.
    """
    if not quantity or quantity < 0 or gross is None or net is None:
        return {"unit_price": gross, "discount": 0 if net is not None else None}
    unit = -(-max(gross, net) // quantity)
    return {"unit_price": unit, "discount": unit * quantity - net}


def event_key(channel: str, topic: str, order: str, changed: str, facts: object) -> str:
    """What identifies one event: order and time of change, and the facts it may tell (R5).

    Two events of one order can share a second: created unpaid and paid, say. By the time
    alone the second would be taken for a repeat, and the payment would be lost.
    """
    return f"{channel}:{topic}:{order}:{changed}:{digest_of(facts)}"[:300]


def _minor(value: object, currency: str) -> int | None:
    # A bare number does not say whether it counts yuan or fen: only zero is safe to read.
    if isinstance(value, int) and not isinstance(value, bool) and value == 0:
        return 0
    if not isinstance(value, str) or not _DECIMAL.fullmatch(value.strip()):
        return None
    if currency not in EXPONENT:
        return 0
    try:
        return minor_units(value.strip(), currency)
    except ValueError:
        return None


def _problem(amount: int | None, *, signed: bool) -> str:
    if amount is None:
        return "is not a decimal amount of that currency"
    too_small = amount < 0 and not signed
    return "is negative, or too large" if too_small or abs(amount) > intake.LARGEST_AMOUNT else ""


def _renamed(faults: Sequence[Fault], names: Names) -> list[Fault]:
    return [Fault(names.theirs(fault.field), fault.problem) for fault in faults]


def _single(faults: Sequence[Fault]) -> tuple[Fault, ...]:
    """One fault for a field: the first says it best."""
    return tuple({fault.field: fault for fault in reversed(faults)}.values())[::-1]

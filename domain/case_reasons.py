"""Why the system opened a case: a code with facts, beside the words for people who read English.

As with alerts, words and facts come from the same arguments. A person's own words have no code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from domain.carrier_codes import TROUBLE_CHINESE, Trouble
from domain.case_shapes import CaseKind
from domain.returns import RULES, ReturnReason, Wish

LONGEST = 200
"""No reason of a case is longer; the words of one that the system gives are cut."""

_SOME = 8


class ReasonCode(StrEnum):
    """Every reason for which the system opens a case."""

    NO_STOCK = "no_stock"
    SHORT_PICK = "short_pick"
    PIECES_MISSING = "pieces_missing"
    CARRIER_TROUBLE = "carrier_trouble"
    PARCEL_SILENT = "parcel_silent"
    REFUND_NOT_GIVEN_BACK = "refund_not_given_back"
    WRONG_GOODS = "wrong_goods"
    BESIDE = "beside"
    STOCK_PROBLEM = "stock_problem"
    RETURN_WANTED = "return_wanted"


@dataclass(frozen=True)
class Reason:
    """Why a case was opened: ``code`` is empty for a person's own words."""

    text: str
    code: str = ""
    facts: Mapping[str, str | int] = field(default_factory=dict)


_C = ReasonCode


def no_stock(skus: Sequence[str]) -> Reason:
    """No warehouse has enough of these (R9, R28)."""
    return Reason(f"no stock of {', '.join(skus)}", _C.NO_STOCK, {"skus": _some(skus)})


def short_pick() -> Reason:
    """A picker found too little, and nobody knows of what any more (R9)."""
    return Reason("short pick", _C.SHORT_PICK)


def pieces_missing(sku: str, missing: int) -> Reason:
    """So many pieces were not where they should be (R9)."""
    return Reason(f"{missing} of {sku} missing", _C.PIECES_MISSING, {"sku": sku, "missing": missing})


def carrier_trouble(trouble: Trouble | None, state: str, code: str) -> Reason:
    """The carrier tells of an exception of R13, or of a state that means one; in its own code."""
    words = f"{TROUBLE_CHINESE[trouble]} {trouble}" if trouble else state
    return Reason(f"{words}, code {code}", _C.CARRIER_TROUBLE, {"trouble": trouble or state, "code": code})


def parcel_silent() -> Reason:
    """T6 passed (R13)."""
    return Reason("滯留件 stuck: no tracking event (T6)", _C.PARCEL_SILENT)


def refund_not_given_back(why: str) -> Reason:
    """Its provider will not or cannot give it back; ``why`` is its answer (R16)."""
    return Reason(f"refund not given back: {why}", _C.REFUND_NOT_GIVEN_BACK, {"why": why[:LONGEST]})


def wrong_goods(task_no: str, picker: str) -> Reason:
    """The recheck found what the picker, an account's number, had got wrong (R24)."""
    text = f"recheck of {task_no}: other goods than were ordered, picked by {picker}"
    return Reason(text, _C.WRONG_GOODS, {"task_no": task_no, "picker": picker})


def beside(kind: CaseKind, words: str) -> Reason:
    """Departments are brought together over a case; ``words`` are a person's, or ``stock_short`` (R26)."""
    return Reason(f"{kind} {words}".strip(), _C.BESIDE, {"case_kind": kind, "words": words})


def stock_problem(sku: str, orders: int) -> Reason:
    """Many orders are short of one SKU (R9, R26)."""
    return Reason(f"{orders} orders are short of {sku}", _C.STOCK_PROBLEM, {"sku": sku, "orders": orders})


def return_wanted(reason: ReturnReason, wish: Wish) -> Reason:
    """What the buyer wants back, or instead (R16)."""
    text = f"{RULES[reason].chinese} {reason}, {wish}"
    return Reason(text, _C.RETURN_WANTED, {"return_reason": reason, "wish": wish})


def _some(skus: Sequence[str]) -> str:
    return ", ".join(skus[:_SOME]) + (" …" if len(skus) > _SOME else "")

"""What a case can be made of: kinds, settlements, what carries them out, stages. The table is domain.case_kinds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from domain.deadlines import DeadlineId
from domain.permissions import Permission, Role


class CaseKind(StrEnum):
    """What went wrong."""

    COMPLAINT = "complaint"
    MISTAKE = "mistake"
    CROSS_DEPARTMENT = "cross_department"
    SIGNATURE_DISPUTE = "signature_dispute"
    PARCEL_EXCEPTION = "parcel_exception"
    SHORTAGE = "shortage"
    PAYMENT_PROBLEM = "payment_problem"
    RETURN = "return"


class Severity(StrEnum):
    """Complaints come in tiers (R17); every other case is ordinary."""

    ORDINARY = "ordinary"
    MAJOR = "major"


class Settlement(StrEnum):
    """How a case can be settled; which of them, its kind says."""

    RESOLVED = "resolved"
    UNFOUNDED = "unfounded"
    RESHIP = "reship"
    EXCHANGE = "exchange"
    COUPON = "coupon"
    REFUND = "refund"
    COMPENSATION = "compensation"
    FORWARD = "forward"
    SELF_PICKUP = "self_pickup"
    DELIVERED_AFTER_ALL = "delivered_after_all"
    TRY_AGAIN = "try_again"
    DELAY_TO = "delay_to"
    CANCEL_ALL = "cancel_all"
    RETRY = "retry"
    REFUNDED_ELSEWHERE = "refunded_elsewhere"
    SUBSTITUTE = "substitute"
    REFUND_LINES = "refund_lines"
    SHIP_REST = "ship_rest"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    """The goods of a return never came: T20; nobody chooses this."""
    OVERTAKEN = "overtaken"
    """The order went on, or ended, by another road; nobody chooses this."""


class OrderAct(StrEnum):
    """What a case asks of its order, by a signal of this name."""

    RETRY_STOCK = "retry_stock"
    CANCEL = "cancel"
    RETRY_REFUND = "retry_refund"
    REFUNDED_ELSEWHERE = "refunded_elsewhere"
    AMEND = "amend_order"
    SHIP_REST = "ship_rest"


class Doing(StrEnum):
    """What a remedy has done, as soon as it is settled; the case waits for it."""

    REFUND = "refund"
    REPLACE = "replace"
    COUPON = "coupon"


class OrderOutcome(StrEnum):
    """What an order tells its case of the thing the case is about, or of the remedy it waits for."""

    STILL_SHORT = "still_short"
    REFUSED = "refused"
    WENT_ON = "went_on"
    ENDED = "ended"
    DELIVERED = "delivered"
    REFUNDED = "refunded"
    REFUND_DECLINED = "refund_declined"
    STILL_REFUSED = "still_refused"
    NOT_REFUNDED = "not_refunded"
    REPLACEMENT_DELIVERED = "replacement_delivered"
    REPLACEMENT_ENDED = "replacement_ended"
    COUPON_ISSUED = "coupon_issued"
    COUPON_REFUSED = "coupon_refused"


REMEDY_NEWS: Mapping[OrderOutcome, bool] = MappingProxyType(
    {
        OrderOutcome.REFUNDED: True,
        OrderOutcome.NOT_REFUNDED: False,
        OrderOutcome.REPLACEMENT_DELIVERED: True,
        OrderOutcome.REPLACEMENT_ENDED: False,
        OrderOutcome.COUPON_ISSUED: True,
        OrderOutcome.COUPON_REFUSED: False,
    }
)
"""News of a remedy, and whether it has been carried out by it."""


@dataclass(frozen=True)
class Stage:
    """A step on the way; ``deadline`` runs until it is met. Closing needs all that are ``required``.

    ``after``: the clock starts when the stage of that name is met. ``by_hand``: a person says that
    it is reached; the others are reached by what is done (a decision, an inspection).
    """

    name: str
    words: str
    chinese: str
    deadline: DeadlineId | None = None
    required: bool = True
    after: str = ""
    by_hand: bool = True


@dataclass(frozen=True)
class Remedy:
    """What a settlement means: ``told`` is the department that carries it out.

    Where the order carries it out itself, ``asks`` is the act, ``then`` the one at the agreed date
    (T19), ``needs`` the right the order asks for. ``ends_by`` is the news with which it has been
    carried out: other news of the order overtakes it. ``referenced``: not without a reference.
    ``changes``: it names lines of the order, and ``replaces`` says whether others come in their place.
    ``does`` is done by the case itself; ``takes`` names what whoever settles must say ("amount",
    "lines", or either).
    """

    chinese: str
    told: str = ""
    asks: OrderAct | None = None
    needs: Permission | None = None
    referenced: bool = False
    then: OrderAct | None = None
    ends_by: OrderOutcome | None = None
    changes: bool = False
    replaces: bool = False
    does: Doing | None = None
    takes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Kind:
    """One row of the table. ``hands`` are the posts that work on it; operations may always.

    ``settle_by`` is the clock that only the settlement meets. ``reviewed``: closing needs cause
    and prevention in writing (R24). ``needs_order``: cannot stand alone.
    """

    chinese: str
    department: str
    hands: frozenset[Role]
    settlements: Mapping[Settlement, Remedy]
    stages: tuple[Stage, ...] = ()
    major: tuple[Stage, ...] = ()
    settle_by: DeadlineId | None = None
    reviewed: bool = False
    needs_order: bool = True
    needs_parcel: bool = False
    by_hand: bool = True
    involves: bool = False

    @property
    def all_stages(self) -> tuple[Stage, ...]:
        """The stages at any severity."""
        return (*self.stages, *self.major)

    def stages_at(self, severity: Severity) -> tuple[Stage, ...]:
        """The stages of a case of that severity, in their order."""
        return self.major if severity is Severity.MAJOR else self.stages

"""Every kind of alert, and the codes in their facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

Fact = str | int | dict[str, int]


class AlertKind(StrEnum):
    """Every kind of alert: a deadline that passed, a case that opened, or what else happened."""

    T2 = "T2"
    T3 = "T3"
    T5 = "T5"
    T6 = "T6"
    T7 = "T7"
    T8 = "T8"
    T10 = "T10"
    T11 = "T11"
    T12 = "T12"
    T13 = "T13"
    T14 = "T14"
    T15 = "T15"
    T16 = "T16"

    COMPLAINT = "complaint"
    MISTAKE = "mistake"
    CROSS_DEPARTMENT = "cross_department"
    SIGNATURE_DISPUTE = "signature_dispute"
    PARCEL_EXCEPTION = "parcel_exception"
    SHORTAGE = "shortage"
    PAYMENT_PROBLEM = "payment_problem"
    RETURN = "return"

    CASE_RAISED = "case_raised"
    CASE_SETTLED = "case_settled"
    CASE_SETTLEMENT_FAILED = "case_settlement_failed"
    CASE_OVERTAKEN = "case_overtaken"
    RETURN_ACCEPTED = "return_accepted"
    RETURN_FAILED_INSPECTION = "return_failed_inspection"
    RETURN_LAPSED = "return_lapsed"

    NO_STOCK = "no_stock"
    SHORT_PICK = "short_pick"
    COUNTED_BELOW_RESERVED = "counted_below_reserved"
    PUT_BACK = "put_back"

    REFUND_WAITS = "refund_waits"
    REFUND_REFUSED = "refund_refused"
    REFUND_CAME_BACK = "refund_came_back"

    REFUSED_OUTSIDE = "refused_outside"
    ORDER_CHANGED_AT_CHANNEL = "order_changed_at_channel"
    CHANNEL_NOT_ANSWERING = "channel_not_answering"
    SILENT_SENDER = "silent_sender"
    MESSAGE_WITHOUT_ORDER = "message_without_order"
    MESSAGE_PARKED = "message_parked"

    BROADCAST = "broadcast"
    BROADCAST_REFUSED = "broadcast_refused"
    BREACHES_REFUSED = "breaches_refused"
    RIGHTS_REVIEW = "rights_review"
    SWEEP = "sweep"


@dataclass(frozen=True)
class Saying:
    """What is told: its kind, the sentence for people who read English, and the facts in it."""

    kind: AlertKind
    text: str
    facts: Mapping[str, Fact]


class Asked(StrEnum):
    """What was asked of an outside party."""

    CLOSE_PAYMENT = "close_payment"
    BOOK_CARRIER = "book_carrier"
    WITHDRAW_BOOKING = "withdraw_booking"
    VOID_BOOKING = "void_booking"


class GivenUp(StrEnum):
    """Why a message is forwarded no more (R29)."""

    NO_ORDER = "no_order"
    UNREADABLE = "unreadable"
    NOT_TAKEN = "not_taken"


GIVEN_UP: Mapping[GivenUp, str] = MappingProxyType(
    {
        GivenUp.NO_ORDER: "no order is known for it",
        GivenUp.UNREADABLE: "it cannot be opened with the keys that are configured, or not be read",
        GivenUp.NOT_TAKEN: "its order's workflow does not take it",
    }
)

"""What departments are told: the English sentence of every kind of alert, and the facts in it.

One function for each kind: it makes the sentence and the facts from the same arguments, so the two cannot part.
Whoever shows alerts in another language has one sentence of its own for each kind, and fills it with the facts.
They are numbers, codes, SKUs and times, never personal data (R21).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from domain import case_reasons
from domain.alert_kinds import GIVEN_UP, AlertKind, Asked, GivenUp, Saying
from domain.case_reasons import Reason
from domain.case_shapes import CaseKind, OrderOutcome, Settlement
from domain.deadlines import DEADLINES, DeadlineId

_K = AlertKind


# --- deadlines ------------------------------------------------------------------------------------


def passed(deadline: DeadlineId, about: str) -> Saying:
    """The clock of an order or of a case has passed; ``about`` is its number (R7, R25)."""
    row = DEADLINES[deadline]
    text = f"{deadline} {row.promise}: passed for {about}; {row.action}"
    return Saying(AlertKind(deadline), text, {"about": about})


def channel_behind(channel: str, orders: int) -> Saying:
    """T13: a channel has not been told in time (R20)."""
    text = f"T13: {channel} has not been told of changes of {_counted(orders, 'order')} in time; still trying"
    return Saying(_K.T13, text, {"channel": channel, "orders": orders})


def rights_not_reviewed(review_id: str, late: int) -> Saying:
    """T16: accounts and tokens that nobody looked at in time (R22)."""
    text = f"{late} accounts and tokens of {review_id} were not reviewed in time (T16)"
    return Saying(_K.T16, text, {"review_id": review_id, "late": late})


# --- cases ----------------------------------------------------------------------------------------


def case_opened(kind: CaseKind, chinese: str, case_no: str, why: Reason) -> Saying:
    """A case is open; the code and the facts of a reason that the system gave stand beside its words."""
    facts = {**why.facts, "case_no": case_no, "reason": why.text, "reason_code": why.code}
    return Saying(AlertKind(kind), f"{chinese} {kind} {case_no}: {why.text}", facts)


def case_raised(kind: CaseKind, chinese: str, case_no: str, reason: str) -> Saying:
    """A complaint is a major one now, for a person's reason (R17)."""
    text = f"{chinese} {case_no} is major now: {reason}"
    return Saying(_K.CASE_RAISED, text, {"case_kind": kind, "case_no": case_no, "reason": reason})


def case_settled(case_no: str, chinese: str, settlement: Settlement, order_no: str) -> Saying:
    """A settlement that a department carries out by hand."""
    text = f"{case_no}: carry out {chinese} {settlement} for {order_no}".removesuffix(" for ")
    return Saying(_K.CASE_SETTLED, text, {"case_no": case_no, "settlement": settlement})


def case_settlement_failed(case_no: str, settlement: Settlement | None) -> Saying:
    """What was settled could not be carried out: the case is back in work (R9)."""
    text = f"{case_no}: {settlement} could not be carried out"
    return Saying(_K.CASE_SETTLEMENT_FAILED, text, {"case_no": case_no, "settlement": settlement or ""})


def case_overtaken(case_no: str, settlement: Settlement | None, outcome: OrderOutcome) -> Saying:
    """The order did otherwise than its case was settled: a parcel came after all, say."""
    text = f"{case_no}: settled as {settlement}, and now {outcome}"
    return Saying(_K.CASE_OVERTAKEN, text, {"case_no": case_no, "settlement": settlement or "", "outcome": outcome})


def return_accepted(rma_no: str, order_no: str) -> Saying:
    """The warehouse can expect the goods (R16)."""
    text = f"{rma_no} {order_no}: goods are to come back"
    return Saying(_K.RETURN_ACCEPTED, text, {"rma_no": rma_no})


def return_failed_inspection(rma_no: str) -> Saying:
    """The goods that came back are not as they should be (R16)."""
    text = f"{rma_no}: the inspection has failed; settle it with the buyer"
    return Saying(_K.RETURN_FAILED_INSPECTION, text, {"rma_no": rma_no})


def return_lapsed(chinese: str, case_no: str) -> Saying:
    """The goods never came (R16, T20)."""
    return Saying(_K.RETURN_LAPSED, f"{chinese} {case_no}: {Settlement.LAPSED}", {"case_no": case_no})


# --- goods ----------------------------------------------------------------------------------------


def no_stock(order_no: str, skus: Sequence[str]) -> Saying:
    """The order cannot be filled (R9, R28)."""
    return _warning(_K.NO_STOCK, order_no, case_reasons.no_stock(skus))


def short_pick(order_no: str, sku: str, missing: int) -> Saying:
    """A picker found too little (R9)."""
    return _warning(_K.SHORT_PICK, order_no, case_reasons.pieces_missing(sku, missing))


def _warning(kind: AlertKind, order_no: str, why: Reason) -> Saying:
    return Saying(kind, f"缺貨預警 {order_no}: {why.text}", why.facts)


def counted_below_reserved(warehouse: str, sku: str, missing: int, feed: str) -> Saying:
    """Orders hold what is not there (R9)."""
    text = f"{warehouse} lacks {missing} {sku} that orders hold, says {feed}"
    return Saying(
        _K.COUNTED_BELOW_RESERVED, text, {"warehouse": warehouse, "sku": sku, "missing": missing, "feed": feed}
    )


def put_back(task_no: str, warehouse: str, goods: Iterable[tuple[int, str, str]]) -> Saying:
    """Picked goods whose parcel is not sent: (pieces, SKU, bin or nothing) each (R8, R9)."""
    listed = ", ".join(f"{pieces} × {sku}" + (f" → {place}" if place else "") for pieces, sku, place in goods)
    text = f"歸位 put back {task_no} in {warehouse}: {listed}"
    return Saying(_K.PUT_BACK, text, {"task_no": task_no, "warehouse": warehouse, "goods": listed})


# --- money ----------------------------------------------------------------------------------------


def refund_waits(refund_id: str, amount: int, currency: str) -> Saying:
    """A refund above the limit wants a second person (R16)."""
    text = f"{refund_id}: {amount} {currency} minor units wait for a second person"
    return Saying(_K.REFUND_WAITS, text, {"refund_id": refund_id, "amount": amount, "currency": currency})


def refund_refused(provider: str, amount: int, currency: str, code: str) -> Saying:
    """Money we owe and cannot give back."""
    text = f"{provider} refused to give back {amount} {currency} minor units: {code}"
    return Saying(_K.REFUND_REFUSED, text, {"provider": provider, "amount": amount, "currency": currency, "code": code})


def refund_came_back(order_no: str, amount: int, currency: str, why: str) -> Saying:
    """A refund of an order that has ended came back; ``why`` is what the provider says of it."""
    text = (
        f"{order_no} has ended and its refund of {amount} {currency} minor units came back"
        f" ({why or 'no reason given'}): give it back by another road, or by a case of the order"
    )
    return Saying(_K.REFUND_CAME_BACK, text, {"amount": amount, "currency": currency, "why": why})


# --- outside parties and their messages -----------------------------------------------------------


_ASKED = {
    Asked.CLOSE_PAYMENT: "close the payment",
    Asked.BOOK_CARRIER: "book a carrier for {}",
    Asked.WITHDRAW_BOOKING: "withdraw {}",
    Asked.VOID_BOOKING: "void {}",
}


def refused_outside(asked: Asked, about: str, answer: str) -> Saying:
    """A party refuses what the order wants of it; ``about`` is a parcel's or tracking number (R3, R11)."""
    text = f"{_ASKED[asked].format(about)}: {answer}"
    return Saying(_K.REFUSED_OUTSIDE, text, {"asked": asked, "about": about, "answer": answer})


def order_changed_at_channel(order_no: str, source: str) -> Saying:
    """A running order keeps what it began with; people see what the channel changed."""
    text = f"{order_no}: {source} changed its goods or sums after it was taken in"
    return Saying(_K.ORDER_CHANGED_AT_CHANNEL, text, {"source": source})


def channel_not_answering(channel: str, since: datetime, answer: str) -> Saying:
    """A channel that is asked for its orders does not answer."""
    text = f"{channel} could not be asked for its orders since {_utc(since)}: {answer}"
    return Saying(_K.CHANNEL_NOT_ANSWERING, text, {"channel": channel, "since": since.isoformat(), "answer": answer})


def silent_sender(source: str, since: datetime, expected: int) -> Saying:
    """A sender is silent beyond its habit."""
    text = f"{source} is silent since {_utc(since)}; about {expected} messages are missing"
    return Saying(_K.SILENT_SENDER, text, {"source": source, "since": since.isoformat(), "expected": expected})


def message_without_order(source: str, topic: str) -> Saying:
    """Money may be waiting in it."""
    text = f"{source} {topic}: no order is known for it"
    return Saying(_K.MESSAGE_WITHOUT_ORDER, text, {"source": source, "topic": topic})


def message_parked(source: str, topic: str, given_up: GivenUp) -> Saying:
    """Nobody could forward it, and nobody tries any more (R29)."""
    text = f"{source} {topic} is not tried any more: {GIVEN_UP[given_up]}"
    return Saying(_K.MESSAGE_PARKED, text, {"source": source, "topic": topic, "given_up": given_up})


# --- the house ------------------------------------------------------------------------------------


def broadcast(said: str) -> Saying:
    """A person's own words to the desks (R25)."""
    return Saying(_K.BROADCAST, said, {"said": said})


def broadcast_refused(broadcast_id: str, code: str) -> Saying:
    """The group chat never will have it: tell people by other means."""
    text = f"the group chat did not take the broadcast {broadcast_id}: {code}"
    return Saying(_K.BROADCAST_REFUSED, text, {"broadcast_id": broadcast_id, "code": code})


def breaches_refused(code: str) -> Saying:
    """The group chat does not hear of deadlines that pass."""
    text = f"the group chat does not take the breaches: {code}; see GET /v1/deadlines"
    return Saying(_K.BREACHES_REFUSED, text, {"code": code})


def rights_review(until: datetime) -> Saying:
    """The monthly review of rights is open (R22, T16)."""
    text = f"the rights of all accounts and machines are up for review until {until:%Y-%m-%d} (T16)"
    return Saying(_K.RIGHTS_REVIEW, text, {"until": until.isoformat()})


def sweep(found: Mapping[str, int]) -> Saying:
    """How many new differences of each kind the nightly sweep has for a department."""
    news = ", ".join(f"{number} × {kind}" for kind, number in found.items())
    return Saying(_K.SWEEP, f"the sweep found {news}: orderflow reconcile lists them", {"found": dict(found)})


def _utc(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"

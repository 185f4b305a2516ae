"""One alert of every kind, and one of every reason for which the system opens a case."""

from __future__ import annotations

from datetime import UTC, datetime

from domain import case_reasons, sayings
from domain.alert_kinds import AlertKind, Asked, GivenUp, Saying
from domain.carrier_codes import Trouble
from domain.case_kinds import KINDS
from domain.case_reasons import Reason
from domain.case_shapes import CaseKind, OrderOutcome, Settlement
from domain.deadlines import DeadlineId
from domain.returns import ReturnReason, Wish
from domain.sweep import Difference

SINCE = datetime(2026, 6, 1, 4, 30, tzinfo=UTC)

REASONS: tuple[Reason, ...] = (
    case_reasons.no_stock(["TEA", "CUP"]),
    case_reasons.short_pick(),
    case_reasons.pieces_missing("TEA", 2),
    case_reasons.carrier_trouble(Trouble.DAMAGED, "problem", "207"),
    case_reasons.carrier_trouble(None, "returning", "14"),
    case_reasons.parcel_silent(),
    case_reasons.refund_not_given_back("stripe: card_closed"),
    case_reasons.wrong_goods("web-1-T1", "warehouse-1"),
    case_reasons.beside(CaseKind.SHORTAGE, "stock_short"),
    case_reasons.stock_problem("TEA", 12),
    case_reasons.return_wanted(ReturnReason.WRONG_SIZE, Wish.EXCHANGE),
)

_OWN_SENTENCE = {AlertKind.T13, AlertKind.T16}
_CLOCKS = [DeadlineId(kind) for kind in AlertKind if kind.value in set(DeadlineId) and kind not in _OWN_SENTENCE]

SAYINGS: tuple[Saying, ...] = (
    *(sayings.passed(deadline, "web-1") for deadline in _CLOCKS),
    sayings.channel_behind("web", 1),
    sayings.rights_not_reviewed("rights-2026-06", 3),
    *(sayings.case_opened(kind, KINDS[kind].chinese, "web-1-C1", Reason("they rang")) for kind in CaseKind),
    sayings.case_raised(CaseKind.COMPLAINT, "客訴", "K-1", "it is worse"),
    sayings.case_settled("web-1-C1", "轉寄", Settlement.FORWARD, "web-1"),
    sayings.case_settlement_failed("web-1-C1", Settlement.REFUND),
    sayings.case_overtaken("web-1-C1", Settlement.RESHIP, OrderOutcome.DELIVERED),
    sayings.return_accepted("RMA-K-1", "web-1"),
    sayings.return_failed_inspection("RMA-K-1"),
    sayings.return_lapsed("退換貨", "K-1"),
    sayings.no_stock("web-1", ["TEA", "CUP"]),
    sayings.short_pick("web-1", "TEA", 2),
    sayings.counted_below_reserved("SH", "TEA", 3, "wms"),
    sayings.put_back("web-1-T1", "SH", [(2, "TEA", "A-01"), (1, "CUP", "")]),
    sayings.refund_waits("web-1-R1", 40_800, "CNY"),
    sayings.refund_refused("stripe", 40_800, "CNY", "card_closed"),
    sayings.refund_came_back("web-1", 40_800, "CNY", "card_closed"),
    sayings.refused_outside(Asked.BOOK_CARRIER, "web-1-P1", "Refused, sf: out_of_area"),
    sayings.order_changed_at_channel("web-1", "woocommerce"),
    sayings.channel_not_answering("taobao", SINCE, "Unavailable timeout"),
    sayings.silent_sender("shopify", SINCE, 12),
    sayings.message_without_order("stripe", "payment_intent.succeeded"),
    sayings.message_parked("stripe", "payment_intent.succeeded", GivenUp.NO_ORDER),
    sayings.broadcast("上海倉停電"),
    sayings.broadcast_refused("B-1", "93000"),
    sayings.breaches_refused("93000"),
    sayings.rights_review(SINCE),
    sayings.sweep({Difference.MONEY_SUMS: 2, Difference.LOTS_DRIFT: 1}),
)

"""The kinds of cases, in one table: department, stages with their clocks, settlements, what closing needs.

Only what the system can do whole stands here: a remedy that moves money, sends a replacement or
issues a coupon is carried out as soon as it is settled, and the case waits for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from domain.case_shapes import CaseKind, Doing, Kind, OrderAct, OrderOutcome, Remedy, Settlement, Stage
from domain.deadlines import DeadlineId
from domain.permissions import Permission, Role

_K, _S, _T, _R = CaseKind, Settlement, DeadlineId, Role
_A, _O, _P, _D = OrderAct, OrderOutcome, Permission, Doing

_AMOUNT, _LINES = frozenset({"amount"}), frozenset({"lines"})
_COUPON = Remedy("補償優惠券", does=_D.COUPON, takes=_AMOUNT)
_REFUND = Remedy("退款", needs=_P.REFUND_ORDER, does=_D.REFUND)
_COMPENSATION = Remedy("賠償", needs=_P.REFUND_ORDER, does=_D.REFUND, takes=_AMOUNT)
_RESHIP = Remedy("補發", told="warehouse", does=_D.REPLACE)

_BUYER_ASKED = Stage("buyer_contacted", "buyer contacted", "已聯絡買家", required=False)
_CARRIER_ASKED = Stage("carrier_contacted", "carrier contacted", "已聯絡承運商", required=False)

_COMPLAINT = Kind(
    chinese="客訴",
    department="customer_service",
    hands=frozenset({_R.CUSTOMER_SERVICE}),
    stages=(Stage("answer", "answer to the buyer", "答覆買家", _T.T10),),
    major=(
        Stage("first_response", "first response", "首次回應", _T.T11),
        Stage("plan", "plan of the solution", "處理方案", _T.T12),
    ),
    settlements={
        _S.RESOLVED: Remedy("已解決"),
        _S.UNFOUNDED: Remedy("投訴不成立"),
        _S.COUPON: _COUPON,
        _S.COMPENSATION: _COMPENSATION,
    },
    needs_order=False,
    involves=True,
)

_MISTAKE = Kind(
    chinese="作業差錯",
    department="operations",
    hands=frozenset({_R.CUSTOMER_SERVICE, _R.LOGISTICS, _R.WAREHOUSE}),
    stages=(Stage("report", "report of the mistake", "差錯上報", _T.T14),),
    settlements={
        _S.RESHIP: replace(_RESHIP, takes=_LINES),
        _S.COUPON: _COUPON,
        _S.REFUND: replace(_REFUND, takes=_AMOUNT | _LINES),
        # Found before the parcel left: nobody but the warehouse ever saw it.
        _S.RESOLVED: Remedy("已糾正"),
    },
    reviewed=True,
    involves=True,
)

_CROSS_DEPARTMENT = Kind(
    chinese="跨部門問題",
    department="operations",
    hands=frozenset({_R.CUSTOMER_SERVICE, _R.LOGISTICS, _R.FINANCE}),
    stages=(
        Stage("minutes", "minutes of the meeting", "會議紀要", _T.T15),
        Stage("plan", "plan", "解決方案", _T.T15),
    ),
    settlements={_S.RESOLVED: Remedy("已解決")},
    needs_order=False,
)

_SIGNATURE_DISPUTE = Kind(
    chinese="簽收異常核查",
    department="customer_service",
    hands=frozenset({_R.CUSTOMER_SERVICE, _R.LOGISTICS}),
    stages=(
        Stage("evidence_requested", "proof demanded from the carrier", "已向承運商索取簽收憑證", required=False),
        Stage("evidence_received", "proof of the carrier received", "已收到簽收憑證", required=False),
    ),
    settlements={
        _S.RESHIP: _RESHIP,
        _S.REFUND: _REFUND,
        _S.COMPENSATION: _COMPENSATION,
    },
    settle_by=_T.T7,
    involves=True,
)

_PARCEL_EXCEPTION = Kind(
    chinese="包裹異常",
    department="logistics",
    hands=frozenset({_R.LOGISTICS, _R.CUSTOMER_SERVICE}),
    stages=(_CARRIER_ASKED, _BUYER_ASKED),
    settlements={
        _S.FORWARD: Remedy("轉寄", told="logistics", ends_by=_O.DELIVERED),
        _S.SELF_PICKUP: Remedy("買家自提", told="customer_service", ends_by=_O.DELIVERED),
        _S.DELIVERED_AFTER_ALL: Remedy("承運商最終派送成功", ends_by=_O.DELIVERED),
        _S.REFUND: _REFUND,
        _S.RESHIP: _RESHIP,
    },
    settle_by=_T.T5,
    needs_parcel=True,
    involves=True,
)

_SHORTAGE = Kind(
    chinese="缺貨",
    department="customer_service",
    hands=frozenset({_R.CUSTOMER_SERVICE}),
    stages=(_BUYER_ASKED,),
    settlements={
        _S.TRY_AGAIN: Remedy("再次嘗試庫存", asks=_A.RETRY_STOCK, needs=_P.STOCK_RETRY, ends_by=_O.WENT_ON),
        _S.SUBSTITUTE: Remedy(
            "換貨替代", asks=_A.AMEND, needs=_P.ORDER_CANCEL, ends_by=_O.WENT_ON, changes=True, replaces=True
        ),
        _S.REFUND_LINES: Remedy("缺貨退款", asks=_A.AMEND, needs=_P.ORDER_CANCEL, ends_by=_O.WENT_ON, changes=True),
        _S.DELAY_TO: Remedy("延期發貨", then=_A.RETRY_STOCK, needs=_P.STOCK_RETRY, ends_by=_O.WENT_ON),
        _S.SHIP_REST: Remedy(
            "先發現貨", asks=_A.SHIP_REST, then=_A.RETRY_STOCK, needs=_P.STOCK_RETRY, ends_by=_O.WENT_ON
        ),
        _S.CANCEL_ALL: Remedy("取消訂單", asks=_A.CANCEL, needs=_P.ORDER_CANCEL, ends_by=_O.ENDED),
    },
    by_hand=False,
    involves=True,
)

_PAYMENT_PROBLEM = Kind(
    chinese="款項異常",
    department="finance",
    hands=frozenset({_R.FINANCE}),
    stages=(_BUYER_ASKED,),
    settlements={
        _S.RETRY: Remedy("重新退款", asks=_A.RETRY_REFUND, needs=_P.REFUND_APPROVE, ends_by=_O.REFUNDED),
        _S.REFUNDED_ELSEWHERE: Remedy(
            "已由其他方式退款",
            asks=_A.REFUNDED_ELSEWHERE,
            needs=_P.REFUND_APPROVE,
            referenced=True,
            ends_by=_O.REFUNDED,
        ),
    },
    by_hand=False,
    involves=True,
)

_RETURN = Kind(
    chinese="退換貨",
    department="customer_service",
    hands=frozenset({_R.CUSTOMER_SERVICE}),
    stages=(
        Stage("decision", "decision by the rules", "審核退換申請", by_hand=False),
        Stage("goods_back", "the goods to come back", "等待退貨寄回", _T.T20, after="decision", by_hand=False),
        Stage("inspection", "inspection of the goods", "等待驗貨", by_hand=False),
        Stage("done", "refund or exchange", "退款或換貨", _T.T8, after="inspection", by_hand=False),
    ),
    settlements={
        _S.REFUND: _REFUND,
        _S.EXCHANGE: Remedy("換貨", told="warehouse", does=_D.REPLACE),
        _S.DECLINED: Remedy("不予退換"),
        _S.WITHDRAWN: Remedy("買家撤回"),
    },
    by_hand=False,
    involves=True,
)

KINDS: Mapping[CaseKind, Kind] = MappingProxyType(
    {
        _K.COMPLAINT: _COMPLAINT,
        _K.MISTAKE: _MISTAKE,
        _K.CROSS_DEPARTMENT: _CROSS_DEPARTMENT,
        _K.SIGNATURE_DISPUTE: _SIGNATURE_DISPUTE,
        _K.PARCEL_EXCEPTION: _PARCEL_EXCEPTION,
        _K.SHORTAGE: _SHORTAGE,
        _K.PAYMENT_PROBLEM: _PAYMENT_PROBLEM,
        _K.RETURN: _RETURN,
    }
)

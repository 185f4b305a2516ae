"""What an order waits for in each status, and which clocks run meanwhile.

One table for the whole life: entering a status starts its clocks and ends the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from domain.deadlines import DeadlineId
from domain.order_status import OrderStatus


@dataclass(frozen=True)
class Wait:
    """``what`` is shown to people and is the search attribute WaitingFor."""

    what: str
    chinese: str
    clocks: tuple[DeadlineId, ...] = ()


_S, _T = OrderStatus, DeadlineId

WAITS: Mapping[OrderStatus, Wait] = MappingProxyType(
    {
        _S.AWAITING_PAYMENT: Wait("payment", "等待付款", (_T.T1,)),
        _S.PAID: Wait("automatic review", "等待自動審核"),
        _S.MANUAL_REVIEW: Wait("review decision", "等待人工審核", (_T.T2, _T.T3)),
        _S.SHORTAGE: Wait("stock, or a decision of the buyer", "等待補貨或買家決定"),
        _S.APPROVED: Wait("release to the warehouse", "等待下發倉庫"),
        _S.PICKING: Wait("picking and recheck", "等待配貨復核"),
        _S.PACKED: Wait("hand-over to the carrier", "等待交運"),
        _S.PARTLY_SHIPPED: Wait("hand-over of the other parcels", "等待其餘包裹交運", (_T.T6,)),
        _S.SHIPPED: Wait("signature", "等待簽收", (_T.T6,)),
        _S.PARTLY_SIGNED: Wait("signature of the other parcels", "等待其餘包裹簽收", (_T.T6,)),
        _S.SIGNED: Wait("end of the return window", "等待退貨期結束", (_T.T9,)),
        _S.INTERCEPTED: Wait("", ""),
        _S.REJECTED: Wait("", ""),
        _S.CANCELLED: Wait("", ""),
        _S.ARCHIVED: Wait("", ""),
    }
)


def clocks_of(status: OrderStatus, *, payment_due: bool, promotion: bool) -> tuple[DeadlineId, ...]:
    """The deadlines that start when an order enters ``status``.

    T1 runs only while an online payment is due (R3, R4): cash on delivery and a zero
    total never start it. A promotion order also holds its stock by T2P (R28).
    """
    if status is not OrderStatus.AWAITING_PAYMENT:
        return WAITS[status].clocks
    if not payment_due:
        return ()
    return (_T.T2P, _T.T1) if promotion else (_T.T1,)

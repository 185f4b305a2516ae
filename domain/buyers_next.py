"""What happens next with an order, in words for its buyer, and by when (R12, R31)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from domain.deadlines import DeadlineId
from domain.order_status import OrderStatus


@dataclass(frozen=True)
class Next:
    """``until`` is the clock whose instant concerns the buyer; the house's other clocks do not."""

    english: str
    chinese: str
    until: DeadlineId | None = None


_S, _T = OrderStatus, DeadlineId
_NOT_ACCEPTED = Next("We could not accept the order; what you paid goes back.", "訂單未能受理，已付款項將退回。")

BUYERS_NEXT: Mapping[OrderStatus, Next] = MappingProxyType(
    {
        _S.AWAITING_PAYMENT: Next("We wait for your payment.", "等待您付款。", _T.T1),
        _S.PAID: Next("We check the order.", "訂單正在審核。"),
        _S.MANUAL_REVIEW: Next("A colleague checks the order.", "訂單正在由人工審核。", _T.T3),
        _S.SHORTAGE: Next(
            "Something is out of stock; we will be in touch about what you prefer.", "部分商品缺貨，我們會與您聯絡。"
        ),
        _S.APPROVED: Next("The order goes to our warehouse.", "訂單即將配貨。"),
        _S.PICKING: Next("Your goods are being picked and checked.", "正在為您配貨並復核。"),
        _S.PACKED: Next("Your parcel is packed and waits for the carrier.", "包裹已打包，等待承運商攬收。"),
        _S.PARTLY_SHIPPED: Next("A part is on its way; the rest follows.", "部分商品已發貨，其餘即將發出。"),
        _S.SHIPPED: Next("Your order is on its way.", "您的訂單正在運輸中。"),
        _S.PARTLY_SIGNED: Next("A part has arrived; the rest is on its way.", "部分包裹已簽收，其餘正在運輸中。"),
        _S.SIGNED: Next(
            "Your order has arrived. You can return it without a reason.", "訂單已簽收，可無理由退貨。", _T.T9
        ),
        _S.INTERCEPTED: Next(
            "We could not accept the order; what you paid goes back.", "訂單未能受理，已付款項將退回。"
        ),
        _S.REJECTED: Next("We could not accept the order; what you paid goes back.", "訂單未能受理，已付款項將退回。"),
        _S.CANCELLED: Next("The order is cancelled; what you paid goes back.", "訂單已取消，已付款項將退回。"),
        _S.ARCHIVED: Next("The order is complete.", "訂單已完成。"),
    }
)

"""The acts of the record in words that people read, English and Chinese (R23)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

ACTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "contact_erased": ("buyer erased", "買家個人信息已刪除"),
        "keys_rotated": ("master key changed", "主密鑰已輪換"),
        "order_recorded": ("order recorded", "訂單已建立"),
        "nothing_due": ("nothing to pay", "無需付款"),
        "payment_complete": ("paid in full", "付款完成"),
        "payment_authorised": ("payment authorised", "付款已授權"),
        "payment_captured": ("payment received", "收到付款"),
        "payment_failed": ("payment failed", "付款失敗"),
        "payment_refunded": ("refund confirmed by the provider", "支付方確認退款"),
        "payment_deadline_passed": ("payment deadline passed (T1)", "付款期限已過（T1）"),
        "promotion_hold_ended": ("promotion hold ended, stock released (T2P)", "促銷庫存保留期滿，庫存已釋放（T2P）"),
        "late_payment_captured": ("payment received after the end", "訂單結束後收到付款"),
        "late_payment_refunded": ("refund confirmed after the end", "訂單結束後確認退款"),
        "refunded": ("money given back", "已退款"),
        "auto_reviewed": ("automatic review", "自動審核"),
        "review_claimed": ("review claimed", "已領取審核"),
        "review_released": ("review given back to the queue", "已退回審核隊列"),
        "review_reminded": ("reminder: review waits (T2)", "審核提醒（T2）"),
        "review_escalated": ("review escalated to operations (T3)", "審核升級至運營（T3）"),
        "approved": ("approved", "審核通過"),
        "rejected": ("rejected", "審核未通過"),
        "cancelled": ("cancelled", "已取消"),
        "cancelled_too_late": ("channel cancelled too late", "渠道取消過晚"),
        "address_corrected": ("address corrected", "已更正地址"),
        "held": ("put on hold", "已掛起"),
        "unheld": ("released from hold", "已解除掛起"),
        "deadline_extended": ("deadline extended", "期限已延長"),
        "deadline_waived": ("deadline waived", "期限已豁免"),
        "shortage": ("stock is short", "缺貨"),
        "stock_found": ("stock found", "庫存已補足"),
        "stock_tried_again": ("stock tried again", "再次嘗試庫存"),
        "goods_released": ("stock released", "庫存已釋放"),
        "released_to_warehouse": ("released to the warehouse", "已下發倉庫"),
        "refused_outside": ("refused by an outside party", "外部拒絕，待人工處理"),
        "outside_asked_again": ("outside party asked again", "再次請求外部"),
        "return_window_closed": ("return window closed (T9)", "退貨期已過（T9）"),
        "short_pick": ("picker found too little", "揀貨缺件"),
        "parcel_packed": ("parcel packed and rechecked", "包裹已復核打包"),
        "carrier_booked": ("carrier booked", "已預約承運商"),
        "parcel_picked_up": ("parcel picked up", "已攬收"),
        "parcel_in_transit": ("parcel in transit", "運輸中"),
        "parcel_out_for_delivery": ("parcel out for delivery", "派送中"),
        "parcel_signed": ("parcel signed for", "已簽收"),
        "parcel_problem": ("parcel has a problem", "包裹異常"),
        "parcel_returning": ("parcel on its way back", "退回途中"),
        "parcel_returned": ("parcel came back", "已退回"),
        "parcel_refused": ("parcel refused", "收件人拒收"),
        "parcel_silent": ("no tracking event for too long (T6)", "物流停滯（T6）"),
        "label_printed": ("label printed, address revealed", "已列印面單（顯示完整地址）"),
        "contact_revealed": ("buyer revealed for a purpose", "已查看買家完整信息"),
        "tracking_link_made": ("link made for the buyer", "已生成買家查詢鏈接"),
        "tracking_links_revoked": ("the buyer's links revoked", "買家查詢鏈接已失效"),
        "note_written": ("note written", "已添加備註"),
        "notice_breach": ("channel was told late (T13)", "渠道通知超時（T13）"),
        "archived": ("archived", "已歸檔"),
        "carrier_after_end": ("carrier's news after the end", "訂單結束後的物流消息"),
        "channel_cancelled_after_end": ("channel cancelled after the end", "訂單結束後渠道取消"),
        "packed_after_end": ("packed after the end", "訂單結束後打包"),
        "short_pick_after_end": ("short pick after the end", "訂單結束後缺件"),
        "case_opened": ("case opened", "個案已建立"),
        "case_claimed": ("case claimed", "已領取個案"),
        "case_released": ("case given back to the queue", "個案已退回隊列"),
        "case_evidence_noted": ("evidence put on record", "已登記憑證"),
        "case_stage_met": ("stage reached", "階段已完成"),
        "case_raised": ("complaint raised to major", "客訴升級為重大"),
        "case_settled": ("case settled", "個案已定案"),
        "case_settlement_failed": ("settlement could not be carried out", "定案未能執行"),
        "case_order_told": ("the order brought news after the settlement", "定案後訂單有新消息"),
        "case_closed": ("case closed", "個案已結案"),
        "case_deadline_passed": ("deadline of the case passed", "個案期限已過"),
        "case_deadline_extended": ("deadline of the case extended", "個案期限已延長"),
        "case_deadline_waived": ("deadline of the case waived", "個案期限已豁免"),
        "case_date_has_come": ("the agreed date has come (T19)", "約定日期已到（T19）"),
        "case_departments_involved": ("departments involved", "已啟動跨部門協作"),
        "refund_asked": ("refund asked for", "已申請退款"),
        "refund_approved": ("refund approved by a second person", "退款經第二人核准"),
        "refund_declined": ("refund declined", "退款未獲核准"),
        "refund_overtaken": ("refund overtaken by the end of the order", "訂單結束，退款申請失效"),
        "refund_failed": ("refund could not be given back", "退款失敗"),
        "refund_tried_again": ("refund tried again", "再次嘗試退款"),
        "refunded_elsewhere": ("given back by another road", "已由其他方式退款"),
        "payment_given_back": ("money given back", "已退款"),
        "task_picked": ("picked", "已配貨"),
        "task_packed": ("packed and rechecked", "已復核打包"),
    }
)


def text_en(act: str) -> str:
    """The act in English; one without a name of its own is told by its code."""
    return ACTS[act][0] if act in ACTS else act.replace("_", " ")


def text_zh(act: str) -> str:
    """The act in Chinese; one without a name of its own is told by its code."""
    return ACTS[act][1] if act in ACTS else f"其他操作（{act}）"

"""What departments are told, and why the system opens a case: one sentence for each kind, filled with its facts.

A fact that is a code has its words here, too: ``asked.book_carrier``. The API's own English sentences are for
programs and logs; here they are for people at a desk.
"""

from __future__ import annotations

_ALERTS: dict[str, tuple[str, str]] = {
    "alert.no_stock": ("short of stock", "缺貨預警"),
    "alert.short_pick": ("picked too little", "配貨短缺"),
    "alert.case_settlement_failed": ("a settlement failed", "定案未能執行"),
    "alert.case_overtaken": ("the order did otherwise", "訂單已有變化"),
    "alert.return_accepted": ("goods are to come back", "待收退貨"),
    "alert.return_failed_inspection": ("goods failed the inspection", "退貨驗收未通過"),
    "alert.return_lapsed": ("a return lapsed", "退貨逾期失效"),
    "alert.refused_outside": ("an outside party refuses", "外部拒絕"),
    "alert.case_raised": ("a case was made major", "個案升級"),
    "alert.case_settled": ("a settlement to carry out", "待執行定案"),
    "alert.put_back": ("goods to put back", "商品待歸位"),
    "alert.refund_waits": ("a refund waits for a second person", "退款待覆核"),
    "alert.refund_refused": ("a refund was refused", "退款被拒"),
    "alert.refund_came_back": ("a refund came back", "退款退回"),
    "alert.rights_review": ("rights are up for review", "權限待覆核"),
    "alert.broadcast": ("broadcast", "緊急通告"),
    "alert.broadcast_refused": ("the group robot refused a broadcast", "群機器人拒絕通告"),
    "alert.breaches_refused": ("the group robot refused the breaches", "群機器人拒絕超時通知"),
    "alert.silent_sender": ("a sender has fallen silent", "發送方沉默"),
    "alert.channel_not_answering": ("a channel does not answer", "渠道無回應"),
    "alert.order_changed_at_channel": ("an order was changed at its channel", "渠道訂單有變更"),
    "alert.message_without_order": ("a message finds no order", "訊息找不到訂單"),
    "alert.message_parked": ("a message was given up", "訊息已擱置"),
    "alert.counted_below_reserved": ("fewer goods than orders hold", "盤點少於預留"),
    "alert.sweep": ("something does not agree", "對帳差異"),
}

_DEADLINES: dict[str, tuple[str, str]] = {
    "alert.T2.text": ("{about} is still to be reviewed", "{about} 尚未審核，請儘快處理"),
    "alert.T3.text": ("{about} was not reviewed in time: for operations now", "{about} 逾期未審核，已升級至運營"),
    "alert.T5.text": ("The parcel exception {about} was not settled in time", "包裹異常 {about} 逾期未處理，已升級"),
    "alert.T6.text": (
        "No carrier has said anything of {about} for too long: each silent parcel has a case",
        "{about} 物流久無更新，已為滯留包裹建立個案",
    ),
    "alert.T7.text": ("The signature dispute {about} was not solved in time", "簽收異常 {about} 逾期未解決，已升級"),
    "alert.T8.text": (
        "The refund or exchange of {about} is late: for finance and operations now",
        "{about} 退換貨逾期未完成，已升級至財務及運營",
    ),
    "alert.T10.text": ("The complaint {about} was not answered in time", "客訴 {about} 逾期未答覆，已升級"),
    "alert.T11.text": (
        "The major complaint {about} had no first answer in time",
        "重大投訴 {about} 逾期未首次回應，已升級",
    ),
    "alert.T12.text": ("The major complaint {about} has no plan in time", "重大投訴 {about} 逾期未給出方案，已升級"),
    "alert.T13.text": (
        "{channel} has not been told of changes of {orders:order|orders} in time; still trying",
        "渠道 {channel} 有 {orders} 筆訂單變更逾時未同步，仍在重試",
    ),
    "alert.T14.text": ("The mistake {about} was not reported in time", "差錯 {about} 逾期未上報，已升級"),
    "alert.T15.text": ("{about} has no meeting and plan in time", "跨部門問題 {about} 逾期未開會或未出方案，已升級"),
    "alert.T16.text": (
        "{late:account or token|accounts and tokens} of {review_id} not reviewed in time",
        "{review_id} 尚有 {late} 個帳號或憑證逾期未覆核",
    ),
}

_CASES: dict[str, tuple[str, str]] = {
    **dict.fromkeys(
        (
            "alert.complaint.text",
            "alert.mistake.text",
            "alert.cross_department.text",
            "alert.signature_dispute.text",
            "alert.parcel_exception.text",
            "alert.shortage.text",
            "alert.payment_problem.text",
            "alert.return.text",
        ),
        ("New case {case_no}: {reason}", "新個案 {case_no}：{reason}"),
    ),
    "alert.case_raised.text": (
        "{case_kind} {case_no} is major now: {reason}",
        "{case_kind} {case_no} 已升級為重大：{reason}",
    ),
    "alert.case_settled.text": ("{case_no}, to be carried out: {settlement}", "{case_no}：請執行「{settlement}」"),
    "alert.case_settlement_failed.text": (
        "{case_no}: the settlement ({settlement}) could not be carried out; it is back in work",
        "{case_no}：「{settlement}」未能執行，個案已退回處理",
    ),
    "alert.case_overtaken.text": (
        "{case_no} was settled ({settlement}), and now {outcome}",
        "{case_no}：已定案「{settlement}」，但{outcome}",
    ),
    "alert.return_accepted.text": ("{rma_no}: goods are to come back", "{rma_no}：退貨即將寄回，請準備收貨"),
    "alert.return_failed_inspection.text": (
        "{rma_no}: the inspection has failed; settle it with the buyer",
        "{rma_no}：驗收未通過，請與買家協商",
    ),
    "alert.return_lapsed.text": ("{case_no}: the goods did not come back in time", "{case_no}：退貨逾期未寄回，已失效"),
}

_REASONS: dict[str, tuple[str, str]] = {
    "case.reason.no_stock": ("no stock of {skus}", "{skus} 無庫存"),
    "case.reason.short_pick": ("short pick", "配貨短缺"),
    "case.reason.pieces_missing": ("{missing} of {sku} missing", "{sku} 缺少 {missing} 件"),
    "case.reason.carrier_trouble": ("{trouble}, carrier's code {code}", "{trouble}（承運商代碼 {code}）"),
    "case.reason.parcel_silent": ("no tracking event for too long (T6)", "物流久無更新（T6）"),
    "case.reason.refund_not_given_back": ("refund not given back: {why}", "退款未成功：{why}"),
    "case.reason.wrong_goods": (
        "recheck of {task_no}: other goods than were ordered, picked by {picker}",
        "復核 {task_no}：商品與訂單不符，配貨人 {picker}",
    ),
    "case.reason.beside": ("{case_kind}: {words}", "{case_kind}：{words}"),
    "case.reason.stock_problem": ("{orders:order is|orders are} short of {sku}", "{orders} 筆訂單缺 {sku}"),
    "case.reason.return_wanted": ("{return_reason}: wants {wish}", "{return_reason}，要求{wish}"),
}

_GOODS_AND_MONEY: dict[str, tuple[str, str]] = {
    "alert.no_stock.text": ("No stock of {skus}", "{skus} 無庫存"),
    "alert.short_pick.text": ("{missing} of {sku} missing on the shelf", "配貨時 {sku} 缺少 {missing} 件"),
    "alert.counted_below_reserved.text": (
        "{warehouse} lacks {missing} of {sku} that orders hold, says {feed}",
        "{warehouse} 的 {sku} 比訂單佔用少 {missing} 件（來源 {feed}）",
    ),
    "alert.put_back.text": ("{task_no} in {warehouse}: {goods}", "{warehouse} 配貨任務 {task_no}：{goods}"),
    "alert.refund_waits.text": (
        "{refund_id}: {amount} waits for a second person",
        "{refund_id}：{amount} 等待第二人覆核",
    ),
    "alert.refund_refused.text": (
        "{provider} refused to give back {amount}: {code}",
        "{provider} 拒絕退回 {amount}：{code}",
    ),
    "alert.refund_came_back.text": (
        "{amount} came back to an order that has ended ({why}): give it back by another road, or by a case",
        "訂單已結束，退款 {amount} 被退回（{why}）：請以其他方式退還，或建立個案",
    ),
}

_OUTSIDE: dict[str, tuple[str, str]] = {
    "alert.refused_outside.text": ("{asked} {about}: {answer}", "{asked} {about}：{answer}"),
    "alert.order_changed_at_channel.text": (
        "{source} changed its goods or sums after it was taken in",
        "訂單入庫後，{source} 更改了商品或金額",
    ),
    "alert.channel_not_answering.text": (
        "{channel} could not be asked for its orders since {since}: {answer}",
        "自 {since} 起無法從 {channel} 拉取訂單：{answer}",
    ),
    "alert.silent_sender.text": (
        "{source} is silent since {since}: about {expected} messages are missing",
        "{source} 自 {since} 起沒有訊息，約缺 {expected} 則",
    ),
    "alert.message_without_order.text": (
        "{source} {topic}: no order is known for it",
        "{source} {topic}：找不到對應訂單",
    ),
    "alert.message_parked.text": (
        "{source} {topic} is not tried any more: {given_up}",
        "{source} {topic} 不再重試：{given_up}",
    ),
    "alert.broadcast.text": ("{said}", "{said}"),
    "alert.broadcast_refused.text": (
        "The group chat did not take the broadcast {broadcast_id}: {code}",
        "群聊未接受通告 {broadcast_id}：{code}",
    ),
    "alert.breaches_refused.text": (
        "The group chat does not take what passed: {code}; look at the clocks here",
        "群聊未接受超時通知：{code}，請在時限看板查看",
    ),
    "alert.rights_review.text": (
        "The rights of all accounts and machines are up for review until {until}",
        "所有帳號及系統憑證的權限須於 {until} 前覆核",
    ),
    "alert.sweep.text": ("The sweep found: {found}", "對帳發現：{found}"),
}

_CODES: dict[str, tuple[str, str]] = {
    "asked.close_payment": ("close the payment of", "關閉付款"),
    "asked.book_carrier": ("book a carrier for", "預約承運商"),
    "asked.withdraw_booking": ("withdraw", "撤回運單"),
    "asked.void_booking": ("void", "作廢運單"),
    "given_up.no_order": ("no order is known for it", "找不到對應訂單"),
    "given_up.unreadable": ("it cannot be opened with our keys, or not be read", "無法解密或讀取"),
    "given_up.not_taken": ("its order's workflow does not take it", "訂單流程不接受"),
    "trouble.out_of_area": ("out of area", "超區件"),
    "trouble.stuck": ("stuck", "滯留件"),
    "trouble.signing_anomaly": ("signing anomaly", "簽收異常件"),
    "trouble.damaged": ("damaged", "破損件"),
    "trouble.refused": ("refused", "拒收件"),
    "trouble.problem": ("problem", "異常件"),
    "trouble.returning": ("on its way back", "退回中"),
    "trouble.returned": ("sent back", "已退回"),
    "payer.cash": ("cash at the door", "到付現金"),
    "payer.bank_transfer": ("the bank account", "銀行轉賬"),
    "payer.stripe": ("Stripe", "Stripe"),
    "refusal.give_back_by_hand": ("no machine gives it back: transfer it by hand", "無法自動退還，須人工轉賬"),
    "saying.no_reason": ("no reason given", "未說明原因"),
    "words.stock_short": ("stock is short", "庫存不足"),
    "wish.refund": ("refund", "退款"),
    "wish.exchange": ("exchange", "換貨"),
    "outcome.still_short": ("stock is still short", "仍然缺貨"),
    "outcome.refused": ("the order refuses", "訂單拒絕執行"),
    "outcome.went_on": ("the order went on", "訂單已繼續"),
    "outcome.ended": ("the order has ended", "訂單已結束"),
    "outcome.delivered": ("the parcel was delivered", "包裹已送達"),
    "outcome.refunded": ("the money went back", "已退款"),
    "outcome.refund_declined": ("the refund was declined", "退款未獲批准"),
    "outcome.still_refused": ("the refund is still refused", "退款仍被拒"),
    "outcome.not_refunded": ("nothing was refunded", "未退款"),
    "outcome.replacement_delivered": ("the replacement was delivered", "補發已送達"),
    "outcome.replacement_ended": ("the replacement ended early", "補發已終止"),
    "outcome.coupon_issued": ("the coupon was issued", "優惠券已發放"),
    "outcome.coupon_refused": ("the coupon was refused", "優惠券未發放"),
}

_DIFFERENCES: dict[str, tuple[str, str]] = {
    "difference.workflow_missing": ("an order that has not ended has no workflow", "訂單未結束但流程不存在"),
    "difference.workflow_ended_early": ("the workflow has ended, the order has not", "流程已結束但訂單未結束"),
    "difference.workflow_still_running": ("the order has ended, its workflow runs on", "訂單已結束但流程仍在運行"),
    "difference.status_differs": ("row and workflow name different statuses", "訂單記錄與流程狀態不一致"),
    "difference.money_sums": ("the sums of the money are not the sums of its entries", "款項合計與明細不符"),
    "difference.money_kept": ("an order that ended early still holds the buyer's money", "訂單已終止但款項未全額退回"),
    "difference.refund_pending": ("a refund was ordered and never confirmed", "退款已下單但未確認"),
    "difference.paid_too_much": ("more was taken than the order owes", "實收大於應收"),
    "difference.shipped_unpaid": ("goods have left, and less was taken than the order owes", "已發貨但未足額收款"),
    "difference.reserved_drift": (
        "the reserved counter is not the sum of what orders hold",
        "預留數與訂單佔用合計不符",
    ),
    "difference.ledger_drift": ("a stock counter is not the sum of its ledger", "庫存數與流水合計不符"),
    "difference.lots_drift": ("the lots do not add up to what is on hand", "批次合計與庫存數不符"),
    "difference.counted_short": (
        "orders hold pieces that the warehouse system does not find",
        "訂單佔用數大於倉庫實盤數",
    ),
    "difference.held_by_ended": ("an order that ended early still holds goods", "訂單已終止但仍佔用庫存"),
    "difference.shipped_still_held": ("goods have left, and stock still counts them as held", "已發貨但庫存仍佔用"),
    "difference.shipped_unbooked": ("goods have left without a ledger row", "已發貨但無庫存流水"),
    "difference.message_waiting": ("a message has not reached its order", "消息未送達訂單"),
    "difference.message_without_order": (
        "a message was forwarded, and its order was never recorded",
        "消息已轉發但訂單未入庫",
    ),
    "difference.notice_waiting": ("the channel has not heard of a change", "狀態變更未送達渠道"),
}

WORDS = {**_ALERTS, **_DEADLINES, **_CASES, **_REASONS, **_GOODS_AND_MONEY, **_OUTSIDE, **_CODES, **_DIFFERENCES}

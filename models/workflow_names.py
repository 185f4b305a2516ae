"""Names of workflows, updates and signals: the one place where a message has a name.

The forwarder of the inbox and integrators reach an order by these names, without
importing the workflow's code.
"""

from __future__ import annotations

ORDER_WORKFLOW = "OrderWorkflow"
LATE_MONEY_WORKFLOW = "LateMoneyWorkflow"
CHANNEL_NOTICES_WORKFLOW = "ChannelNotices"
LATE_NOTICES_WORKFLOW = "LateNotices"
REDELIVER_WORKFLOW = "RedeliverInbox"
SWEEP_WORKFLOW = "Sweep"
LISTEN_WORKFLOW = "ListenForSilence"
PULL_WORKFLOW = "PullChannels"
BULK_HOLD_WORKFLOW = "BulkHold"
PEAK_WORKFLOW = "PeakMode"
BROADCAST_WORKFLOW = "SendBroadcast"
DIGEST_WORKFLOW = "DailyDigest"
POST_BREACHES_WORKFLOW = "PostBreaches"

# Decisions: updates, and some of them also signals of the same name.
CLAIM = "claim"
RELEASE = "release"
APPROVE = "approve"
REJECT = "reject"
CANCEL = "cancel"
HOLD = "hold"
UNHOLD = "unhold"
RETRY_STOCK = "retry_stock"
RETRY_OUTSIDE = "retry_outside"
CORRECT_ADDRESS = "correct_address"
CHANGE_DEADLINE = "change_deadline"
CHOOSE_CARRIER = "choose_carrier"
AMEND_ORDER = "amend_order"
SHIP_REST = "ship_rest"
ADJUST_STATUS = "adjust_status"
CONSENT_FORCE = "consent_force"
SET_PEAK = "set_peak"
RELEASE_HOLD = "release_hold"

REFUND = "refund"
APPROVE_REFUND = "approve_refund"
DECLINE_REFUND = "decline_refund"
RETRY_REFUND = "retry_refund"
REFUNDED_ELSEWHERE = "refunded_elsewhere"

# News: signals.
PAYMENT = "payment"
CARRIER = "carrier"
PACKED = "packed"
SHORT_PICK = "short_pick"
PARCEL_SPLIT = "parcel_split"
WRONG_GOODS = "wrong_goods"
CHANNEL_CANCELLED = "channel_cancelled"

# Cases: their workflow, what people ask of a case (updates, and signals of the same names),
# and what a case and its order tell each other.
CASE_WORKFLOW = "CaseWorkflow"
CLAIM_CASE = "claim_case"
RELEASE_CASE = "release_case"
NOTE_EVIDENCE = "note_evidence"
MEET_STAGE = "meet_stage"
RAISE_CASE = "raise_case"
SETTLE_CASE = "settle_case"
CLOSE_CASE = "close_case"
DECIDE_RETURN = "decide_return"
RECEIVE_GOODS = "receive_goods"
INSPECT_GOODS = "inspect_goods"
INVOLVE_DEPARTMENTS = "involve_departments"
CASE_OPENED = "case_opened"
CASE_CLOSED = "case_closed"
ORDER_NEWS = "order_news"
ORDER_CLOCKS = "order_clocks"

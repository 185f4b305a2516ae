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

# News: signals.
PAYMENT = "payment"
CARRIER = "carrier"
PACKED = "packed"
SHORT_PICK = "short_pick"
CHANNEL_CANCELLED = "channel_cancelled"

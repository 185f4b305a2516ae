"""The names that workflows, workers and starters must agree on: search attributes and task queues.

Search attributes are shown to everybody who may open the Temporal UI, so none of them is personal (R21).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from temporalio.common import SearchAttributeKey

ORDER_STATUS: Final[SearchAttributeKey[str]] = SearchAttributeKey.for_keyword("OrderStatus")
ORDER_CHANNEL: Final[SearchAttributeKey[str]] = SearchAttributeKey.for_keyword("OrderChannel")
WAITING_FOR: Final[SearchAttributeKey[str]] = SearchAttributeKey.for_keyword("WaitingFor")
DUE_AT: Final[SearchAttributeKey[datetime]] = SearchAttributeKey.for_datetime("DueAt")
RISK_LEVEL: Final[SearchAttributeKey[str]] = SearchAttributeKey.for_keyword("RiskLevel")
CASE_KIND: Final[SearchAttributeKey[str]] = SearchAttributeKey.for_keyword("CaseKind")

SEARCH_ATTRIBUTES: Final[tuple[SearchAttributeKey[Any], ...]] = (
    ORDER_STATUS,
    ORDER_CHANNEL,
    WAITING_FOR,
    DUE_AT,
    RISK_LEVEL,
    CASE_KIND,
)
"""All of them: registered by ``runtime.temporal.register_search_attributes``."""

SCHEDULED_FOR: Final[SearchAttributeKey[datetime]] = SearchAttributeKey.for_datetime("TemporalScheduledStartTime")
"""Temporal's own: for which instant a Schedule started the workflow, also when it is caught up later."""
REPORTED_PROBLEMS: Final = "TemporalReportedProblems"
"""Temporal's own: set while a workflow's tasks fail again and again."""
TELLS_OF_PROBLEMS: Final = "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute"
"""The server's setting for after how many failed tasks; 0, which is its default, is never."""

# One queue per outside party, so that a slow carrier cannot starve the rest.
ORDERS: Final = "orders"
PAYMENTS: Final = "payments"
CARRIERS: Final = "carriers"
CHANNELS: Final = "channels"
CHAT: Final = "chat"
COUPONS: Final = "coupons"

TASK_QUEUES: Final[tuple[str, ...]] = (ORDERS, PAYMENTS, CARRIERS, CHANNELS, CHAT, COUPONS)

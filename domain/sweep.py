"""What may disagree between order, workflow, money, stock and messages, and what mends it (accident 9).

One table, kind → what it means, what to do, and the repair that is safe to do at once.
Money is never moved by a repair: giving it back is a person's decision, so it is only suggested.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from domain.order_status import ENDED, OrderStatus

GRACE = timedelta(minutes=15)
"""An order that moved so lately may be between two steps: it is looked at the next time."""

LATE = timedelta(hours=1)
"""A message, notice or refund that is still open after so long is late."""


class Difference(StrEnum):
    """The kinds of differences, as rows, alerts and commands carry them."""

    WORKFLOW_MISSING = "workflow_missing"
    WORKFLOW_ENDED_EARLY = "workflow_ended_early"
    WORKFLOW_STILL_RUNNING = "workflow_still_running"
    STATUS_DIFFERS = "status_differs"
    MONEY_SUMS = "money_sums"
    MONEY_KEPT = "money_kept"
    REFUND_PENDING = "refund_pending"
    PAID_TOO_MUCH = "paid_too_much"
    SHIPPED_UNPAID = "shipped_unpaid"
    RESERVED_DRIFT = "reserved_drift"
    LEDGER_DRIFT = "ledger_drift"
    LOTS_DRIFT = "lots_drift"
    COUNTED_SHORT = "counted_short"
    HELD_BY_ENDED = "held_by_ended"
    SHIPPED_STILL_HELD = "shipped_still_held"
    SHIPPED_UNBOOKED = "shipped_unbooked"
    MESSAGE_WAITING = "message_waiting"
    MESSAGE_WITHOUT_ORDER = "message_without_order"
    NOTICE_WAITING = "notice_waiting"


class Repair(StrEnum):
    """What can be done at once without harm: each makes a record say what other records prove."""

    RELEASE_HELD = "release_held"
    BOOK_SHIPMENT = "book_shipment"
    RECOUNT_RESERVED = "recount_reserved"
    EXPLAIN_COUNTER = "explain_counter"
    RECOUNT_MONEY = "recount_money"
    FORWARD_AGAIN = "forward_again"
    TELL_AGAIN = "tell_again"


@dataclass(frozen=True)
class Meaning:
    """``says`` in both languages; ``suggestion`` for whoever has to act; ``department`` is told of it."""

    says: str
    chinese: str
    suggestion: str
    repair: Repair | None = None
    department: str = "operations"


_D, _R = Difference, Repair

MEANINGS: Mapping[Difference, Meaning] = MappingProxyType(
    {
        _D.WORKFLOW_MISSING: Meaning(
            "an order that has not ended has no workflow",
            "訂單未結束但流程不存在",
            "nobody moves this order any more: settle it with the buyer, or restore Temporal's database",
        ),
        _D.WORKFLOW_ENDED_EARLY: Meaning(
            "the workflow has ended, the order has not",
            "流程已結束但訂單未結束",
            "see in Temporal how it ended; 'temporal workflow reset' to before the end lets the order go on",
        ),
        _D.WORKFLOW_STILL_RUNNING: Meaning(
            "the order has ended, its workflow runs on",
            "訂單已結束但流程仍在運行",
            "look what it waits for in Temporal: an outside party that refuses is asked again by retry-outside",
        ),
        _D.STATUS_DIFFERS: Meaning(
            "row and workflow name different statuses",
            "訂單記錄與流程狀態不一致",
            "the workflow is right: look why its step does not reach the database",
        ),
        _D.MONEY_SUMS: Meaning(
            "the sums of the money are not the sums of its entries",
            "款項合計與明細不符",
            "count the sums again from the entries",
            _R.RECOUNT_MONEY,
            "finance",
        ),
        _D.MONEY_KEPT: Meaning(
            "an order that ended early still holds the buyer's money",
            "訂單已終止但款項未全額退回",
            "see why the refund was refused, then ask again (retry-outside), or give it back at the provider",
            None,
            "finance",
        ),
        _D.REFUND_PENDING: Meaning(
            "a refund was ordered and never confirmed",
            "退款已下單但未確認",
            "look at the provider for the key in the evidence; the order asks again by itself or by retry-outside",
            None,
            "finance",
        ),
        _D.PAID_TOO_MUCH: Meaning(
            "more was taken than the order owes",
            "實收大於應收",
            "give the surplus back at the provider: its notice books the refund here",
            None,
            "finance",
        ),
        _D.SHIPPED_UNPAID: Meaning(
            "goods have left, and less was taken than the order owes",
            "已發貨但未足額收款",
            "collect what is missing, or accept it with the reason",
            None,
            "finance",
        ),
        _D.RESERVED_DRIFT: Meaning(
            "the reserved counter is not the sum of what orders hold",
            "預留數與訂單佔用合計不符",
            "set the counter to the sum of what orders hold",
            _R.RECOUNT_RESERVED,
        ),
        _D.LEDGER_DRIFT: Meaning(
            "a stock counter is not the sum of its ledger",
            "庫存數與流水合計不符",
            "count the shelf; if the counter is right, the repair writes the missing ledger row",
            _R.EXPLAIN_COUNTER,
        ),
        _D.LOTS_DRIFT: Meaning(
            "the lots do not add up to what is on hand",
            "批次合計與庫存數不符",
            "count the bins and feed the counts (POST /v1/stock)",
            None,
            "warehouse",
        ),
        _D.COUNTED_SHORT: Meaning(
            "orders hold pieces that the warehouse system does not find",
            "訂單佔用數大於倉庫實盤數",
            "count the shelf; then settle with the buyers, newest order first, or feed the right count",
            None,
            "warehouse",
        ),
        _D.HELD_BY_ENDED: Meaning(
            "an order that ended early still holds goods",
            "訂單已終止但仍佔用庫存",
            "release them",
            _R.RELEASE_HELD,
        ),
        _D.SHIPPED_STILL_HELD: Meaning(
            "goods have left, and stock still counts them as held",
            "已發貨但庫存仍佔用",
            "book the shipment of the parcel",
            _R.BOOK_SHIPMENT,
        ),
        _D.SHIPPED_UNBOOKED: Meaning(
            "goods have left without a ledger row",
            "已發貨但無庫存流水",
            "count the shelf and feed the count (POST /v1/stock)",
            None,
            "warehouse",
        ),
        _D.MESSAGE_WAITING: Meaning(
            "a message has not reached its order",
            "消息未送達訂單",
            "forward it again; a message that finds no order needs a person to say whose it is",
            _R.FORWARD_AGAIN,
        ),
        _D.MESSAGE_WITHOUT_ORDER: Meaning(
            "a message was forwarded, and its order was never recorded",
            "消息已轉發但訂單未入庫",
            "forward it again",
            _R.FORWARD_AGAIN,
        ),
        _D.NOTICE_WAITING: Meaning(
            "the channel has not heard of a change",
            "狀態變更未送達渠道",
            "see whether the channel's front end answers, then tell it again",
            _R.TELL_AGAIN,
        ),
    }
)

ABOUT_WORKFLOWS = frozenset(
    {_D.WORKFLOW_MISSING, _D.WORKFLOW_ENDED_EARLY, _D.WORKFLOW_STILL_RUNNING, _D.STATUS_DIFFERS}
)
"""What only Temporal can tell; the rest is seen in the database alone."""

PROVEN_AT_ONCE = frozenset({_D.WORKFLOW_MISSING, _D.WORKFLOW_ENDED_EARLY})
"""A workflow ends after its last step is on record, so these need no grace."""


@dataclass(frozen=True)
class SeenWorkflow:
    """What Temporal says of an order's workflow: ``end`` is None while it runs, ``status`` its OrderStatus."""

    end: str | None
    status: str | None


def workflow_difference(status: OrderStatus, seen: SeenWorkflow | None) -> tuple[Difference, str] | None:
    """Compare the order's row with its workflow; the kind and the evidence, or None when they agree.

    An ended order whose workflow is unknown agrees: Temporal forgets it after the retention.
    """
    if seen is None:
        return None if status in ENDED else (_D.WORKFLOW_MISSING, f"the order is {status}; Temporal knows no workflow")
    if status not in ENDED and seen.end is not None:
        return _D.WORKFLOW_ENDED_EARLY, f"the order is {status}; its workflow is {seen.end}"
    if seen.status is not None and seen.status != status:
        return _D.STATUS_DIFFERS, f"the order is {status}; its workflow says {seen.status}"
    if status in ENDED and seen.end is None:
        return _D.WORKFLOW_STILL_RUNNING, f"the order is {status}; its workflow is running"
    return None

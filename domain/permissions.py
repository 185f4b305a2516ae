"""Who may do what: one table, role × permission, deny by default (R22).

A role that is not in the table, or a permission that is not in its row, is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """The posts of the shop; ``integrator`` is a machine."""

    CUSTOMER_SERVICE = "customer_service"
    REVIEWER = "reviewer"
    WAREHOUSE = "warehouse"
    LOGISTICS = "logistics"
    FINANCE = "finance"
    SALES = "sales"
    OPERATIONS = "operations"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    INTEGRATOR = "integrator"


class Permission(StrEnum):
    """What a door asks for; every route names one."""

    ORDER_READ = "order.read"
    ORDER_PLACE = "order.place"
    ORDER_CANCEL = "order.cancel"
    ORDER_HOLD = "order.hold"
    REVIEW_DECIDE = "review.decide"
    ADDRESS_CORRECT = "address.correct"
    CONTACT_KEEP = "contact.keep"
    CONTACT_MASKED = "contact.masked"
    CONTACT_REVEAL = "contact.reveal"
    NOTE_KEEP = "note.keep"
    TRACKING_LINK = "tracking.link"
    VIEW_KEEP = "view.keep"
    DEADLINE_READ = "deadline.read"
    DEADLINE_CHANGE = "deadline.change"
    AUDIT_READ = "audit.read"
    OUTSIDE_RETRY = "outside.retry"
    CARRIER_CHOOSE = "carrier.choose"
    PICK_READ = "pick.read"
    PICK_WORK = "pick.work"
    LABEL_PRINT = "label.print"
    STOCK_READ = "stock.read"
    STOCK_WRITE = "stock.write"
    STOCK_RETRY = "stock.retry"
    PAYMENT_READ = "payment.read"
    PAYMENT_BOOK = "payment.book"
    REFUND_ORDER = "refund.order"
    REFUND_APPROVE = "refund.approve"
    CASE_READ = "case.read"
    CASE_OPEN = "case.open"
    CASE_WORK = "case.work"
    CASE_SETTLE = "case.settle"
    CASE_TAKE_OVER = "case.take_over"
    ACCOUNT_MANAGE = "account.manage"
    RIGHTS_READ = "rights.read"
    RIGHTS_REVIEW = "rights.review"
    TOKEN_MANAGE = "token.manage"  # nosec B105 - the name of a right
    ORDER_FORCE = "order.force"
    HOLD_BULK = "hold.bulk"
    HOLD_READ = "hold.read"
    BROADCAST_SEND = "broadcast.send"
    BROADCAST_READ = "broadcast.read"
    PEAK_SET = "peak.set"
    PEAK_READ = "peak.read"
    DIGEST_READ = "digest.read"
    ALERT_READ = "alert.read"
    RETURN_APPLY = "return.apply"
    RETURN_DECIDE = "return.decide"
    RETURN_INSPECT = "return.inspect"
    RISK_READ = "risk.read"
    RISK_SET = "risk.set"
    DIFFERENCE_READ = "difference.read"
    DIFFERENCE_SETTLE = "difference.settle"
    PARCEL_READ = "parcel.read"
    BOARD_READ = "board.read"
    STUCK_READ = "stuck.read"
    STUCK_RETRY = "stuck.retry"
    SCHEDULE_READ = "schedule.read"
    SCHEDULE_RUN = "schedule.run"
    WORKFLOW_READ = "workflow.read"


_R, _P = Role, Permission

# Whoever reads the lists may keep views of their own of them: that changes nothing of the shop's.
_READ = frozenset(
    {
        _P.ORDER_READ,
        _P.DEADLINE_READ,
        _P.STOCK_READ,
        _P.CASE_READ,
        _P.HOLD_READ,
        _P.BROADCAST_READ,
        _P.PEAK_READ,
        _P.DIGEST_READ,
        _P.ALERT_READ,
        _P.VIEW_KEEP,
        _P.PARCEL_READ,
        _P.BOARD_READ,
    }
)
# Which cases a post works on, domain.case_kinds says: the right alone opens no case of another department.
_CASES = frozenset({_P.CASE_OPEN, _P.CASE_WORK, _P.CASE_SETTLE})

# What operations do in an emergency, and by their own hand (R22, R25); whoever works with orders sees it.
_HAND = frozenset({_P.ORDER_FORCE, _P.HOLD_BULK, _P.BROADCAST_SEND, _P.PEAK_SET})

# The auditor reads everything but no person (R22), so "contact.masked" is missing there on
# purpose; sales and finance have no need of a buyer's name either (R21). Warehouse is
# picking only: it sees tasks, labels and stock, its mistakes and returns, and no order.
GRANTS: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        _R.CUSTOMER_SERVICE: _READ
        | _CASES
        | {
            _P.ORDER_PLACE,
            _P.ORDER_CANCEL,
            _P.REVIEW_DECIDE,
            _P.ADDRESS_CORRECT,
            _P.CONTACT_KEEP,
            _P.CONTACT_MASKED,
            _P.CONTACT_REVEAL,
            _P.NOTE_KEEP,
            _P.TRACKING_LINK,
            _P.STOCK_RETRY,
            _P.PAYMENT_READ,
            _P.REFUND_ORDER,
            _P.RETURN_APPLY,
            _P.RETURN_DECIDE,
        },
        _R.REVIEWER: _READ | {_P.CASE_OPEN, _P.REVIEW_DECIDE, _P.CONTACT_MASKED, _P.NOTE_KEEP, _P.RISK_READ},
        _R.WAREHOUSE: frozenset(
            {_P.PICK_READ, _P.PICK_WORK, _P.LABEL_PRINT, _P.STOCK_READ, _P.CONTACT_MASKED, _P.BROADCAST_READ}
        )
        # What its own department is told, of its own warehouses.
        | {_P.ALERT_READ}
        # Its own mistakes (R24), and the returns that it inspects (R16): domain.case_progress.
        | {_P.CASE_READ, _P.CASE_OPEN, _P.CASE_WORK, _P.RETURN_INSPECT},
        _R.LOGISTICS: _READ
        | _CASES
        | {_P.PICK_READ, _P.CONTACT_MASKED, _P.NOTE_KEEP, _P.OUTSIDE_RETRY, _P.CARRIER_CHOOSE},
        _R.FINANCE: _READ
        | _CASES
        | {_P.OUTSIDE_RETRY, _P.PAYMENT_READ, _P.PAYMENT_BOOK, _P.REFUND_ORDER, _P.REFUND_APPROVE}
        | {_P.DIFFERENCE_READ, _P.DIFFERENCE_SETTLE},
        # Nobody is told anything that sales would have to look at.
        _R.SALES: _READ - {_P.ALERT_READ},
        _R.OPERATIONS: _READ
        | _CASES
        | _HAND
        | {
            _P.RIGHTS_READ,
            _P.RIGHTS_REVIEW,
            _P.CASE_TAKE_OVER,
            _P.RETURN_APPLY,
            _P.RETURN_DECIDE,
            _P.RETURN_INSPECT,
            _P.ORDER_CANCEL,
            _P.ORDER_HOLD,
            _P.REVIEW_DECIDE,
            _P.ADDRESS_CORRECT,
            _P.CONTACT_MASKED,
            _P.CONTACT_REVEAL,
            _P.NOTE_KEEP,
            _P.TRACKING_LINK,
            _P.DEADLINE_CHANGE,
            _P.AUDIT_READ,
            _P.PICK_READ,
            _P.STOCK_WRITE,
            _P.STOCK_RETRY,
            _P.OUTSIDE_RETRY,
            _P.PAYMENT_READ,
            _P.REFUND_ORDER,
            _P.REFUND_APPROVE,
            _P.CARRIER_CHOOSE,
            _P.RISK_READ,
            _P.RISK_SET,
            _P.DIFFERENCE_READ,
            _P.DIFFERENCE_SETTLE,
            _P.STUCK_READ,
            _P.STUCK_RETRY,
            _P.SCHEDULE_READ,
            _P.SCHEDULE_RUN,
            _P.WORKFLOW_READ,
        },
        _R.ADMINISTRATOR: _READ
        | {
            _P.ORDER_FORCE,
            _P.AUDIT_READ,
            _P.PICK_READ,
            _P.DEADLINE_CHANGE,
            _P.ACCOUNT_MANAGE,
            _P.TOKEN_MANAGE,
            _P.RIGHTS_READ,
            _P.RIGHTS_REVIEW,
            _P.STUCK_READ,
            _P.SCHEDULE_READ,
            _P.WORKFLOW_READ,
        },
        _R.AUDITOR: _READ
        | {_P.SCHEDULE_READ, _P.WORKFLOW_READ}
        | {_P.RIGHTS_READ, _P.AUDIT_READ, _P.PICK_READ, _P.PAYMENT_READ, _P.RISK_READ, _P.DIFFERENCE_READ},
        _R.INTEGRATOR: frozenset(
            {
                _P.ORDER_PLACE,
                _P.ORDER_READ,
                _P.ORDER_CANCEL,
                _P.CONTACT_KEEP,
                _P.STOCK_READ,
                _P.TRACKING_LINK,
                _P.RETURN_APPLY,
            }
        ),
    }
)


def may(role: str, permission: Permission) -> bool:
    """Whether this role carries this permission; an unknown role carries none."""
    try:
        return permission in GRANTS[Role(role)]
    except ValueError:
        return False

"""The tables as Python classes; the truth is store/migrations, and a test keeps both the same.

Never import this from workflows: SQLModel in the workflow's import graph costs most of
the worker's speed (measured: 0.7 against 35 workflows a second).
"""

from __future__ import annotations

from sqlmodel import SQLModel

from models.tables.access import (
    AccountRow,
    MachineTokenRow,
    RateCountRow,
    RecoveryCodeRow,
    RightsReviewItemRow,
    RightsReviewRow,
    RightsReviewTokenRow,
    RightUseRow,
    SecondFactorRow,
    SessionRow,
    SignInCodeRow,
    SignInFailureRow,
)
from models.tables.audit import AuditChainRow, AuditEntryRow
from models.tables.board import BoardCellRow, BoardDeltaRow
from models.tables.cases import CaseRow
from models.tables.desks import SavedViewRow, TrackingLinkRow
from models.tables.emergencies import BroadcastRow, BulkHoldOrderRow, BulkHoldRow, DigestRow, PeakModeRow
from models.tables.feeds import (
    ChannelPullRow,
    ChannelVersionRow,
    StockCountRow,
    StockMessageRow,
    StockMovementRow,
    StockShortfallRow,
)
from models.tables.fulfilment import ParcelLineRow, ParcelRow, PickLineRow, PickTaskRow, ScanRow, TrackingEventRow
from models.tables.keeping import AuditAnchorHeadRow, AuditAnchorRow
from models.tables.messages import IdempotencyKeyRow, InboxRow, NoticeRow
from models.tables.money import PaymentEntryRow, PaymentRow, RefundRow
from models.tables.orders import AlertRow, DeadlineRow, OrderLineRow, OrderRow, ReviewFindingRow
from models.tables.people import BlacklistRow, ContactRow, NoteRow
from models.tables.returns import (
    QuarantineLedgerRow,
    QuarantineRow,
    ReplacementRow,
    ReturnGradeRow,
    ReturnLineRow,
    ReturnRow,
)
from models.tables.risk import InboxHourRow, ReviewFactsRow, RiskEventRow, RuleSetRow, SweepDifferenceRow
from models.tables.stock import (
    ProductRow,
    ReservationRow,
    StockItemRow,
    StockLedgerRow,
    StockLotRow,
    WarehouseRow,
)
from models.tables.stuck import RetryingRow

METADATA = SQLModel.metadata

__all__ = [
    "METADATA",
    "AccountRow",
    "AlertRow",
    "AuditAnchorHeadRow",
    "AuditAnchorRow",
    "AuditChainRow",
    "AuditEntryRow",
    "BlacklistRow",
    "BoardCellRow",
    "BoardDeltaRow",
    "BroadcastRow",
    "BulkHoldOrderRow",
    "BulkHoldRow",
    "CaseRow",
    "ChannelPullRow",
    "ChannelVersionRow",
    "ContactRow",
    "DeadlineRow",
    "DigestRow",
    "IdempotencyKeyRow",
    "InboxHourRow",
    "InboxRow",
    "MachineTokenRow",
    "NoteRow",
    "NoticeRow",
    "OrderLineRow",
    "OrderRow",
    "ParcelLineRow",
    "ParcelRow",
    "PaymentEntryRow",
    "PaymentRow",
    "PeakModeRow",
    "PickLineRow",
    "PickTaskRow",
    "ProductRow",
    "QuarantineLedgerRow",
    "QuarantineRow",
    "RateCountRow",
    "RecoveryCodeRow",
    "RefundRow",
    "ReplacementRow",
    "ReservationRow",
    "RetryingRow",
    "ReturnGradeRow",
    "ReturnLineRow",
    "ReturnRow",
    "ReviewFactsRow",
    "ReviewFindingRow",
    "RightUseRow",
    "RightsReviewItemRow",
    "RightsReviewRow",
    "RightsReviewTokenRow",
    "RiskEventRow",
    "RuleSetRow",
    "SavedViewRow",
    "ScanRow",
    "SecondFactorRow",
    "SessionRow",
    "SignInCodeRow",
    "SignInFailureRow",
    "StockCountRow",
    "StockItemRow",
    "StockLedgerRow",
    "StockLotRow",
    "StockMessageRow",
    "StockMovementRow",
    "StockShortfallRow",
    "SweepDifferenceRow",
    "TrackingEventRow",
    "TrackingLinkRow",
    "WarehouseRow",
]

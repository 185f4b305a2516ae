"""The desks, in one table: a desk is one module here and one row below."""

from __future__ import annotations

from console.desks import (
    accounts,
    alerts,
    audit,
    board,
    cases,
    clocks,
    finance,
    logistics,
    operations,
    orders,
    review,
    rights,
    risk,
    warehouse,
)
from console.desks.desk import Desk

DESKS: tuple[Desk, ...] = (
    review.DESK,
    warehouse.DESK,
    orders.DESK,
    cases.DESK,
    logistics.DESK,
    finance.DESK,
    clocks.DESK,
    alerts.DESK,
    board.DESK,
    operations.DESK,
    risk.DESK,
    rights.DESK,
    audit.DESK,
    accounts.DESK,
)
"""In the order in which they are shown; whoever signs in begins at their first."""

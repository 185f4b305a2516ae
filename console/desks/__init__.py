"""The desks, in one table: a desk is one module here and one row below."""

from __future__ import annotations

from console.desks import board, cases, clocks, finance, logistics, orders, review, warehouse
from console.desks.desk import Desk

DESKS: tuple[Desk, ...] = (
    review.DESK,
    warehouse.DESK,
    orders.DESK,
    cases.DESK,
    logistics.DESK,
    finance.DESK,
    clocks.DESK,
    board.DESK,
)
"""In the order in which they are shown; whoever signs in begins at their first."""

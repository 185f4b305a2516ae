"""Holding orders in an emergency: what is held, and what becomes of its clocks (R25)."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class HoldClocks(StrEnum):
    """What the clocks of a held order do: go on running, or stop and keep what is left of them."""

    RUN = "run"
    STOP = "stop"


class HoldScope(StrEnum):
    """By what the orders of an emergency are found."""

    WAREHOUSE = "warehouse"
    CHANNEL = "channel"
    ORDERS = "orders"


def said(reasons: Iterable[str]) -> str | None:
    """Why an order is held, by all who hold it; None when nobody does."""
    return "; ".join(dict.fromkeys(reasons)) or None

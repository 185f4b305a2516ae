"""How long the house keeps what it does not keep for ever (R29).

T21 rules persons (``domain.deadlines``); this is the rest.
"""

from __future__ import annotations

from datetime import datetime, timedelta

REFUSED_MESSAGES_KEPT = timedelta(days=90)
"""A refused message is kept so long for repair (ours), for it belongs to no order and no person by name."""

TRIED_FOR = timedelta(days=14)
"""A message that finds no order is tried so long (ours): no provider or channel comes later with the order to it."""

PARKED_MESSAGES_KEPT = timedelta(days=90)
"""And is kept so long after that (ours), unless its order's buyer is erased before."""


def refused_before(at: datetime) -> datetime:
    """Refused messages that came before this instant are emptied."""
    if at.tzinfo is None:
        raise ValueError("retention is counted from an instant with a zone")
    return at - REFUSED_MESSAGES_KEPT


def parked_before(at: datetime) -> datetime:
    """Messages that were parked before this instant are emptied."""
    return at - PARKED_MESSAGES_KEPT


def parked_until(parked_at: datetime) -> datetime:
    """When a parked message is emptied."""
    return parked_at + PARKED_MESSAGES_KEPT

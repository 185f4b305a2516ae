"""How long the house keeps what it does not keep for ever (R29).

T21 rules persons (``domain.deadlines``); this is the rest.
"""

from __future__ import annotations

from datetime import datetime, timedelta

REFUSED_MESSAGES_KEPT = timedelta(days=90)
"""A refused message is kept so long for repair (ours), for it belongs to no order and no person by name."""


def refused_before(at: datetime) -> datetime:
    """Refused messages that came before this instant are emptied."""
    if at.tzinfo is None:
        raise ValueError("retention is counted from an instant with a zone")
    return at - REFUSED_MESSAGES_KEPT

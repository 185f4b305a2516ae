"""The policy and the terms that an order begins with, whichever door it comes by (R29)."""

from __future__ import annotations

from models.order import Policy
from runtime.settings import Settings

TERMS_VERSION = "1"
"""The terms in force: each order is placed under a version and keeps it (R29)."""


def policy_in_force(settings: Settings) -> Policy:
    """The durations and terms of a new order; it keeps them."""
    deadlines = settings.deadline_policy()
    return Policy(durations=dict(deadlines.durations), peak_factor=deadlines.peak_factor, terms_version=TERMS_VERSION)

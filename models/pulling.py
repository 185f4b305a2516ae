"""Asking each channel for what never came: messages of the reconciliation pull (accident 7)."""

from __future__ import annotations

from pydantic import AwareDatetime

from models.base import Message


class PullChannel(Message):
    """Ask one channel for its orders that changed up to ``at`` (workflow time)."""

    channel: str
    at: AwareDatetime


class Pulled(Message):
    """What asking one channel brought: orders ``listed``, ``found`` that never came, and ``refused`` ones."""

    channel: str
    listed: int = 0
    found: int = 0
    refused: int = 0


class PullReport(Message):
    """One round over all channels; ``failed`` could not be asked and are asked again the next time."""

    pulled: tuple[Pulled, ...] = ()
    failed: tuple[str, ...] = ()

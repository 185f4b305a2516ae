"""Emergencies across Temporal: orders held together, peak mode, broadcasts (R7, R25)."""

from __future__ import annotations

from pydantic import AwareDatetime, Field

from domain.emergencies import Severity
from domain.holds import HoldClocks, HoldScope
from models.base import Actor, Message


class OpenHold(Message):
    """Input of ``BulkHold``: hold the orders of these warehouses or channels, or these orders (R25)."""

    hold_id: str
    scope: HoldScope
    names: tuple[str, ...] = Field(min_length=1, max_length=1_000)
    reason: str = Field(min_length=1, max_length=60)
    clocks: HoldClocks
    by: Actor


class ReleaseHold(Message):
    """Release the orders that the emergency holds."""

    by: Actor
    reason: str = Field(min_length=1, max_length=60)
    key: str = ""


class HoldOpening(Message):
    """Put the emergency on record; ``at`` is workflow time."""

    at: AwareDatetime
    opening: OpenHold


class HoldTurn(Message):
    """The emergency's state turns: ``standing``, ``releasing`` (with who and why), ``released``."""

    at: AwareDatetime
    hold_id: str
    state: str
    release: ReleaseHold | None = None


class HoldBatch(Message):
    """Ask the next orders after ``after`` to be held, or released when ``release`` says so."""

    at: AwareDatetime
    opening: OpenHold
    release: ReleaseHold | None = None
    after: str = ""
    limit: int = 200


class BatchDone(Message):
    """How many orders were asked, how many did not answer; ``last`` is None when none is left."""

    asked: int = 0
    unanswered: int = 0
    last: str | None = None


class StandingHold(Message):
    """An emergency under which an order falls as it comes in (R25)."""

    hold_id: str
    reason: str
    clocks: HoldClocks


class OpenPeak(Message):
    """Input of ``PeakMode``: stretch T2 and T3 by ``factor`` (R7)."""

    peak_id: str
    factor: int = Field(ge=1, le=12)
    reason: str = Field(min_length=1, max_length=60)
    by: Actor


class RecordPeak(Message):
    """Put the setting on record; from then on it rules orders that enter review."""

    at: AwareDatetime
    peak: OpenPeak


class PeakSet(Message):
    """The number of a setting: of two the higher rules."""

    peak_no: int


class PeakBatch(Message):
    """Tell the next orders after ``after`` that wait in review."""

    peak: OpenPeak
    peak_no: int
    after: str = ""
    limit: int = 200


class PeakInForce(Message):
    """What an order learns as it enters review."""

    peak_no: int
    factor: int


class Broadcast(Message):
    """Input of ``SendBroadcast``: ``text`` tells of no person (R21, R25)."""

    broadcast_id: str
    severity: Severity
    text: str = Field(min_length=1, max_length=1_000)
    departments: tuple[str, ...] = ()
    by: Actor


class RecordBroadcast(Message):
    """Put it before the desks."""

    at: AwareDatetime
    broadcast: Broadcast


class PostToChat(Message):
    """Post what stands under this number to the group chat, unless it was posted before."""

    at: AwareDatetime
    broadcast_id: str


class TellBreaches(Message):
    """Tell the group chat of every deadline that passed and that it has not been told of."""

    at: AwareDatetime


class Posted(Message):
    """``posted`` False: nothing to post, no robot is configured, it refused with ``code``, or it was posted before."""

    posted: bool
    code: str = ""

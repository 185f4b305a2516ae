"""Inputs and results of the order's activities: one frozen input each, its key derived (STYLE 5).

Every input that changes something carries a :class:`Step`. ``(order_no, seq)`` is the
key of the effect: a second run of the same step finds the first one's record and returns
its result, so at-least-once activities have exactly-once effects.
"""

from __future__ import annotations

from datetime import timedelta

from pydantic import AwareDatetime, Field

from domain.alert_kinds import Saying
from domain.deadlines import DeadlineId
from domain.order_status import OrderStatus
from domain.review import Facts, Finding, Severity
from models.base import Actor, Message
from models.commands import ChosenCarrier
from models.emergencies import PeakInForce, StandingHold
from models.order import PlaceOrder


class ClockRow(Message):
    """A deadline as the board shows it; with ``left`` it stands still, and ``due`` is when it would fall from now."""

    id: DeadlineId
    due: AwareDatetime
    started: AwareDatetime
    left: timedelta | None = None


class Alert(Message):
    """Who must be told of a step, and in which words; no personal data (R21).

    Histories keep kinds that are no more, and alerts without facts.
    """

    department: str
    kind: str
    text: str
    facts: dict[str, str | int | dict[str, int]] = Field(default_factory=dict)

    @classmethod
    def to(cls, department: str, told: Saying) -> Alert:
        """Tell that department."""
        return cls(department=department, kind=told.kind, text=told.text, facts=dict(told.facts))


class Step(Message):
    """What every change of an order records, in one transaction (R23).

    ``at`` is workflow time. ``before`` and ``after`` are equal when the act moves nothing;
    both are None for a step written beside the order (a payment after its end): such a
    step leaves the order's row alone. ``clocks`` are all deadlines running or stopped after the step;
    ``passed`` those whose passing it is. ``waiting_for`` is what the order waits for next,
    in words of the business.
    """

    order_no: str
    seq: int = Field(ge=1)
    cause: str = ""
    series: str = ""
    at: AwareDatetime
    act: str
    by: Actor
    before: OrderStatus | None
    after: OrderStatus | None
    why: str = ""
    note_id: str | None = None
    details: dict[str, str | int | bool | None] = Field(default_factory=dict)
    key: str = ""
    clocks: tuple[ClockRow, ...] = ()
    passed: tuple[DeadlineId, ...] = ()
    waiting_for: str = ""
    risk: str = "none"
    held: str | None = None
    claimed_by: str | None = None
    alert: Alert | None = None

    @property
    def step_key(self) -> str:
        """The key of this step's effect; ``series`` names those written by another workflow.

        The cause says which step it is. ``seq`` only says which of two steps is the later one:
        a task that a dead worker left behind may be run again in another order (workflows.identity).
        """
        return f"order:{self.order_no}#{self.series}{self.cause or self.seq}"


class RecordOrder(Message):
    """Record the order and reserve its stock, all lines or none (R2, R5)."""

    step: Step
    order: PlaceOrder


class ShortLine(Message):
    """A SKU of which there is not enough; ``known`` says whether any warehouse lists it."""

    sku: str
    wanted: int
    available: int
    known: bool


class Reserved(Message):
    """The result of a reservation: nothing short means everything is set aside."""

    short: tuple[ShortLine, ...] = ()
    warehouses: tuple[str, ...] = ()
    holds: tuple[StandingHold, ...] = ()


class ReserveStock(Message):
    """Reserve again what was released or short (R9, R28), but not what ships ``later`` (pieces by SKU).

    ``partly``: as much as there is, instead of all or none.
    """

    step: Step
    later: dict[str, int] = Field(default_factory=dict)
    partly: bool = False


class AmendLines(Message):
    """Lines leave the order or others come in their place, and what it then lacks is reserved, or nothing (R9).

    ``order`` is the order as it is to be; what ships ``later`` (pieces by SKU) is not reserved.
    """

    step: Step
    order: PlaceOrder
    later: dict[str, int] = Field(default_factory=dict)


class LetGoParcel(Message):
    """A task fell short while other parcels of the order go on: let go the goods of its parcel only (R9)."""

    step: Step
    task_no: str


class LetGo(Message):
    """The parcel that was given up, None if it was before, and its pieces by SKU."""

    parcel_no: str | None = None
    pieces: dict[str, int] = Field(default_factory=dict)


class ReleaseStock(Message):
    """Give the reserved goods back (R3, R28)."""

    step: Step


class Rules(Message):
    """A version of the review's rules: what it changes in the built-in ones, see ``domain.risk`` (R6)."""

    version: int
    changes: dict[str, dict[str, bool | int | str]]


class ReviewFacts(Message):
    """What the automatic review looks at (R6): verdicts only, no personal data (R21).

    ``marked`` are (what was counted, on what) of a buyer whom a counter marked. ``rules`` is
    the rule set in force when it is not the built-in one.
    """

    address_faults: tuple[str, ...] = ()
    phone_faults: tuple[str, ...] = ()
    missing_fields: tuple[str, ...] = ()
    blacklisted: tuple[str, ...] = ()
    marked: tuple[tuple[str, str], ...] = ()
    below_safety_stock: tuple[str, ...] = ()
    captured_currencies: tuple[str, ...] = ()
    orders_before: int = 0
    cancelled_before: int = 0
    rules: Rules | None = None
    peak: PeakInForce | None = None


class GatherFacts(Message):
    """Ask for the facts of the review."""

    order_no: str


class OpenReview(Message):
    """Record the findings of the automatic review with the status they lead to (R6).

    ``facts`` and the version of the ``rules`` are kept beside them, so that changed rules can
    be tried on past orders.
    """

    step: Step
    findings: tuple[FindingMessage, ...]
    facts: Facts | None = None
    rules: int = 0


class FindingMessage(Message):
    """A finding as it travels and is stored."""

    rule: str
    severity: Severity
    evidence: str

    @classmethod
    def of(cls, finding: Finding) -> FindingMessage:
        """The message for a finding of domain.review."""
        return cls(rule=finding.rule, severity=finding.severity, evidence=finding.evidence)


class ReleaseToWarehouse(Message):
    """Make the pick tasks, one per parcel (R8); what ships ``later`` (pieces by SKU) has none yet (R9)."""

    step: Step
    later: dict[str, int] = Field(default_factory=dict)


class PickTasks(Message):
    """The parcels that the pick tasks will fill: (parcel_no, warehouse) each; none if goods are short."""

    parcels: tuple[tuple[str, str], ...]
    short: tuple[ShortLine, ...] = ()


class BookCarrier(Message):
    """Choose and book a carrier for a packed parcel (R11). A regular activity: it may be slow.

    ``chosen`` when a person chose; ``turn`` counts the bookings withdrawn before. ``due``: what an
    order paid at the door comes to for all parcels up to this one, in minor units (R9, R14).
    """

    step: Step
    parcel_no: str
    chosen: ChosenCarrier | None = None
    turn: int = 0
    due: int | None = None


class Booked(Message):
    """The booking: the tracking number goes on the label and to the channel (R12).

    ``collect``: what the carrier collects for this parcel, in minor units (R14).
    """

    carrier: str
    tracking_no: str
    collect: int | None = None


class MoveParcel(Message):
    """Record a carrier's event on a parcel, and what it means for the order (R13, R14)."""

    step: Step
    parcel_no: str
    parcel_state: str
    event_id: str
    collected: int | None = None


class CancelOrder(Message):
    """Undo here what an early end leaves: release stock, stop picking (R3, R6, R7)."""

    step: Step


class Cancelled(Message):
    """The (carrier, tracking number) bookings that must still be voided outside."""

    void: tuple[tuple[str, str], ...] = ()


class VoidBooking(Message):
    """Void a carrier booking of a cancelled order."""

    order_no: str
    carrier: str
    tracking_no: str


class Archive(Message):
    """Archive the order (R18, T18)."""

    step: Step


OpenReview.model_rebuild()

"""What a case is as it travels: its opening, its commands, its steps, and its one serialisable state.

No free text travels: notes, causes and preventions stay in the vault, and messages carry
their ids (R21).
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from domain.case_kinds import KINDS
from domain.case_progress import Progress
from domain.case_reasons import LONGEST, Reason
from domain.case_shapes import CaseKind, OrderOutcome, Settlement, Severity
from domain.cases import CaseState
from domain.deadlines import DeadlineId
from models.base import ORDER_NO, Actor, Message
from models.commands import Command, LineChange
from models.order import Policy
from models.returns import Application, Goods, Pieces, ReturnChange
from models.state import Clock, StoppedClock
from models.steps import Alert, ClockRow

CASE_NO = re.compile(r"[A-Za-z0-9._-]{1,130}")
"""An order's own case is numbered after it (``web-1-C1``); a person's begins with ``K-``."""

LATEST_DELAY = timedelta(days=365)
"""No buyer agrees to wait longer; a date beyond it is a slip of the pen (T19)."""


def case_workflow_id(case_no: str) -> str:
    """The id of the workflow that is this case."""
    return f"case-{case_no}"


class OpenCase(Message):
    """The input of ``CaseWorkflow``.

    ``subject`` is what exactly it is about (a parcel's number). ``since`` is when it came to
    light, if that was earlier than the opening: the clocks run from there (T14). ``related`` is
    the case that asked for this one. ``reason_code`` and ``reason_facts``: of a reason that the
    system gave (:func:`reasoned`). ``told``: the order opened it and knows. ``skus``: what a
    shortage lacks. ``goods``: what a return is for.
    """

    case_no: str
    kind: CaseKind
    by: Actor
    reason: str = Field(min_length=1, max_length=LONGEST)
    reason_code: str = ""
    reason_facts: dict[str, str | int] = Field(default_factory=dict)
    order_no: str | None = None
    subject: str = Field(default="", max_length=130)
    severity: Severity = Severity.ORDINARY
    since: AwareDatetime | None = None
    note_id: str | None = None
    participants: tuple[str, ...] = Field(default=(), max_length=10)
    related: str | None = None
    key: str = ""
    told: bool = False
    skus: tuple[str, ...] = Field(default=(), max_length=500)
    goods: Application | None = None
    policy: Policy = Policy()

    @model_validator(mode="after")
    def consistent(self) -> OpenCase:
        """Refuse a case that its kind does not allow."""
        kind = KINDS[self.kind]
        if not CASE_NO.fullmatch(self.case_no):
            raise ValueError("case_no must be letters, digits, dot, dash or underscore")
        if self.order_no is not None and not ORDER_NO.fullmatch(self.order_no):
            raise ValueError("order_no is no order number")
        if kind.needs_order and self.order_no is None:
            raise ValueError(f"a {self.kind} concerns an order: order_no is missing")
        if kind.needs_parcel and not self.subject:
            raise ValueError(f"a {self.kind} concerns a parcel: subject is missing")
        if (self.kind is CaseKind.RETURN) is (self.goods is None):
            raise ValueError(f"a {self.kind} with goods missing, or with goods that are none of its business")
        if self.severity is Severity.MAJOR and not kind.major:
            raise ValueError(f"a {self.kind} is never {self.severity}")
        return self


def reasoned(why: Reason) -> dict[str, Any]:
    """A reason that the system gives, as a case is opened for it."""
    return {"reason": why.text[:LONGEST], "reason_code": why.code, "reason_facts": dict(why.facts)}


# --- what people ask ------------------------------------------------------------------


class ClaimCase(Command):
    """Take the case in hand."""


class ReleaseCase(Command):
    """Give a claimed case back to the queue."""


class NoteEvidence(Command):
    """Put a piece of evidence on record: ``reference`` says where it is kept, ``what`` what it is."""

    what: str = Field(min_length=1, max_length=40)
    reference: str = Field(min_length=1, max_length=200)


class MeetStage(Command):
    """A stage is reached (answer, plan, first_response …): what was said is the note or the reason."""

    stage: str = Field(min_length=1, max_length=40)


class RaiseCase(Command):
    """Make an ordinary complaint a major one: T11 and T12 run from now (R17)."""


class SettleCase(Command):
    """Settle the case; ``until`` is the agreed date of a ``delay_to`` or ``ship_rest`` (T19).

    ``changes`` are the lines that leave the order or are replaced; ``waive_difference``: a dearer
    substitute costs the buyer no more. ``reference`` is that of the road by which money was given
    back elsewhere.
    ``amount`` (minor units) and ``lines`` say how much: of a refund, a coupon, a replacement.
    """

    settlement: Settlement
    until: AwareDatetime | None = None
    reference: str = Field(default="", max_length=200)
    changes: tuple[LineChange, ...] = Field(default=(), max_length=50)
    waive_difference: bool = False
    amount: int | None = Field(default=None, ge=1, le=10**13)
    lines: tuple[Pieces, ...] = Field(default=(), max_length=500)


class CloseCase(Command):
    """Close a settled case; a mistake needs its ``cause_id`` and ``prevention_id`` (notes, R24)."""

    cause_id: str | None = None
    prevention_id: str | None = None


class InvolveDepartments(Command):
    """Open a cross-department case beside this one, led by operations (R26, T15)."""

    participants: tuple[str, ...] = Field(min_length=1, max_length=10)


ASKED_BY_CASE = "case:"
"""How the keys begin of what a case asks of its order, in the name of whoever settled it."""


class CaseDone(Message):
    """The answer to a command that was carried out."""

    case_no: str
    state: str


# --- what a case and its order tell each other ------------------------------------------


class OrderNews(Message):
    """The order tells its case what happened. News is never refused."""

    outcome: OrderOutcome
    why: str = ""
    reference: str = ""
    """What it is about: the replacement's number, the refund's or coupon's id."""


class ClocksStand(Message):
    """The order tells its case that the case's clocks stand still from now on, or run on (R25)."""

    stand: bool
    why: str = ""


class CaseOpened(Message):
    """A case tells its order that it is open: the order is not archived meanwhile (T18)."""

    case_no: str
    kind: CaseKind
    subject: str = ""


class CaseClosed(Message):
    """A case tells its order that it is closed."""

    case_no: str


class StockQuestion(Message):
    """Is what a shortage lacks missing to many orders? (R9, R26)"""

    skus: tuple[str, ...]


class StockProblem(Message):
    """``orders`` are short of this SKU: a problem of all departments, in ``case_no``; ``open``: that case is there."""

    sku: str
    orders: int
    case_no: str
    open: bool


class StockProblems(Message):
    """One for each SKU that enough orders are short of."""

    problems: tuple[StockProblem, ...] = ()


# --- what is recorded -------------------------------------------------------------------


class Evidence(Message):
    """One piece of evidence: where it is kept, never the thing itself."""

    what: str
    reference: str
    by: str
    at: AwareDatetime


class CaseStep(Message):
    """What every change of a case records in one transaction (R23); ``opening`` with the first.

    ``clocks`` are all deadlines that run after the step; of those that no longer do,
    ``passed`` and ``waived`` say how they ended: the others were met.
    """

    case_no: str
    seq: int = Field(ge=1)
    cause: str = ""
    at: AwareDatetime
    act: str
    by: Actor
    before: CaseState
    after: CaseState
    kind: CaseKind
    order_no: str | None = None
    opening: OpenCase | None = None
    why: str = ""
    note_id: str | None = None
    key: str = ""
    details: dict[str, str | int | bool | None] = Field(default_factory=dict)
    clocks: tuple[ClockRow, ...] = ()
    passed: tuple[DeadlineId, ...] = ()
    waived: tuple[DeadlineId, ...] = ()
    severity: Severity = Severity.ORDINARY
    stage: str = ""
    assignee: str | None = None
    escalated_to: str | None = None
    settlement: Settlement | None = None
    settled_at: AwareDatetime | None = None
    evidence: tuple[Evidence, ...] = ()
    alerts: tuple[Alert, ...] = ()
    goods: ReturnChange | None = None
    remedy: dict[str, str | int] = Field(default_factory=dict)

    @property
    def step_key(self) -> str:
        """The key of this step's effect: what it is, and not its number (workflows.identity)."""
        return f"case:{self.case_no}#{self.cause or self.seq}"


class CaseFile(BaseModel):
    """Everything a case knows of itself; also the continue-as-new payload. Only its workflow writes it."""

    model_config = ConfigDict(validate_assignment=False)

    opening: OpenCase
    state: CaseState = CaseState.OPENED
    severity: Severity = Severity.ORDINARY
    recorded: bool = False
    runs: int = 0
    acts: dict[str, int] = Field(default_factory=dict)
    met: list[str] = Field(default_factory=list)
    clocks: dict[DeadlineId, Clock] = Field(default_factory=dict)
    # What is left of them while the order is held with its clocks stopped (R25).
    stopped: dict[DeadlineId, StoppedClock] = Field(default_factory=dict)
    clocks_stand: bool = False
    assignee: Actor | None = None
    escalated_to: str | None = None
    settlement: Settlement | None = None
    settled_by: Actor | None = None
    reference: str = ""
    settled_at: AwareDatetime | None = None
    changes: tuple[LineChange, ...] = ()
    waive_difference: bool = False
    # Settled, and the order has been asked to carry it out or will be at its date (T19).
    awaits_order: bool = False
    # How much of it: minor units, pieces of lines.
    amount: int | None = None
    lines: list[Pieces] = Field(default_factory=list)
    # What carried it out: the replacement's number, the coupon's id, minor units given back.
    remedy: dict[str, str | int] = Field(default_factory=dict)
    remedies: int = 0
    goods: Goods | None = None
    involved: str | None = None
    evidence: list[Evidence] = Field(default_factory=list)
    # Temporal forgets update ids across continue-as-new (measured), so handled keys travel here.
    handled: dict[str, str] = Field(default_factory=dict)

    @property
    def kind(self) -> CaseKind:
        """What went wrong."""
        return self.opening.kind

    @property
    def progress(self) -> Progress:
        """How far it has come, as the rules ask it."""
        return Progress(self.severity, frozenset(self.met), self.settlement is not None, self.awaits_order)

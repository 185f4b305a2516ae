"""Cases as callers open, command and see them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.schemas.commands import MaybeReasoned, Reasoned
from api.schemas.faults import AllFaultsAtOnce
from api.schemas.orders import ActView, ClockView, StatusView
from api.schemas.returns import ReturnView
from api.schemas.texts import NoteText, Reason, TemporalPage, Words
from domain.case_kinds import KINDS
from domain.case_shapes import CaseKind, Settlement, Severity
from domain.intake import LARGEST_AMOUNT, LONGEST_SKU, LONGEST_TITLE, Fault
from domain.permissions import Role
from models.returns import Pieces

Participants = Annotated[list[Role], Field(max_length=10, description="Departments that take part (R26)")]


class NewOrderCase(AllFaultsAtOnce):
    """A case of an order: what went wrong, and why we know."""

    kind: CaseKind = Field(examples=["complaint"])
    subject: Annotated[str, Words(130)] = Field(default="", description="A parcel's number, where it concerns one")
    severity: Severity = Severity.ORDINARY
    since: AwareDatetime | None = Field(default=None, description="When it came to light, if earlier (T14)")
    participants: Participants = Field(default_factory=list)
    reason: Reason
    note: NoteText | None = None

    @classmethod
    def joined_faults(cls, data: Mapping[str, Any]) -> list[Fault]:
        """What the kind does not allow, all at once."""
        known = _kind(data)
        if known is None:
            return []
        kind, faults = KINDS[known], []
        if not kind.by_hand:
            faults.append(Fault("kind", f"is opened by the order itself: {known}"))
        if kind.needs_parcel and not data.get("subject"):
            faults.append(Fault("subject", "names the parcel, and is missing"))
        if data.get("severity") == Severity.MAJOR and not kind.major:
            faults.append(Fault("severity", f"a {known} is never major"))
        return faults + _future(data.get("since"))


class NewCase(NewOrderCase):
    """A case; only some kinds may stand without an order."""

    order_no: str | None = Field(
        default=None, pattern=r"^[a-z0-9_]{1,20}-[A-Za-z0-9._-]{1,80}$", examples=["site-20240611-0042"]
    )

    @classmethod
    def joined_faults(cls, data: Mapping[str, Any]) -> list[Fault]:
        """As for an order's case, and most kinds need their order."""
        faults, known = super().joined_faults(data), _kind(data)
        if known is not None and KINDS[known].needs_order and not data.get("order_no"):
            faults.append(Fault("order_no", f"a {known} concerns an order: it is missing"))
        return faults


def _kind(data: Mapping[str, Any]) -> CaseKind | None:
    """The kind, if it is one; it may be anything that JSON can say."""
    return next((kind for kind in CaseKind if kind == data.get("kind")), None)


def _future(since: object) -> list[Fault]:
    try:
        moment = since if isinstance(since, datetime) else datetime.fromisoformat(str(since))
    except ValueError:
        return []
    if moment.tzinfo is None or moment <= datetime.now(UTC):
        return []
    return [Fault("since", "lies in the future")]


class EvidenceNoted(MaybeReasoned):
    """A piece of evidence: what it is, and where it is kept. No personal data."""

    what: Annotated[str, Words(40, shortest=1)] = Field(examples=["video"])
    reference: Annotated[str, Words(200, shortest=1)] = Field(examples=["archive/2024/17.mp4"])


class StageReached(MaybeReasoned):
    """A stage of the case is reached; what was said is the note or the reason."""

    stage: Annotated[str, Words(40, shortest=1)] = Field(examples=["answer"])


class LineToChange(BaseModel):
    """A line of the order that leaves it, or is replaced by another SKU (R9)."""

    model_config = ConfigDict(hide_input_in_errors=True)

    line_no: Annotated[int, Field(strict=True, ge=1)] = Field(examples=[1])
    pieces: Annotated[int, Field(strict=True, ge=1, le=100_000)] | None = Field(
        default=None, description="Left out: all that can still change"
    )
    sku: Annotated[str, Words(LONGEST_SKU, shortest=1)] | None = Field(
        default=None, description="What comes instead; left out: the pieces leave the order"
    )
    title: Annotated[str, Words(LONGEST_TITLE)] = ""
    quantity: Annotated[int, Field(strict=True, ge=1, le=100_000)] | None = Field(
        default=None, description="Left out: as many as leave"
    )
    unit_price: Annotated[int, Field(strict=True, ge=0, le=1_000_000_000_000)] | None = Field(
        default=None, description="Minor units; left out: the price of what leaves"
    )

    @property
    def named(self) -> Pieces:
        """So many pieces of the line, for a refund or a replacement: one, unless it says how many."""
        return Pieces(line_no=self.line_no, quantity=self.pieces or 1)


class Settling(Reasoned):
    """How the case is settled; ``until`` is the agreed date of a ``delay_to`` or ``ship_rest`` (T19).

    A shortage's ``substitute`` and ``refund_lines`` name their ``lines``. A dearer substitute must
    be paid already, or ``waive_difference`` says that the shop bears the difference. ``amount``
    (minor units) and ``lines`` (with ``pieces``) say how much of a refund, a coupon, a replacement.
    """

    settlement: Settlement = Field(examples=["resolved"])
    until: AwareDatetime | None = None
    reference: Annotated[str, Words(200)] = Field(
        default="", description="Under which it was done, where the settlement needs one: a transfer's, say"
    )
    amount: Annotated[int, Field(strict=True, ge=1, le=LARGEST_AMOUNT)] | None = None
    lines: Annotated[list[LineToChange], Field(max_length=50)] = Field(default_factory=list)
    waive_difference: bool = False


class Closing(MaybeReasoned):
    """The end of a settled case; a mistake needs cause and prevention in writing (R24). Both are sealed."""

    cause: NoteText | None = None
    prevention: NoteText | None = None


class Involving(Reasoned):
    """The departments that meet over it, led by operations (R26)."""

    participants: Annotated[list[Role], Field(min_length=1, max_length=10)]


class EvidenceView(BaseModel):
    """One piece of evidence."""

    what: str
    reference: str
    by: str
    at: datetime


class StageView(BaseModel):
    """A stage of a case, or what else it waits for."""

    name: str
    en: str
    zh: str


class SettlementWay(BaseModel):
    """One way in which a case can be settled, and what whoever chooses it has to say."""

    settlement: Settlement
    zh: str = Field(examples=["補償優惠券"])
    takes: list[str] = Field(
        examples=[["amount"]],
        description="Fields of the settling: amount or lines (one of them will do), changes (lines that leave),"
        " sku (what comes instead), until, reference",
    )
    needs: str | None = Field(examples=["refund.order"], description="The right it asks for besides `case.settle`")


class CaseRowView(BaseModel):
    """One row of the inbox of cases."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"case_no": "K-7Q2MX0Z4B3TA", "kind": "complaint"}]})

    case_no: str
    kind: CaseKind
    kind_zh: str
    order_no: str | None
    subject: str
    severity: Severity
    state: StatusView
    waits_for: StageView | None
    department: str
    escalated_to: str | None
    assignee: str | None
    reason: str = Field(examples=["2 of TEA-OOLONG-50G missing"])
    reason_code: str = Field(
        examples=["pieces_missing"], description="Of a reason that the system gave; empty for a person's own words"
    )
    reason_facts: dict[str, str | int] = Field(
        examples=[{"sku": "TEA-OOLONG-50G", "missing": 2}], description="What stands in that reason"
    )
    opened_at: datetime
    due_at: datetime | None
    settlement: Settlement | None
    settled_at: datetime | None
    closed_at: datetime | None


class CaseView(CaseRowView):
    """One case as it stands. Texts of notes are not here: only their ids travel (R21)."""

    workflow_id: str
    temporal_ui: TemporalPage = None
    opened_by: str
    note_id: str | None
    related: str | None
    participants: list[str]
    evidence: list[EvidenceView]
    deadlines: list[ClockView]
    cause_note_id: str | None
    prevention_note_id: str | None
    goods: ReturnView | None = Field(default=None, description="What a return is for, and where its goods are")
    stages: list[StageView] = Field(
        default_factory=list,
        description="What `stage` takes now: the stage whose turn it is, and optional ones",
    )
    remedy: dict[str, str | int] = Field(
        default_factory=dict, description="What carries the settlement out: `replacement`, `coupon`, `refund`"
    )
    settlements: list[str] = Field(description="The ways in which this kind of case can be settled")
    ways: list[SettlementWay] = Field(default_factory=list, description="The same, with what each of them takes")


class CasePage(BaseModel):
    """A page of cases, the first due first."""

    items: list[CaseRowView]
    next_cursor: str | None


class CaseTimeline(BaseModel):
    """Every act on a case (R23)."""

    case_no: str
    items: list[ActView]


class CaseAccepted(BaseModel):
    """Taken; not known yet to be on record or carried out."""

    case_no: str
    state: str

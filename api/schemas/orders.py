"""What readers see of an order."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from api.masking import MaskedContact, Personal
from api.schemas.returns import ReplacementView
from domain.permissions import Permission
from domain.personal import PersonField


class StatusView(BaseModel):
    """A status in both languages."""

    code: str = Field(examples=["manual_review"])
    zh: str = Field(examples=["待人工審核"])
    en: str = Field(examples=["manual review"])


class MoneyView(BaseModel):
    """Amounts in minor units of ``currency``, and the total as people write it."""

    currency: str = Field(examples=["CNY"])
    total: int = Field(examples=[40800])
    total_text: str = Field(examples=["408.00"])
    shipping: int
    tax: int
    discount: int
    captured: int
    refunded: int
    status: StatusView


class PaymentTerms(BaseModel):
    """How it is paid, and the provider's id of the payment."""

    method: str = Field(examples=["online"])
    provider: str | None
    reference: str | None


class LineView(BaseModel):
    """One line; amounts in minor units."""

    line_no: int
    sku: str
    title: str
    quantity: int
    unit_price: int
    discount: int
    in_parcels: int = Field(default=0, description="Pieces in parcels that are made ready, on their way, or signed")
    shipped: int = Field(default=0, description="Pieces that have left the house")
    later: int = Field(default=0, description="Pieces that ship later than the order's other parcels (R9)")


class ParcelLineView(BaseModel):
    """What of a line is in a parcel."""

    line_no: int
    sku: str
    quantity: int


class TraceView(BaseModel):
    """What the carrier told of a parcel. ``text`` is its own words, masked, for posts that may see a buyer (R21)."""

    at: datetime
    state: str = Field(examples=["in_transit"])
    en: str = Field(examples=["parcel in transit"])
    zh: str = Field(examples=["運輸中"])
    code: str = Field(examples=["0"])
    text: Annotated[str | None, Personal(PersonField.TRACE, Permission.CONTACT_MASKED)] = None


class ParcelView(BaseModel):
    """One parcel, with how its carrier was chosen; its trace, the newest first, is in GET only."""

    parcel_no: str
    warehouse: str
    state: str
    carrier: str | None
    tracking_no: str | None
    weight_g: int
    insured: bool
    collect_minor: int = Field(description="What its carrier collects at the door, minor units (R14)")
    choice: dict[str, object] | list[object] | None = Field(description="Why this carrier (R11)")
    handed_over_at: datetime | None
    signed_at: datetime | None
    last_event_at: datetime | None
    lines: list[ParcelLineView]
    trace: list[TraceView] = Field(default_factory=list)


class ClockView(BaseModel):
    """A deadline of SPEC's table. While it stands still, ``due_at`` is where it would have fallen (R25)."""

    deadline: str = Field(examples=["T3"])
    promise: str = Field(examples=["manual review: due"])
    started_at: datetime
    due_at: datetime
    state: str = Field(default="running", examples=["running"], description="running, or stopped while held")
    left_seconds: int | None = Field(default=None, description="What is left of a stopped one")


class WaitView(BaseModel):
    """What the order waits for, in both languages, and until when."""

    what: str = Field(examples=["review decision"])
    zh: str = Field(examples=["等待人工審核"])
    until: datetime | None
    deadlines: list[ClockView]


class FindingView(BaseModel):
    """What a rule of the review found, without personal data (R6)."""

    rule: str = Field(examples=["large_first_order"])
    severity: str = Field(examples=["review"])
    evidence: str


class ForceRequestView(BaseModel):
    """A forced adjustment that waits for a second person (R22)."""

    id: str = Field(examples=["F1"])
    to: StatusView
    asked_by: str
    reason: str
    asked_at: datetime


class OrderView(BaseModel):
    """One order. ``contact`` is masked, and there only for posts that may see it (R21); only GET shows it.

    ``stuck`` says which outside party refused what; `retry-outside` asks it again.
    """

    order_no: str = Field(examples=["site-20240611-0042"])
    channel: str
    channel_order_id: str
    status: StatusView
    money: MoneyView
    payment: PaymentTerms
    lines: list[LineView]
    parcels: list[ParcelView]
    waits: WaitView
    findings: list[FindingView]
    risk: str
    held: str | None
    claimed_by: str | None
    stuck: str | None = Field(default=None, description="What an outside party refused, while the order waits for it")
    force_request: ForceRequestView | None = Field(default=None, description="Waits for a second person (R22)")
    contact: MaskedContact | None = None
    promotion: bool
    promised_speed: str
    carrier_wish: str | None
    terms_version: str
    placed_at: datetime
    recorded_at: datetime
    updated_at: datetime
    archived_at: datetime | None
    replaces: str | None = Field(default=None, description="The order in whose place this one is sent, at no charge")
    for_case: str | None = Field(default=None, description="The case that had it sent")
    replacements: list[ReplacementView] = Field(default_factory=list)


class OrderRowView(BaseModel):
    """One order in a list."""

    order_no: str
    channel: str
    status: StatusView
    currency: str
    total: int
    payment_status: StatusView
    waits_for: str
    waits_for_zh: str
    due_at: datetime | None
    risk: str
    held: str | None
    claimed_by: str | None
    placed_at: datetime
    recorded_at: datetime


class OrderPage(BaseModel):
    """A page of orders, the newest first."""

    items: list[OrderRowView]
    next_cursor: str | None


class OrderCount(BaseModel):
    """How many orders a list has: exact, or more than ``up_to``."""

    count: int = Field(examples=[10000])
    exact: bool = Field(examples=[False])
    up_to: int = Field(examples=[10000])
    text: str = Field(examples=["10,000+"])

    @classmethod
    def of(cls, found: int, up_to: int) -> OrderCount:
        """Of what was found when one more than ``up_to`` was looked for."""
        count, exact = min(found, up_to), found <= up_to
        return cls(count=count, exact=exact, up_to=up_to, text=f"{count:,}" + ("" if exact else "+"))


class OrderAccepted(BaseModel):
    """The order is safe with us and will be on record soon; look at ``Location``."""

    order_no: str
    state: str = Field(examples=["accepted"])


class ActView(BaseModel):
    """One act on the order (R23); ``text`` in both languages."""

    id: int
    at: datetime
    who: str
    role: str
    act: str = Field(examples=["approved"])
    text_en: str = Field(examples=["approved"])
    text_zh: str = Field(examples=["審核通過"])
    before: StatusView | None
    after: StatusView | None
    why: str
    note_id: str | None
    details: dict[str, object]


class Timeline(BaseModel):
    """Everything that was done with an order, in order of writing."""

    order_no: str
    items: list[ActView]

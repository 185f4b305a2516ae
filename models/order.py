"""The canonical order: what every channel's message becomes (R1, R2), without the person."""

from __future__ import annotations

from datetime import timedelta

from pydantic import AwareDatetime, Field, model_validator

from domain.deadlines import DeadlineId, DeadlinePolicy
from domain.money import PaymentMethod
from models.base import ORDER_NO, Message


class Line(Message):
    """One line: ``unit_price`` and ``discount`` in minor units of the order's currency."""

    line_no: int = Field(ge=1)
    sku: str = Field(min_length=1, max_length=100)
    title: str = Field(default="", max_length=300)
    quantity: int = Field(ge=1, le=100_000)
    unit_price: int = Field(ge=0)
    discount: int = Field(default=0, ge=0)


class Policy(Message):
    """The policy an order began with: it travels with the order and keeps ruling it."""

    durations: dict[DeadlineId, timedelta] = Field(default_factory=dict)
    peak_factor: int = Field(default=1, ge=1, le=12)
    terms_version: str = "1"

    def deadlines(self) -> DeadlinePolicy:
        """The deadlines in force for this order."""
        return DeadlinePolicy(self.durations, self.peak_factor)


class PlaceOrder(Message):
    """The input of ``OrderWorkflow``; the API and an integrator's own client both send it.

    Amounts are minor units of ``currency``: ``total`` = Σ(quantity × unit_price − discount)
    + shipping + tax − discount. ``contact_id`` names the sealed person in the vault (R21).
    ``payment_reference`` is the provider's id of the payment to expect or to close.
    ``replaces``: this one is sent at no charge for that order, as ``for_case`` has settled (R16).
    """

    order_no: str
    channel: str = Field(min_length=1, max_length=20)
    channel_order_id: str = Field(min_length=1, max_length=80)
    contact_id: str
    lines: tuple[Line, ...] = Field(min_length=1, max_length=500)
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    shipping: int = Field(default=0, ge=0)
    tax: int = Field(default=0, ge=0)
    discount: int = Field(default=0, ge=0)
    total: int = Field(ge=0)
    payment_method: PaymentMethod
    payment_provider: str | None = None
    payment_reference: str | None = None
    promotion: bool = False
    promised_speed: str = Field(default="standard", max_length=20)
    carrier_wish: str | None = Field(default=None, max_length=20)
    placed_at: AwareDatetime
    policy: Policy = Policy()
    replaces: str | None = None
    for_case: str | None = None

    @model_validator(mode="after")
    def consistent(self) -> PlaceOrder:
        """Refuse an order whose total does not add up or whose number is not its channel's (R2, R5)."""
        if not ORDER_NO.fullmatch(self.order_no) or not self.order_no.startswith(f"{self.channel}-"):
            raise ValueError("order_no must be <channel>-<channel order id>, as POST /v1/contacts returned it")
        if self.total != self.expected_total():
            raise ValueError(f"total {self.total} does not add up: the lines come to {self.expected_total()}")
        return self

    def expected_total(self) -> int:
        """What the lines, shipping, tax and discount come to, in minor units."""
        goods = sum(line.quantity * line.unit_price - line.discount for line in self.lines)
        return goods + self.shipping + self.tax - self.discount


def order_number(channel: str, channel_order_id: str) -> str:
    """The one number of a channel's order; the same message always gives the same (R5)."""
    return f"{channel}-{channel_order_id}"


def workflow_id(order_no: str) -> str:
    """The id of the workflow that is this order."""
    return f"order-{order_no}"

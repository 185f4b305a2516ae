"""What people ask of an order: commands, sent as Workflow Updates or as signals of the same name.

Every command says who and why (R23). The text of a note stays in the vault; the
command carries its id only.
"""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field, model_validator

from domain.deadlines import DeadlineId
from domain.holds import HoldClocks
from domain.order_status import OrderStatus
from models.base import Actor, Message


class Command(Message):
    """``key`` is the Idempotency-Key of the request, or empty when sent by hand."""

    by: Actor
    reason: str = Field(default="", max_length=60)
    note_id: str | None = None
    key: str = Field(default="", max_length=200)


class Unsigned(Message):
    """A signal of a command's or a news' name that is neither: it does not say who asks, or leaves out what is needed.

    It is what everything else reads as, and keeps nothing of it: that could be anything (R21).
    """

    @model_validator(mode="before")
    @classmethod
    def _keeps_nothing(cls, _said: object) -> dict[str, object]:
        return {}


class Unheard(Message):
    """A signal of a name that nobody here listens to; nothing of it is kept, its name neither (R21)."""


class Claim(Command):
    """Take the order in hand for manual review (R7)."""


class Release(Command):
    """Give a claimed review back to the queue (R7)."""


class Approve(Command):
    """Let the order go to the warehouse (R7)."""


class Reject(Command):
    """End the order; paid money goes back (R7). ``reason`` is a reason code."""


class Cancel(Command):
    """Cancel before hand-over: stop picking, release stock, refund (R3)."""


class RetryStock(Command):
    """Try to reserve again for an order that is short of stock (R9, R28)."""


class LineChange(Message):
    """``pieces`` of a line leave the order (None: all that can); with a ``sku`` that one comes in their place (R9).

    ``unit_price`` in minor units; it and ``quantity`` are those of what leaves, unless agreed otherwise.
    """

    line_no: int = Field(ge=1)
    pieces: int | None = Field(default=None, ge=1, le=100_000)
    sku: str | None = Field(default=None, min_length=1, max_length=100)
    title: str = Field(default="", max_length=300)
    quantity: int | None = Field(default=None, ge=1, le=100_000)
    unit_price: int | None = Field(default=None, ge=0)


class AmendOrder(Command):
    """Goods that are missing leave the order or are replaced, as agreed with the buyer (R9).

    What the order then costs less is given back; what it costs more is paid already, or waived.
    """

    changes: tuple[LineChange, ...] = Field(min_length=1, max_length=50)
    waive_difference: bool = False


class ShipRest(Command):
    """Ship what is there now; what is missing ships later, in parcels of its own (R9)."""


class ChosenCarrier(Message):
    """A carrier that a person chose for a parcel, and why (R11)."""

    carrier: str
    by: Actor
    why: str


class ChooseCarrier(Command):
    """Another carrier for a parcel than the rules would take, until it is handed over (R11)."""

    parcel_no: str
    carrier: str = Field(min_length=1, max_length=20)


class RetryOutside(Command):
    """Ask an outside party again for what it refused, once the cause is mended."""


class CorrectAddress(Command):
    """The sealed contact was corrected in the vault; ``contact_id`` may be a new one (R2, R6)."""

    contact_id: str


class Hold(Command):
    """Stop the order where it stands until it is released (R25). ``hold`` names the emergency, if it is one's."""

    clocks: HoldClocks = HoldClocks.RUN
    hold: str = ""


class Unhold(Command):
    """Let a held order go on (R25): released by the emergency ``hold``, or, with None, whoever holds it."""

    hold: str | None = None


class RefundLine(Message):
    """So many pieces of a SKU."""

    sku: str
    quantity: int = Field(ge=1)


class RefundOrder(Command):
    """Give money back (R16): ``lines`` (with ``shipping``), an ``amount`` in minor units, or neither: all that is left.

    With both, ``amount`` is what these lines come to, at most their worth (a deduction after
    the inspection). ``cause`` is the number of the case or return that asks; an open case of the
    order is told what becomes of it.
    """

    lines: tuple[RefundLine, ...] = Field(default=(), max_length=500)
    shipping: bool = False
    amount: int | None = Field(default=None, ge=1)
    cause: str = Field(default="", max_length=130)


class ApproveRefund(Command):
    """The second person says yes to a waiting refund (four eyes)."""

    refund_id: str


class DeclineRefund(Command):
    """No to a waiting refund; or whoever asked takes it back."""

    refund_id: str


class RetryRefund(Command):
    """Ask the provider again for a refund that failed, once the cause is mended."""

    refund_id: str


class RefundedElsewhere(Command):
    """Finance gave the money back by another road; ``reference`` is the transfer's own."""

    refund_id: str
    reference: str = Field(min_length=1, max_length=200)


class ChangeDeadline(Command):
    """Extend a running deadline by ``extend_by``, or waive it (None). A reason is needed."""

    deadline: DeadlineId
    extend_by: timedelta | None = Field(default=None, gt=timedelta(0))


class AdjustStatus(Command):
    """Give the order another status by hand; with ``force`` it waits for a second person's consent (R22)."""

    to: OrderStatus
    force: bool = False


class ConsentForce(Command):
    """The second person's word on a forced adjustment; ``consent`` False declines or takes it back (R22)."""

    request: str
    consent: bool = True


class SetPeak(Command):
    """Stretch T2 and T3 of this order by ``factor``; of two settings the higher ``peak_no`` rules (R7)."""

    factor: int = Field(ge=1, le=12)
    peak_no: int = Field(ge=1)


class Done(Message):
    """The answer to a command that was carried out."""

    order_no: str
    status: str

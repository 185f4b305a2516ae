"""The order's money as it travels: what is asked of the ledger and of the providers, and what they answer (R3)."""

from __future__ import annotations

from pydantic import AwareDatetime, Field

from models.base import Actor, Message
from models.news import PaymentNews
from models.steps import Step


class BookPayment(Message):
    """Write one payment notice into the ledger under its ``ledger_key``."""

    step: Step
    news: PaymentNews


class CameBack(Message):
    """A refund whose money came back: under which id it is known here, and which attempt would be the next."""

    refund_id: str
    next_attempt: int = Field(ge=1)


class Sums(Message):
    """What the ledger of an order says, in minor units; the highest ``version`` is what it said last."""

    captured: int
    refunded: int
    version: int = 0


class Ledger(Sums):
    """The order's money after a booking; ``booked`` is False for an echo.

    ``due`` is what the shop may keep: the order's total, or 0 once it ended early.
    """

    due: int
    booked: bool
    came_back: CameBack | None = None


class ClosePayment(Message):
    """Close the payment at the provider, so that nobody pays a cancelled order (R3, T1)."""

    order_no: str
    provider: str
    reference: str


class PaymentClosed(Message):
    """``captured`` > 0: the buyer had already paid when we came to close (minor units)."""

    captured: int
    currency: str


class RefundPayment(Message):
    """Give money back: every capture of the order, up to ``amount`` minor units in all (R3).

    ``key`` is that of this attempt at the refund ``refund_id``.
    """

    order_no: str
    refund_id: str
    key: str
    amount: int = Field(ge=1)
    at: AwareDatetime
    by: Actor
    why: str


class RefundDone(Sums):
    """The ledger after the refund.

    ``missing`` of what was ordered did not go back: the provider refused it with the code ``refusal``.
    """

    missing: int = 0
    refusal: str = ""


class LateMoney(Message):
    """Input of ``LateMoneyWorkflow``: a payment for an order whose workflow has ended (R3)."""

    order_no: str
    news: PaymentNews

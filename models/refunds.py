"""Refunds as they travel: what is asked of the database, and what an order knows of its open ones."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, Field

from models.base import Actor, Message
from models.payments import Sums
from models.steps import Step


class RefundState(StrEnum):
    """How far a refund has come."""

    WAITING = "waiting"
    ORDERED = "ordered"
    PROBLEM = "problem"
    DONE = "done"
    DECLINED = "declined"


class OpenRefund(BaseModel):
    """A refund that is neither done nor declined, in the order's state.

    ``amount`` (minor units) is what is still to go back; ``lines`` maps line_no to pieces.
    ``attempt`` rises with each refusal: a provider answers the same key with the same refusal.
    ``came_back`` of it did so, for the reason ``back_why``, before the order had read that it was done.
    """

    amount: int
    state: RefundState
    by: Actor
    reason: str = ""
    cause: str = ""
    lines: dict[int, int] = Field(default_factory=dict)
    shipping: bool = False
    attempt: int = 1
    came_back: int = 0
    back_why: str = ""


class AskRefund(Message):
    """Put a refund on record; what the amount allows is ordered in the ledger at once."""

    step: Step
    refund_id: str
    amount: int = Field(ge=1)
    lines: tuple[tuple[int, int], ...] = ()
    shipping: bool = False
    cause: str = ""


class RefundAsked(Message):
    """``waits``: a second person has to approve it first (four eyes)."""

    waits: bool


class MoveRefund(Message):
    """A refund goes on: approved, declined, failed, tried again, or done by another road.

    ``key`` is the ledger's key of this attempt; ``reference`` that of the other road.
    """

    step: Step
    refund_id: str
    to: RefundState
    amount: int = Field(ge=1)
    key: str
    problem: str | None = None
    reference: str | None = None


class RefundHeard(Message):
    """What became of a refund at its provider, told by the order to itself.

    ``missing`` (minor units) did not go back, and ``why`` says why not; ``refused`` if the
    provider said no, else it never answered. ``sums`` are what the ledger said then.
    """

    refund_id: str
    missing: int = 0
    why: str = ""
    refused: bool = False
    sums: Sums | None = None

"""A return as it travels: what the buyer applies for, what the desks decide and find (R16).

No free text travels: what a buyer writes is a note in the vault (R21).
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from domain.returns import Finding, Grade, Graded, Liable, Piece, ReturnReason, Wish
from models.base import Actor, Message
from models.commands import Command


class ReturnState(StrEnum):
    """Where the goods of a return are, or how it ended."""

    APPLIED = "applied"
    VOID = "void"
    ISSUED = "issued"
    RECEIVED = "received"
    PASSED = "passed"
    FAILED = "failed"
    REFUNDED = "refunded"
    EXCHANGED = "exchanged"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


class Pieces(Message):
    """So many pieces of an order's line."""

    line_no: int = Field(ge=1)
    quantity: int = Field(ge=1, le=100_000)

    @property
    def piece(self) -> Piece:
        """As the rules ask it."""
        return Piece(self.line_no, self.quantity)


class GradedPieces(Pieces):
    """So many pieces of a line, as the warehouse found them."""

    grade: Grade

    @property
    def graded(self) -> Graded:
        """As the rules ask it."""
        return Graded(self.line_no, self.grade, self.quantity)


class Application(Message):
    """What the buyer applies for; part of the opening of a return."""

    lines: tuple[Pieces, ...] = Field(min_length=1, max_length=500)
    reason: ReturnReason
    wish: Wish


class Verdict(Message):
    """What the rules say when a return is opened. ``problem``: it cannot be, and is closed at once.

    ``worth_by``: what goes back, in minor units of the order's currency, by who is to blame;
    without the buyer's postage.
    """

    problem: str = ""
    findings: tuple[Finding, ...] = ()
    liable: Liable = Liable.BUYER
    worth_by: dict[Liable, int] = Field(default_factory=dict)

    @property
    def worth(self) -> int:
        """What goes back as it stands, in minor units."""
        return self.worth_by.get(self.liable, 0)


class ReturnChange(Message):
    """What a step changes in the return's rows, in the transaction of its record (R23).

    ``stock`` moves the graded goods: to the shelf, or into quarantine.
    """

    state: ReturnState
    rma_no: str | None = None
    due: AwareDatetime | None = None
    liable: Liable | None = None
    worth: int | None = None
    postage: int | None = None
    warehouse: str | None = None
    graded: tuple[GradedPieces, ...] = ()
    stock: bool = False


class Goods(BaseModel):
    """What a return knows of its goods; part of the case's file."""

    model_config = ConfigDict(validate_assignment=False)

    state: ReturnState = ReturnState.APPLIED
    verdict: Verdict = Verdict()
    rma_no: str | None = None
    postage: int = 0
    warehouse: str | None = None
    decided_by: Actor | None = None


# --- what people ask -----------------------------------------------------------------------


class DecideReturn(Command):
    """Customer service decide by the rules. Accepting against them needs a reason (R16).

    ``liable`` overrules who bears the shipping; ``postage`` is what the buyer paid to send the
    goods back, in minor units, where the shop is to blame.
    """

    accept: bool
    liable: Liable | None = None
    postage: int = Field(default=0, ge=0, le=10**9)


class ReceiveGoods(Command):
    """The parcel with the goods is there; T20 has been met."""

    warehouse: str = Field(min_length=1, max_length=40)


class InspectGoods(Command):
    """The warehouse has looked at every piece. Passed: T8 runs, and the wish is carried out."""

    passed: bool
    lines: tuple[GradedPieces, ...] = Field(default=(), max_length=1_500)

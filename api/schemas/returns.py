"""Returns and exchanges as callers apply for, decide, inspect and see them (R16)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.commands import MaybeReasoned
from api.schemas.intake import Amount
from api.schemas.texts import NoteText, Words
from domain.intake import LARGEST_QUANTITY, MOST_LINES
from domain.returns import Finding, Grade, Liable, ReturnReason, Wish
from models.returns import GradedPieces, Pieces, ReturnState


class PiecesOf(BaseModel):
    """So many pieces of a line of the order."""

    model_config = ConfigDict(hide_input_in_errors=True)

    line_no: int = Field(strict=True, ge=1, examples=[1])
    quantity: int = Field(strict=True, ge=1, le=LARGEST_QUANTITY, examples=[1])

    @property
    def pieces(self) -> Pieces:
        """As it travels."""
        return Pieces(line_no=self.line_no, quantity=self.quantity)


class GradedPiecesOf(PiecesOf):
    """So many pieces of a line, as the warehouse found them."""

    grade: Grade = Field(examples=["resell"])

    @property
    def graded(self) -> GradedPieces:
        """As it travels."""
        return GradedPieces(line_no=self.line_no, quantity=self.quantity, grade=self.grade)


class NewReturn(BaseModel):
    """What the buyer wants to give back, why, and what for."""

    model_config = ConfigDict(
        hide_input_in_errors=True,
        json_schema_extra={
            "examples": [{"lines": [{"line_no": 1, "quantity": 1}], "reason": "wrong_size", "wish": "exchange"}]
        },
    )

    lines: Annotated[list[PiecesOf], Field(min_length=1, max_length=MOST_LINES)]
    reason: ReturnReason
    wish: Wish
    note: NoteText | None = None


class Deciding(MaybeReasoned):
    """Accept or decline, by the rules; otherwise only with a reason or a note."""

    accept: bool = Field(strict=True)
    liable: Liable | None = Field(default=None, description="Who bears the shipping, where the rule is overruled")
    postage: Amount = Field(default=0, description="What the buyer paid to send it back; only at the shop's fault")


class Receiving(MaybeReasoned):
    """The goods are there."""

    warehouse: Annotated[str, Words(40, shortest=1)] = Field(examples=["SH"])


class Inspecting(MaybeReasoned):
    """Every piece with its grade; passed only when all are there."""

    passed: bool = Field(strict=True)
    lines: Annotated[list[GradedPiecesOf], Field(max_length=3 * MOST_LINES)] = Field(default_factory=list)


class ReturnLineView(BaseModel):
    """What of a line comes back."""

    line_no: int
    sku: str
    quantity: int


class GradeView(BaseModel):
    """How the warehouse found it."""

    line_no: int
    grade: Grade
    quantity: int


class ReturnView(BaseModel):
    """A return with its goods. Amounts in minor units of the order's currency."""

    case_no: str
    order_no: str
    state: ReturnState
    reason: ReturnReason
    reason_zh: str
    wish: Wish
    findings: list[Finding] = Field(description="What the rules speak against it; service decide")
    liable: Liable = Field(description="At whose fault: who bears the shipping")
    worth: int = Field(description="What goes back for the goods")
    postage: int
    rma_no: str | None = Field(examples=["RMA-K-7Q2MX0Z4B3TA"])
    due_at: datetime | None = Field(description="Until when the goods must be back (T20)")
    warehouse: str | None
    opened_at: datetime
    received_at: datetime | None
    inspected_at: datetime | None
    lines: list[ReturnLineView]
    grades: list[GradeView]


class ReturnList(BaseModel):
    """The returns of an order, the oldest first."""

    order_no: str
    items: list[ReturnView]


class ReplacementView(BaseModel):
    """An order that was sent in place of another, at no charge."""

    order_no: str
    case_no: str
    status: str

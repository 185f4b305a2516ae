"""What goes in and out at the warehouse's doors: a person's handheld and a robot speak the same (R8, R32)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.schemas.texts import Words
from domain.intake import LONGEST_SKU, LONGEST_TITLE

Code = Annotated[str, Words(100, shortest=1)]
Count = Annotated[int, Field(strict=True, ge=0, le=10_000_000)]
TaskState = Literal["open", "picking", "picked", "packed", "short", "cancelled"]


class _Body(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)


class TaskLineView(BaseModel):
    """Goods to take: ``quantity`` pieces from ``bin``, of which ``picked`` are taken."""

    line_no: int
    sku: str
    barcode: str
    title: str
    bin: str
    lot: str | None
    expires_on: date | None
    quantity: int
    picked: int
    short: int
    fragile: bool


class TaskView(BaseModel):
    """A pick task: one warehouse, one parcel (R8)."""

    task_no: str
    order_no: str
    warehouse: str
    parcel_no: str
    state: TaskState
    booked: bool = Field(description="The carrier has booked the parcel, so that its label can be printed")
    picker: str | None
    rechecker: str | None
    lines: list[TaskLineView]


class TaskPage(BaseModel):
    """A page of pick tasks, the oldest first."""

    items: list[TaskView]
    next_cursor: str | None


class NewScan(_Body):
    """What the handheld read: the bin, then the barcode, with the lot where the goods have lots."""

    bin: Annotated[str, Words(100)]
    barcode: Code
    lot: Code | None = None


class Expected(BaseModel):
    """What the task asks for; ``fault`` says what was wrong."""

    bin: str | None = None
    sku: str | None = None
    lot: str | None = None
    fault: str | None = None


class ScanView(BaseModel):
    """Right or wrong; a wrong scan is told what was expected, and counted (R8)."""

    verdict: Literal["right", "wrong"]
    expected: Expected | None
    remaining: int = Field(description="Pieces still to be picked")
    state: TaskState


class NewShortage(_Body):
    """Less is there than the task asks for (R9)."""

    sku: Annotated[str, Words(LONGEST_SKU, shortest=1)]
    missing: Annotated[int, Field(strict=True, ge=1, le=100_000)]


class SplitGoods(_Body):
    """Pieces of a SKU that go into the further parcel."""

    sku: Annotated[str, Words(LONGEST_SKU, shortest=1)] = Field(examples=["CUP"])
    quantity: Annotated[int, Field(strict=True, ge=1, le=100_000)] = Field(examples=[1])


class NewSplit(_Body):
    """Part of a picked parcel goes into a further one, with a task, a recheck and a waybill of its own (R10)."""

    goods: Annotated[list[SplitGoods], Field(min_length=1, max_length=100)]

    def by_sku(self) -> dict[str, int]:
        """Pieces by SKU; a SKU named twice adds up."""
        pieces: dict[str, int] = {}
        for one in self.goods:
            pieces[one.sku] = pieces.get(one.sku, 0) + one.quantity
        return pieces


class NewRecheck(_Body):
    """A second person's count: ``barcodes`` has one entry for each piece; ``weight_g`` by the scale (R10)."""

    packaging: Literal["standard", "reinforced"]
    barcodes: Annotated[list[Code], Field(max_length=10_000)]
    weight_g: Annotated[int, Field(strict=True, ge=0, le=2_000_000)] = Field(
        default=0, description="Grams; 0 keeps the sum of the goods' weights"
    )


class NewWarehouse(_Body):
    """A warehouse, or what is known of it now."""

    code: Annotated[str, Words(40, shortest=1)]
    name: Annotated[str, Words(120, shortest=1)]
    region: Annotated[str, Words(120)] = ""
    city: Annotated[str, Words(120)] = ""


class NewProduct(_Body):
    """A product, or what is known of it now. Grams, cubic centimetres."""

    sku: Annotated[str, Words(LONGEST_SKU, shortest=1)]
    title: Annotated[str, Words(LONGEST_TITLE, shortest=1)]
    barcode: Annotated[str, Words(100)] = Field(default="", description="Empty: the SKU itself is scanned")
    weight_g: Count = 0
    volume_cm3: Count = 0
    fragile: bool = False
    category: Annotated[str, Words(100)] = ""
    safety_stock: Count = Field(default=0, description="Pieces the shop wants to keep (R6)")
    returnable: bool = Field(default=True, description="May come back without a reason (R16, 七天無理由)")


class NewStock(_Body):
    """How many pieces stand in a lot (``on_hand``), or by how many that changed (``delta``): one of the two."""

    warehouse: Annotated[str, Words(40, shortest=1)]
    sku: Annotated[str, Words(LONGEST_SKU, shortest=1)]
    on_hand: Count | None = None
    delta: Annotated[int, Field(strict=True, ge=-10_000_000, le=10_000_000)] | None = None
    lot: Annotated[str, Words(100)] = ""
    bin: Annotated[str, Words(100)] = ""
    expires_on: date | None = None

    @model_validator(mode="after")
    def _one_of_the_two(self) -> NewStock:
        if (self.on_hand is None) == (self.delta is None):
            raise ValueError("give either on_hand or delta")
        return self


class StockView(BaseModel):
    """The counter of a SKU in a warehouse; ``free`` can still be sold."""

    warehouse: str
    sku: str
    on_hand: int
    reserved: int
    free: int

    @classmethod
    def of(cls, row: dict[str, Any]) -> StockView:
        """From the counter's row."""
        counted = {name: row[name] for name in ("warehouse", "sku", "on_hand", "reserved")}
        return cls(free=row["on_hand"] - row["reserved"], **counted)


class StockRowView(StockView):
    """The same with its product."""

    title: str
    safety_stock: int


class StockPage(BaseModel):
    """A page of counters, by warehouse and SKU."""

    items: list[StockRowView]
    next_cursor: str | None


class Listed(BaseModel):
    """It is listed."""

    listed: str

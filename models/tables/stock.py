"""Goods: what there is, where it stands, and for whom it is set aside (R5, R8, R28)."""

from __future__ import annotations

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from models.tables.columns import Timestamptz, identity


class WarehouseRow(SQLModel, table=True):
    """A house that ships."""

    __tablename__ = "warehouses"

    code: str = Field(primary_key=True)
    name: str
    region: str
    city: str


class ProductRow(SQLModel, table=True):
    """What a SKU is: grams, cubic centimetres, and the stock the shop wants to keep (R6).

    ``returnable``: it may come back without a reason (R16, T9).
    """

    __tablename__ = "products"

    sku: str = Field(primary_key=True)
    title: str
    barcode: str
    weight_g: int
    volume_cm3: int
    fragile: bool
    category: str
    safety_stock: int
    returnable: bool = True


class StockItemRow(SQLModel, table=True):
    """The counter of one SKU in one warehouse: ``reserved`` = Σ held reservations, always."""

    __tablename__ = "stock_items"

    warehouse: str = Field(primary_key=True, foreign_key="warehouses.code")
    sku: str = Field(primary_key=True, foreign_key="products.sku")
    on_hand: int
    reserved: int


class StockLotRow(SQLModel, table=True):
    """A lot of a SKU in a bin; goods without lots stand in the lot ``""``."""

    __tablename__ = "stock_lots"

    warehouse: str = Field(primary_key=True)
    sku: str = Field(primary_key=True)
    lot: str = Field(primary_key=True)
    bin: str
    on_hand: int
    expires_on: date | None = None


class ReservationRow(SQLModel, table=True):
    """Goods set aside for an order: ``state`` is held, released or shipped.

    ``quantity`` is what is (or was) held, ``shipped`` what has left: parcels leave one by one.
    """

    __tablename__ = "reservations"

    order_no: str = Field(primary_key=True, foreign_key="orders.order_no")
    warehouse: str = Field(primary_key=True)
    sku: str = Field(primary_key=True)
    quantity: int
    state: str
    shipped: int = 0


class StockLedgerRow(SQLModel, table=True):
    """One change of a counter; the sums of the ledger are the counters."""

    __tablename__ = "stock_ledger"

    id: int | None = identity()
    warehouse: str
    sku: str
    on_hand_delta: int
    reserved_delta: int
    order_no: str | None = None
    key: str = Field(unique=True)
    at: datetime = Field(sa_type=Timestamptz)
    why: str

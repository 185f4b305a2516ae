"""The canonical order as integrators send it, with the person; amounts in integer minor units (R1, R2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from api.schemas.faults import AllFaultsAtOnce, phone_fault_of
from api.schemas.texts import ChannelName, ChannelOrderId, Words
from domain import intake
from domain.intake import Fault
from domain.money import PaymentMethod


def _known_currency(code: str) -> str:
    if problem := intake.currency_fault(code):
        raise ValueError(problem)
    return code


Amount = Annotated[int, Field(strict=True, ge=0, le=intake.LARGEST_AMOUNT, description="Minor units of the currency")]
Currency = Annotated[str, AfterValidator(_known_currency), Field(description="ISO 4217", examples=["CNY"])]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$", description="ISO 3166 alpha-2", examples=["CN"])]


class NewLine(BaseModel):
    """One line: ``quantity`` pieces of a SKU at ``unit_price``, less ``discount`` for the whole line."""

    model_config = ConfigDict(hide_input_in_errors=True)

    sku: Annotated[str, Words(intake.LONGEST_SKU, shortest=1)] = Field(examples=["TEA-OOLONG-250"])
    title: Annotated[str, Words(intake.LONGEST_TITLE)] = Field(default="", examples=["凍頂烏龍茶 250g"])
    quantity: int = Field(strict=True, ge=1, le=intake.LARGEST_QUANTITY, examples=[2])
    unit_price: Amount = Field(examples=[19900])
    discount: Amount = 0


class NewAddress(BaseModel):
    """Where the parcel goes."""

    model_config = ConfigDict(hide_input_in_errors=True)

    country: Country
    region: Annotated[str, Words(120)] = Field(default="", description="Province or state", examples=["广东省"])
    city: Annotated[str, Words(120, shortest=1)] = Field(examples=["深圳市"])
    district: Annotated[str, Words(120)] = Field(default="", examples=["南山区"])
    street: Annotated[str, Words(intake.LONGEST_STREET, shortest=1)] = Field(examples=["示例路1号 2栋 301"])
    postcode: Annotated[str, Words(20)] = Field(default="", examples=["518000"])


class NewBuyer(BaseModel):
    """Who ordered. ``account`` is the buyer's id at the channel; it is kept as an index only (R27)."""

    model_config = ConfigDict(hide_input_in_errors=True)

    name: Annotated[str, Words(intake.LONGEST_NAME, shortest=1)] = Field(examples=["王示例"])
    phone: Annotated[str, Words(40, shortest=1)] = Field(examples=["13800138000"])
    account: Annotated[str, Words(200)] | None = Field(default=None, examples=["buyer-8812"])
    email: Annotated[str, Words(254)] | None = Field(default=None, examples=["buyer@example.com"])


class NewPayment(BaseModel):
    """How it is paid. ``reference`` is the provider's id of the payment to expect (``pi_…``)."""

    method: PaymentMethod = Field(description="online, or cod: cash on delivery 貨到付款 (R4)")
    provider: Annotated[str, Words(40, shortest=1)] | None = Field(default=None, examples=["stripe"])
    reference: Annotated[str, Words(200, shortest=1)] | None = Field(default=None, examples=["pi_3Example"])


class PersonAndOrderNumber(AllFaultsAtOnce):
    """The parts that a whole order and a contact have in common."""

    channel: ChannelName
    channel_order_id: ChannelOrderId
    buyer: NewBuyer
    address: NewAddress
    remark: Annotated[str, Words(intake.LONGEST_REMARK)] = Field(
        default="", description="The buyer's remark; stored encrypted (R21)"
    )

    @classmethod
    def joined_faults(cls, data: Mapping[str, Any]) -> list[Fault]:
        """The phone against the country."""
        buyer = data.get("buyer")
        phone = buyer.get("phone") if isinstance(buyer, Mapping) else None
        return phone_fault_of(phone, data.get("address"), "buyer.phone")


class NewOrder(PersonAndOrderNumber):
    """One order. ``total`` = Σ(quantity × unit_price − discount) + shipping + tax − discount."""

    model_config = ConfigDict(
        hide_input_in_errors=True,
        json_schema_extra={
            "examples": [
                {
                    "channel": "site",
                    "channel_order_id": "20240611-0042",
                    "placed_at": "2024-06-11T20:15:00+08:00",
                    "buyer": {"name": "王示例", "phone": "13800138000", "account": "buyer-8812"},
                    "address": {
                        "country": "CN",
                        "region": "广东省",
                        "city": "深圳市",
                        "district": "南山区",
                        "street": "示例路1号 2栋 301",
                        "postcode": "518000",
                    },
                    "remark": "請放門口",
                    "lines": [
                        {"sku": "TEA-OOLONG-250", "title": "凍頂烏龍茶 250g", "quantity": 2, "unit_price": 19900}
                    ],
                    "currency": "CNY",
                    "shipping": 1000,
                    "tax": 0,
                    "discount": 0,
                    "total": 40800,
                    "payment": {"method": "online", "provider": "stripe", "reference": "pi_3Example"},
                }
            ]
        },
    )

    lines: list[NewLine] = Field(min_length=1, max_length=intake.MOST_LINES)
    currency: Currency
    shipping: Amount = 0
    tax: Amount = 0
    discount: Amount = 0
    total: Amount
    payment: NewPayment
    placed_at: AwareDatetime = Field(description="With its offset from UTC")
    promotion: bool = Field(default=False, description="Stock is held for T2P only (R28)")
    promised_speed: Annotated[str, Words(20, shortest=1)] = "standard"
    carrier_wish: Annotated[str, Words(20, shortest=1)] | None = None

    @classmethod
    def joined_faults(cls, data: Mapping[str, Any]) -> list[Fault]:
        """The phone against the country, and the sums."""
        return [*super().joined_faults(data), *intake.sum_faults(data)]


class NewContact(PersonAndOrderNumber):
    """The person of an order that an integrator will start with a Temporal client of their own."""


class ContactKept(BaseModel):
    """What the workflow's input carries instead of the person (R21)."""

    contact_id: str = Field(examples=["ct_4f1c0d9e8b7a4c5d9e8f7a6b5c4d3e2f"])
    order_no: str = Field(examples=["site-20240611-0042"])
    workflow_id: str = Field(examples=["order-site-20240611-0042"])

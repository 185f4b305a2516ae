"""The whole story of an order, as a service desk reads it while the buyer waits (R7, R12, R17)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from api.masking import Personal
from api.schemas.cases import CaseRowView
from api.schemas.orders import ClockView, OrderView
from api.schemas.texts import TemporalPage
from domain.permissions import Permission
from domain.personal import PersonField


class CaseOfOrder(CaseRowView):
    """A case of the order, with its running clocks."""

    deadlines: list[ClockView]


class BuyerHistory(BaseModel):
    """Counts over the buyer's other orders, by the same phone or account; no person is opened for it (R7, R27)."""

    orders: int = Field(examples=[7])
    running: int = Field(examples=[1])
    cancelled: int = Field(examples=[2])
    refused: int = Field(description="Rejected or intercepted", examples=[0])
    refunded: int = Field(description="Orders of which money was given back", examples=[1])
    first_placed_at: datetime | None
    blacklisted: list[str] = Field(description="What of the buyer a person has blacklisted", examples=[["phone"]])
    marked: list[str] = Field(description="What a counter has marked the buyer for", examples=[["cancelled"]])


class OrderStory(OrderView):
    """One order, its cases and its buyer; null where the post may not see it."""

    cases: list[CaseOfOrder] | None = None
    buyer: Annotated[BuyerHistory | None, Personal(PersonField.HISTORY, Permission.CONTACT_MASKED)] = None
    temporal_ui: TemporalPage = None

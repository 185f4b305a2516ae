"""Finding orders by what a caller on the phone can tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from api.schemas.faults import AllFaultsAtOnce
from api.schemas.intake import Country
from api.schemas.texts import Words
from domain.intake import Fault

SOUGHT = ("order_no", "channel_order_id", "tracking_no", "phone", "account")
PERSONAL = frozenset({"phone", "account"})
"""What is matched through the blind index, by posts that may see a buyer (R21, R27)."""

Wanted = Annotated[str, Words(130, shortest=1)]


class OrderSearch(AllFaultsAtOnce):
    """One of the five, whole: nothing is found by its beginning. It travels in the body, never in an address."""

    order_no: Wanted | None = Field(default=None, examples=["site-20240611-0042"])
    channel_order_id: Wanted | None = Field(default=None, examples=[None])
    tracking_no: Wanted | None = Field(default=None, examples=[None])
    phone: Annotated[str, Words(40, shortest=1)] | None = Field(default=None, examples=[None])
    account: Annotated[str, Words(200, shortest=1)] | None = Field(default=None, examples=[None])
    country: Country = Field(default="CN", description="Whose number a phone without + is")

    @classmethod
    def joined_faults(cls, data: Mapping[str, Any]) -> list[Fault]:
        """Exactly one thing is sought."""
        given = [name for name in SOUGHT if data.get(name) is not None]
        if len(given) == 1:
            return []
        return [Fault(given[1] if given else "order_no", f"give exactly one of {', '.join(SOUGHT)}")]

    @property
    def sought(self) -> tuple[str, str]:
        """(what, its value)."""
        return next((name, value) for name in SOUGHT if (value := getattr(self, name)) is not None)

"""Orders at the points where the desks meet them."""

from __future__ import annotations

from typing import Any

from tests.api.caller import Caller, paid
from tests.api.test_commands import in_review
from tests.api.test_providers import pick_and_pack
from tests.api.test_warehouse import to_pick
from tests.console.conftest import Shop


def waiting_for_review(shop: Shop) -> str:
    """An order that a person must look at; its number."""
    return shop.run(in_review)


def waiting_for_a_picker(shop: Shop, **changes: Any) -> tuple[str, dict[str, Any]]:
    """An order with its one open pick task."""
    return shop.run(lambda caller: to_pick(caller, **changes))


def packed(shop: Shop) -> str:
    """An order whose parcel is booked and has its label; its number."""

    async def work(caller: Caller) -> str:
        number, task = await to_pick(caller)
        await pick_and_pack(caller, number)
        await caller.until(number, "packed")
        label = f"/v1/parcels/{task['parcel_no']}/label.pdf"
        await caller.eventually(lambda: caller.get(label, "warehouse"))
        return number

    return shop.run(work)


__all__ = ["packed", "paid", "waiting_for_a_picker", "waiting_for_review"]

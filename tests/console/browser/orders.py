"""Orders at the points where the desks meet them."""

from __future__ import annotations

import itertools
from typing import Any

from tests.api.caller import Caller, an_order, order_no, paid
from tests.api.test_providers import pick_and_pack
from tests.api.test_warehouse import to_pick
from tests.console.browser.conftest import Shop

_NUMBERS = itertools.count(10_000_001)


def a_buyer() -> dict[str, str]:
    """An invented buyer of whom nothing is known yet."""
    number = next(_NUMBERS)
    return {"buyer__phone": f"138{number:08d}", "buyer__account": f"Invented-Buyer-{number}"}


def waiting_for_review(shop: Shop, **changes: Any) -> str:
    """An order that a person must look at, for it is large and its buyer's first (R6); its number."""

    async def place(caller: Caller) -> str:
        order = an_order(lines__0__unit_price=1_000_000, **a_buyer() | changes)
        order["total"] = 2 * 1_000_000 - 100 + 5_000 + 1_000 + 200 - 300
        await caller.place(order)
        await caller.stripe(paid(order_no(order), order["total"], order["payment"]["reference"]))
        await caller.until(order_no(order), "manual_review")
        return order_no(order)

    return shop.run(place)


def waiting_for_a_picker(shop: Shop, **changes: Any) -> tuple[str, dict[str, Any]]:
    """An order with its one open pick task."""
    return shop.run(lambda caller: to_pick(caller, **a_buyer(), **changes))


def packed(shop: Shop, **changes: Any) -> str:
    """An order whose parcel is booked and has its label; its number."""

    async def work(caller: Caller) -> str:
        number, task = await to_pick(caller, **a_buyer() | changes)
        await pick_and_pack(caller, number)
        await caller.until(number, "packed")
        label = f"/v1/parcels/{task['parcel_no']}/label.pdf"
        await caller.eventually(lambda: caller.get(label, "warehouse"))
        return number

    return shop.run(work)

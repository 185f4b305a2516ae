"""What several recorded paths have in common."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from temporalio.client import WorkflowHandle

from tests.replay import golden
from tests.workflows.shop import Handle, Shop
from tests.workflows.test_review import DOUBTFUL

SECOND = timedelta(seconds=1)
LINE = {"line_no": 1, "quantity": 1, "unit_price": 19_900}
SEVERAL = ({"line_no": 1, "sku": "TEA", "quantity": 11, "unit_price": 100},)


async def keep(name: str, handle: WorkflowHandle[Any, Any]) -> None:
    """Keep the run this handle names, or the newest."""
    golden.keep(name, await handle.fetch_history())


async def in_review(shop: Shop) -> Handle:
    """A paid order whose address the rules doubt."""
    handle = await shop.place(person=DOUBTFUL)
    await shop.pay(handle)
    await shop.reaches(handle, "manual_review")
    return handle


async def live_on_to_the_archive(shop: Shop, handle: Handle) -> None:
    """From approval to the archive, with nothing unusual on the way."""
    await shop.ship(handle)
    await shop.sign(handle)
    await shop.forward_to(handle, "T9", SECOND)
    assert await handle.result() == "archived"


async def act(shop: Shop, handle: Handle, wanted: str) -> dict[str, Any] | None:
    """Whether this act is on the order's record."""
    return {"act": wanted} if wanted in await shop.acts(handle) else None

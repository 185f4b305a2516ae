"""Reviews of rights at the point where the desk meets them, one month after the other."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

from domain.permissions import Role
from store import rights_reviews
from tests.api.caller import Caller
from tests.api.staff import an_account
from tests.console.browser.conftest import Shop

_YEARS = itertools.count(2031)


def a_review(shop: Shop, *roles: Role) -> tuple[str, list[str]]:
    """The month of a review that has just begun, and the accounts opened for it, one of each role."""
    month = f"{next(_YEARS)}-01"

    async def begin(caller: Caller) -> list[str]:
        opened = [await an_account(caller, role) for role in roles]
        async with caller.pool.connection() as conn:
            await rights_reviews.open_review(conn, month, at=datetime.now(UTC), workflow_id=f"invented-{month}")
        return [staff_id for staff_id, _ in opened]

    return month, shop.run(begin)

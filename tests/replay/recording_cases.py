"""Cases and returns, each lived once and kept; run by ``tests.replay.record``.

Each function asserts how its path ended: a history is worth keeping only if it is what its name says.
"""

from __future__ import annotations

from domain.case_shapes import CaseKind, Settlement
from domain.returns import Grade, Wish
from models import workflow_names as names
from models.cases import ClaimCase, CloseCase, SettleCase
from models.returns import DecideReturn
from tests.replay.living import keep
from tests.workflows.case_desk import CLOSE, MEET, SETTLE, CaseDesk
from tests.workflows.conftest import outside, outside_port, settings, shop
from tests.workflows.shop import SERVICE, Shop, order_no
from tests.workflows.test_cases import met
from tests.workflows.test_returns import DECIDE, INSPECT, back, found, opened, signed

# pytest finds fixtures by their names in this module.
__all__ = ["outside", "outside_port", "settings", "shop"]


async def record_case_complaint(shop: Shop) -> None:
    desk = CaseDesk(shop)
    case = await desk.open(CaseKind.COMPLAINT, order_no=order_no(await shop.place()))
    await desk.ask(case, names.CLAIM_CASE, ClaimCase(by=SERVICE, key="claim"))
    await desk.ask(case, MEET, met("answer"))
    settled = SettleCase(by=SERVICE, settlement=Settlement.RESOLVED, reason="agreed", key="settle")
    await desk.ask(case, SETTLE, settled)
    await desk.ask(case, CLOSE, CloseCase(by=SERVICE, key="close"))
    assert await case.result() == "resolved"
    await keep("case_complaint", case)


async def record_return_refunded(shop: Shop) -> None:
    desk, order = CaseDesk(shop), await signed(shop)
    case = await opened(desk, order)
    await back(desk, case)
    await desk.ask(case, INSPECT, found())
    assert await case.result() == "refund"
    await keep("return_refunded", case)


async def record_return_exchanged(shop: Shop) -> None:
    desk, order = CaseDesk(shop), await signed(shop)
    case = await opened(desk, order, wish=Wish.EXCHANGE)
    await back(desk, case)
    await desk.ask(case, INSPECT, found(Grade.SECOND))
    await desk.did(case, "case_replacement_ordered")
    await shop.ship(shop.replacement(order))
    await shop.sign(shop.replacement(order))
    assert await case.result() == "exchange"
    await keep("return_exchanged", case)
    await shop.forward_to(shop.replacement(order), "T9")
    assert await shop.replacement(order).result() == "archived"
    await keep("replacement_delivered", shop.replacement(order))


async def record_return_lapsed(shop: Shop) -> None:
    desk, order = CaseDesk(shop), await signed(shop)
    case = await opened(desk, order)
    await desk.ask(case, DECIDE, DecideReturn(by=SERVICE, accept=True, key="accept"))
    await desk.to(case, "T20")
    assert await case.result() == "lapsed"
    await keep("return_lapsed", case)

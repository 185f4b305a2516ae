"""Every kind of case through every settlement of its row, all at once in one shop, and then the audit (R9, R13 to R26).

The ways stand in a table beside domain.case_kinds: a settlement that is new there has to be lived here.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from domain.case_kinds import KINDS
from domain.case_shapes import CaseKind, Remedy, Settlement
from domain.returns import Grade
from models import workflow_names as names
from models.cases import CloseCase, MeetStage, SettleCase
from models.commands import Cancel, LineChange
from models.news import CarrierState, ShortPick
from models.order import Line
from models.returns import Pieces
from tests.workflows.auditor import books_agree
from tests.workflows.case_desk import CLOSE, MEET, SETTLE, Case, CaseDesk
from tests.workflows.shop import OPERATIONS, PICKER, SERVICE, Handle, Shop, number_of, order_no
from tests.workflows.test_refunds import FINANCE
from tests.workflows.test_returns import INSPECT, back, found, opened

_K, _S = CaseKind, Settlement
TOTAL, MISSING, CUP = 19_900, 15_000, 4_900
ONE_PIECE = (Pieces(line_no=1, quantity=1),)
AT_ONCE = 8
_SKUS = itertools.count(1)


@dataclass
class Scene:
    """One order of goods of its own, and the case that it came to."""

    shop: Shop
    desk: CaseDesk
    settlement: Settlement
    sku: str = field(default_factory=lambda: f"TEA-{next(_SKUS)}")

    async def placed(self) -> Handle:
        """A paid order of two goods in the warehouse."""
        for sku in (self.sku, f"CUP-{self.sku}"):
            await self.shop.stock_up(sku, 3)
        missing = Line(line_no=1, sku=self.sku, title="Tea", quantity=1, unit_price=MISSING)
        cup = Line(line_no=2, sku=f"CUP-{self.sku}", title="Cup", quantity=1, unit_price=CUP)
        order = await self.shop.place(lines=(missing, cup))
        await self.shop.pay(order)
        await self.shop.reaches(order, "picking")
        return order

    async def signed(self) -> Handle:
        """An order that its buyer has signed for."""
        order = await self.placed()
        await self.shop.ship(order)
        await self.shop.sign(order)
        return order


# --- how each kind comes to be ----------------------------------------------------------------


async def opened_by_hand(scene: Scene, kind: CaseKind) -> tuple[Handle | None, Case]:
    order = await scene.signed() if KINDS[kind].needs_order or KINDS[kind].stages[0].name == "answer" else None
    return order, await scene.desk.open(kind, order_no=order_no(order) if order else None)


async def parcel_in_trouble(scene: Scene, kind: CaseKind) -> tuple[Handle | None, Case]:
    order = await scene.placed()
    await scene.shop.ship(order)
    await scene.shop.carrier(order, CarrierState.PROBLEM)
    return order, await scene.desk.of(order_no(order), kind)


async def short_of_goods(scene: Scene, kind: CaseKind) -> tuple[Handle | None, Case]:
    order = await scene.placed()
    news = ShortPick(task_no=f"{order_no(order)}-T1", sku=scene.sku, missing=1, by=PICKER)
    await order.signal(names.SHORT_PICK, news)
    await scene.shop.reaches(order, "shortage")
    case = await scene.desk.of(order_no(order), kind)
    await scene.shop.shelve(scene.sku, 3 if scene.settlement is _S.TRY_AGAIN else 0)
    await scene.shop.stock_up(f"GREEN-{scene.sku}", 3)
    return order, case


async def refund_refused(scene: Scene, kind: CaseKind) -> tuple[Handle | None, Case]:
    order = await scene.placed()
    dispute = f"/control/stripe/payment_intents/pi_{number_of(order)}/dispute"
    await scene.shop.outside.post(dispute)
    await scene.shop.ask(order, names.CANCEL, Cancel(by=SERVICE, reason="buyer_changed_mind"))
    case = await scene.desk.of(order_no(order), kind)
    await scene.shop.outside.post(dispute, params={"won": True})
    return order, case


async def applied_for(scene: Scene, kind: CaseKind) -> tuple[Handle | None, Case]:
    order = await scene.signed()
    case = await opened(scene.desk, order)
    if scene.settlement is not _S.WITHDRAWN:
        await back(scene.desk, case)
        await scene.desk.ask(case, INSPECT, found(Grade.SECOND, passed=False))
    return order, case


COMES_ABOUT: Mapping[CaseKind, Callable[[Scene, CaseKind], Awaitable[tuple[Handle | None, Case]]]] = {
    _K.COMPLAINT: opened_by_hand,
    _K.MISTAKE: opened_by_hand,
    _K.CROSS_DEPARTMENT: opened_by_hand,
    _K.SIGNATURE_DISPUTE: opened_by_hand,
    _K.PARCEL_EXCEPTION: parcel_in_trouble,
    _K.SHORTAGE: short_of_goods,
    _K.PAYMENT_PROBLEM: refund_refused,
    _K.RETURN: applied_for,
}


# --- what the world does once it is settled ---------------------------------------------------


async def nothing(scene: Scene, order: Handle, case: Case) -> None:
    """Nobody has to do anything."""


async def the_new_goods_are_signed_for(scene: Scene, order: Handle, case: Case) -> None:
    await scene.desk.did(case, "case_replacement_ordered")
    again = scene.shop.replacement(order)
    await scene.shop.ship(again)
    await scene.shop.sign(again)


async def the_agreed_date_comes(scene: Scene, order: Handle, case: Case) -> None:
    await scene.shop.shelve(scene.sku, 3)
    await scene.desk.to(case, "T19")


@dataclass(frozen=True)
class Way:
    """What is said when settling, what the world then does, what goes back (minor units), how the order stands."""

    said: Mapping[str, Any] = field(default_factory=dict)
    then: Callable[[Scene, Handle, Case], Awaitable[None]] = nothing
    refunded: int = 0
    order: str = "signed"


AMOUNT = {"amount": 1_000}
REFUND = Way(refunded=TOTAL)
RESHIP = Way(then=the_new_goods_are_signed_for)
COUPON, COMPENSATION = Way(AMOUNT), Way(AMOUNT, refunded=1_000)
ON_ITS_WAY = Way(order="shipped")
DATE = {"until": timedelta(days=5)}
GREEN = {"line_no": 1, "unit_price": 12_000}

WAYS: Mapping[CaseKind, Mapping[Settlement, Way]] = {
    _K.COMPLAINT: {_S.RESOLVED: Way(), _S.UNFOUNDED: Way(), _S.COUPON: COUPON, _S.COMPENSATION: COMPENSATION},
    _K.MISTAKE: {
        _S.RESHIP: Way({"lines": ONE_PIECE}, then=the_new_goods_are_signed_for),
        _S.COUPON: COUPON,
        _S.REFUND: Way({"lines": ONE_PIECE}, refunded=MISSING),
        _S.RESOLVED: Way(),
    },
    _K.CROSS_DEPARTMENT: {_S.RESOLVED: Way()},
    _K.SIGNATURE_DISPUTE: {_S.RESHIP: RESHIP, _S.REFUND: REFUND, _S.COMPENSATION: COMPENSATION},
    _K.PARCEL_EXCEPTION: {
        _S.FORWARD: ON_ITS_WAY,
        _S.SELF_PICKUP: ON_ITS_WAY,
        _S.DELIVERED_AFTER_ALL: ON_ITS_WAY,
        _S.REFUND: Way(refunded=TOTAL, order="shipped"),
        _S.RESHIP: Way(then=the_new_goods_are_signed_for, order="shipped"),
    },
    _K.SHORTAGE: {
        _S.TRY_AGAIN: Way(order="picking"),
        _S.SUBSTITUTE: Way({"changes": [GREEN]}, refunded=3_000, order="picking"),
        _S.REFUND_LINES: Way({"changes": [LineChange(line_no=1)]}, refunded=MISSING, order="picking"),
        _S.DELAY_TO: Way(DATE, then=the_agreed_date_comes, order="picking"),
        _S.SHIP_REST: Way(DATE, then=the_agreed_date_comes, order="picking"),
        _S.CANCEL_ALL: Way(refunded=TOTAL, order="cancelled"),
    },
    _K.PAYMENT_PROBLEM: {
        _S.RETRY: Way(refunded=TOTAL, order="cancelled"),
        _S.REFUNDED_ELSEWHERE: Way({"reference": "ICBC 20300102-0042"}, refunded=TOTAL, order="cancelled"),
    },
    _K.RETURN: {
        _S.REFUND: Way(refunded=MISSING),
        _S.EXCHANGE: RESHIP,
        _S.DECLINED: Way(),
        _S.WITHDRAWN: Way(),
    },
}


def test_every_settlement_of_the_table_of_kinds_has_a_way() -> None:
    assert {kind: set(ways) for kind, ways in WAYS.items()} == {
        kind: set(row.settlements) for kind, row in KINDS.items()
    }


async def test_every_kind_is_settled_in_every_way_at_once_and_the_books_agree(shop: Shop) -> None:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(kind: CaseKind, settlement: Settlement, way: Way) -> None:
        async with gate:
            try:
                await lived(Scene(shop, CaseDesk(shop), settlement), kind, way)
            except BaseException as error:
                error.add_note(f"in a {kind} settled by {settlement}")
                raise

    async with asyncio.TaskGroup() as all_of_them:
        for kind, ways in WAYS.items():
            for settlement, way in ways.items():
                all_of_them.create_task(one(kind, settlement, way))
    await books_agree(shop)


async def lived(scene: Scene, kind: CaseKind, way: Way) -> None:
    """One case from its opening to its close, and what became of its order."""
    order, case = await COMES_ABOUT[kind](scene, kind)
    for stage in KINDS[kind].stages:
        if stage.by_hand:
            await scene.desk.ask(case, MEET, MeetStage(by=OPERATIONS, stage=stage.name, reason="done_so"))
    await scene.desk.ask(case, SETTLE, await settling(scene, kind, way, case))
    if order is not None:
        await way.then(scene, order, case)
    if not closes_by_itself(kind, KINDS[kind].settlements[scene.settlement]):
        await closed_by_hand(scene, kind, case)
    assert await case.result() == scene.settlement
    assert "running" not in (await scene.desk.states(case)).values()
    if order is not None:
        await scene.shop.reaches(order, way.order)
        await money_goes_back(scene, order, way.refunded)
        await scene.shop.at_rest(order)


async def settling(scene: Scene, kind: CaseKind, way: Way, case: Case) -> SettleCase:
    """The command, with a date from the case's own time, and goods of this scene."""
    said = dict(way.said)
    if "until" in said:
        said["until"] += await scene.desk.now(case)
    if said.get("changes") == [GREEN]:
        said["changes"] = [GREEN | {"sku": f"GREEN-{scene.sku}"}]
    by = FINANCE if kind is _K.PAYMENT_PROBLEM else SERVICE
    return SettleCase.model_validate({"by": by, "settlement": scene.settlement, "reason": "agreed", **said})


def closes_by_itself(kind: CaseKind, remedy: Remedy) -> bool:
    """What the order or the case carries out closes the case, unless a review has to be written (R24)."""
    carried_out = any(what is not None for what in (remedy.asks, remedy.then, remedy.does))
    return kind is _K.RETURN or (carried_out and not KINDS[kind].reviewed)


async def closed_by_hand(scene: Scene, kind: CaseKind, case: Case) -> None:
    """People close what they settled, once its remedy is done."""
    if KINDS[kind].settlements[scene.settlement].does is not None:
        await scene.desk.did(case, "case_remedy_done")
    written = {"cause_id": "nt_1", "prevention_id": "nt_2"} if KINDS[kind].reviewed else {}
    await scene.desk.ask(case, CLOSE, CloseCase(by=SERVICE, **written))


async def money_goes_back(scene: Scene, order: Handle, amount: int) -> None:
    """The ledger and, but for what went by another road, the provider say so."""
    query = "SELECT 1 FROM payments WHERE order_no = %s AND refunded = %s AND refunding = 0"
    await scene.shop.until(lambda: scene.shop.one(query, order_no(order), amount), bool)
    if scene.settlement is not _S.REFUNDED_ELSEWHERE:
        assert sum(one["amount"] for one in (await scene.shop.bank(order))["refunds"]) == amount

"""A shortage settled by substitute, refund of lines, or shipping what is there (R9): goods, money, and the order."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.case_shapes import CaseKind, Settlement
from domain.money import PaymentMethod
from models import workflow_names as names
from models.cases import SettleCase
from models.commands import Cancel, LineChange
from models.news import CarrierState, ShortPick
from models.order import Line
from tests.workflows.case_desk import SETTLE, Case, CaseDesk
from tests.workflows.shop import PICKER, SERVICE, Handle, Shop, order_no
from tests.workflows.test_parcels import carrier, packed, parcels

TEA = Line(line_no=1, sku="TEA", title="Tea", quantity=1, unit_price=15_000)
CUP = Line(line_no=2, sku="CUP", title="Cup", quantity=1, unit_price=4_900)


@pytest.fixture
def desk(shop: Shop) -> CaseDesk:
    """The desk of cases."""
    return CaseDesk(shop)


def settled(settlement: Settlement, *changes: LineChange, **rest: object) -> SettleCase:
    """A settlement by customer service."""
    given = {"by": SERVICE, "settlement": settlement, "reason": "buyer_agreed", "changes": changes, **rest}
    return SettleCase.model_validate(given)


async def short_of_tea(shop: Shop, desk: CaseDesk) -> tuple[Handle, Case]:
    """An order for a TEA and a CUP whose picker found no TEA; there is none anywhere then."""
    await shop.stock_up("CUP", 5)
    order = await shop.place(lines=(TEA, CUP))
    await shop.pay(order)
    await shop.reaches(order, "picking")
    news = ShortPick(task_no=f"{order_no(order)}-T1", sku="TEA", missing=1, by=PICKER)
    await order.signal(names.SHORT_PICK, news)
    await shop.reaches(order, "shortage")
    await shelf(shop, 0)
    return order, await desk.of(order_no(order), CaseKind.SHORTAGE)


async def shelf(shop: Shop, pieces: int) -> None:
    """So many free pieces of TEA are there."""
    async with shop.pool.connection() as conn:
        await conn.execute("UPDATE stock_items SET on_hand = reserved + %s WHERE sku = 'TEA'", [pieces])


async def lines(shop: Shop, order: Handle) -> list[tuple[int, str, int]]:
    rows = await shop.all("SELECT * FROM order_lines WHERE order_no = %s ORDER BY line_no", order_no(order))
    return [(row["line_no"], row["sku"], row["quantity"]) for row in rows]


async def refunded(shop: Shop, order: Handle, amount: int) -> None:
    """Wait until the ledger says so; the provider must say the same."""
    query = "SELECT * FROM payments WHERE order_no = %s"
    await shop.until(lambda: shop.one(query, order_no(order)), lambda row: bool(row and row["refunded"] == amount))
    assert sum(one["amount"] for one in (await shop.bank(order))["refunds"]) == amount


async def released_again(shop: Shop, order: Handle) -> str:
    """The parcel in which what is there goes on: it stands a moment after the order is in picking again."""
    await shop.reaches(order, "picking")
    before = f"{order_no(order)}-P1"
    found = await shop.until(lambda: parcels(shop, order), lambda rows: bool(rows) and rows[-1]["parcel_no"] != before)
    newest: str = found[-1]["parcel_no"]
    return newest


async def test_missing_lines_are_refunded_and_the_rest_goes_on(desk: CaseDesk, shop: Shop) -> None:
    order, case = await short_of_tea(shop, desk)
    assert await desk.refused(case, SETTLE, settled(Settlement.REFUND_LINES)) == "NoSuchSettlement"
    await desk.ask(case, SETTLE, settled(Settlement.REFUND_LINES, LineChange(line_no=1)))
    assert await case.result() == "refund_lines"
    await refunded(shop, order, 15_000)
    assert await lines(shop, order) == [(2, "CUP", 1)]
    row = await shop.row(order)
    assert row is not None
    assert row["total"] == 4_900
    parcel = await released_again(shop, order)
    await packed(order, parcel)
    await shop.at_rest(order)
    await carrier(shop, order, parcel, CarrierState.SIGNED)
    await shop.reaches(order, "signed")
    assert (await shop.stock("TEA"), await shop.stock("CUP")) == ((0, 0), (4, 0))
    assert await shop.money(order) == (19_900, 15_000)


async def test_a_cheaper_substitute_ships_and_the_difference_goes_back(desk: CaseDesk, shop: Shop) -> None:
    order, case = await short_of_tea(shop, desk)
    await shop.stock_up("GREEN", 5)
    green = LineChange(line_no=1, sku="GREEN", title="Green tea", unit_price=12_000)
    await desk.ask(case, SETTLE, settled(Settlement.SUBSTITUTE, green))
    assert await case.result() == "substitute"
    await refunded(shop, order, 3_000)
    assert await lines(shop, order) == [(2, "CUP", 1), (3, "GREEN", 1)]
    await shop.reaches(order, "picking")
    assert (await shop.stock("GREEN"), await shop.stock("CUP")) == ((5, 1), (5, 1))


async def test_a_dearer_substitute_is_refused_until_it_is_paid_or_waived(desk: CaseDesk, shop: Shop) -> None:
    order, case = await short_of_tea(shop, desk)
    await shop.stock_up("GOLD", 5)
    gold = LineChange(line_no=1, sku="GOLD", unit_price=20_000)
    await desk.ask(case, SETTLE, settled(Settlement.SUBSTITUTE, gold))
    await desk.did(case, "case_settlement_failed")
    await desk.stands(case, "opened")
    assert await lines(shop, order) == [(1, "TEA", 1), (2, "CUP", 1)]
    assert await shop.stock("GOLD") == (5, 0)
    await desk.ask(case, SETTLE, settled(Settlement.SUBSTITUTE, gold, waive_difference=True))
    assert await case.result() == "substitute"
    await shop.reaches(order, "picking")
    row = await shop.row(order)
    assert row is not None
    assert (row["total"], await shop.money(order)) == (19_900, (19_900, 0))


async def test_a_substitute_that_is_not_there_changes_nothing(desk: CaseDesk, shop: Shop) -> None:
    order, case = await short_of_tea(shop, desk)
    await shop.stock_up("GREEN", 1)
    two = LineChange(line_no=1, sku="GREEN", quantity=2, unit_price=7_500)
    await desk.ask(case, SETTLE, settled(Settlement.SUBSTITUTE, two))
    await desk.did(case, "case_settlement_failed")
    assert await lines(shop, order) == [(1, "TEA", 1), (2, "CUP", 1)]
    assert "lines_amended" not in await shop.acts(order)
    assert (await shop.stock("GREEN"), await shop.stock("CUP")) == ((1, 0), (5, 0))


async def test_what_is_there_ships_now_and_the_rest_at_the_agreed_date(desk: CaseDesk, shop: Shop) -> None:
    order, case = await short_of_tea(shop, desk)
    date = await desk.now(case) + timedelta(days=5)
    await desk.ask(case, SETTLE, settled(Settlement.SHIP_REST, until=date))
    beside = await desk.of(order_no(order), CaseKind.CROSS_DEPARTMENT)
    assert (await desk.states(beside))["T15"] == "running"
    await shop.reaches(order, "picking")
    (first,) = [row["parcel_no"] for row in await parcels(shop, order)][-1:]
    await packed(order, first)
    await shop.at_rest(order)
    await carrier(shop, order, first, CarrierState.PICKED_UP)
    await shop.reaches(order, "partly_shipped")
    await carrier(shop, order, first, CarrierState.SIGNED)
    await shop.did(order, "parcel_signed")
    await shop.reaches(order, "partly_shipped")
    await shelf(shop, 3)
    await desk.to(case, "T19", timedelta(seconds=1))
    assert await case.result() == "ship_rest"
    await shop.did(order, "more_released_to_warehouse")
    second = (await parcels(shop, order))[-1]["parcel_no"]
    assert second != first
    await packed(order, second)
    await shop.at_rest(order)
    await carrier(shop, order, second, CarrierState.PICKED_UP)
    await shop.reaches(order, "partly_signed")
    await carrier(shop, order, second, CarrierState.SIGNED)
    await shop.reaches(order, "signed")
    assert (await shop.stock("TEA"), await shop.stock("CUP")) == ((2, 0), (4, 0))
    assert await shop.money(order) == (19_900, 0)


async def test_what_was_to_ship_later_is_refunded_when_it_does_not_come(desk: CaseDesk, shop: Shop) -> None:
    order, case = await short_of_tea(shop, desk)
    date = await desk.now(case) + timedelta(days=5)
    await desk.ask(case, SETTLE, settled(Settlement.SHIP_REST, until=date))
    first = await released_again(shop, order)
    await packed(order, first)
    await shop.at_rest(order)
    await carrier(shop, order, first, CarrierState.PICKED_UP)
    await shop.reaches(order, "partly_shipped")
    await desk.to(case, "T19", timedelta(seconds=1))
    await desk.did(case, "case_settlement_failed")
    await desk.ask(case, SETTLE, settled(Settlement.CANCEL_ALL))
    await desk.stands(case, "opened")
    gone = LineChange(line_no=2)
    await desk.ask(case, SETTLE, settled(Settlement.REFUND_LINES, gone))
    await desk.stands(case, "opened")
    assert await lines(shop, order) == [(1, "TEA", 1), (2, "CUP", 1)], "the cup has left already"
    await desk.ask(case, SETTLE, settled(Settlement.REFUND_LINES, LineChange(line_no=1)))
    assert await case.result() == "refund_lines"
    await shop.reaches(order, "shipped")
    await refunded(shop, order, 15_000)
    await carrier(shop, order, first, CarrierState.SIGNED)
    await shop.reaches(order, "signed")
    assert (await shop.stock("TEA"), await shop.stock("CUP")) == ((0, 0), (4, 0))


async def test_an_order_that_waits_for_its_rest_can_still_be_cancelled_before_anything_left(
    desk: CaseDesk, shop: Shop
) -> None:
    order, case = await short_of_tea(shop, desk)
    date = await desk.now(case) + timedelta(days=5)
    await desk.ask(case, SETTLE, settled(Settlement.SHIP_REST, until=date))
    await shop.reaches(order, "picking")
    await shop.ask(order, names.CANCEL, Cancel(by=SERVICE, reason="buyer_asked"))
    assert await order.result() == "cancelled"
    assert await case.result() == "overtaken"
    assert await shop.money(order) == (19_900, 19_900)
    assert await shop.stock("CUP") == (5, 0)


async def test_paid_at_the_door_each_shipment_collects_its_own_and_both_make_the_total(
    desk: CaseDesk, shop: Shop
) -> None:
    await shop.stock_up("CUP", 5)
    order = await shop.place(
        lines=(TEA, CUP), shipping=1_000, total=20_900,
        payment_method=PaymentMethod.CASH_ON_DELIVERY, payment_provider=None, payment_reference=None,
    )  # fmt: skip
    await shop.reaches(order, "picking")
    await order.signal(names.SHORT_PICK, ShortPick(task_no=f"{order_no(order)}-T1", sku="TEA", missing=1, by=PICKER))
    await shop.reaches(order, "shortage")
    await shelf(shop, 0)
    case = await desk.of(order_no(order), CaseKind.SHORTAGE)
    date = await desk.now(case) + timedelta(days=5)
    await desk.ask(case, SETTLE, settled(Settlement.SHIP_REST, until=date))
    first = await released_again(shop, order)
    await packed(order, first)
    await shop.at_rest(order)
    await carrier(shop, order, first, CarrierState.SIGNED)
    await shop.did(order, "parcel_signed")
    assert await shop.money(order) == (5_900, 0), "the cup and the shipping"
    await shelf(shop, 1)
    await desk.to(case, "T19", timedelta(seconds=1))
    await shop.did(order, "more_released_to_warehouse")
    second = (await parcels(shop, order))[-1]["parcel_no"]
    await packed(order, second)
    await shop.at_rest(order)
    await carrier(shop, order, second, CarrierState.SIGNED)
    await shop.reaches(order, "signed")
    assert await shop.money(order) == (20_900, 0)
    assert [row["collect_minor"] for row in await parcels(shop, order)] == [5_900, 15_000]
    told = (await shop.outside.get("/control/kuaidi100/parcels")).json()
    assert sorted(one["collection"] for one in told) == ["150.00", "59.00"]


async def test_many_orders_short_of_one_sku_are_one_problem_of_all_departments(desk: CaseDesk, shop: Shop) -> None:
    wanted = shop.settings.shortage_orders_per_sku
    orders = [await shop.place() for _ in range(wanted + 1)]
    for order in orders:
        await shop.pay(order)
    cases = []
    for number, order in enumerate(orders, start=1):
        await shop.reaches(order, "picking")
        news = ShortPick(task_no=f"{order_no(order)}-T1", sku="TEA", missing=1, by=PICKER)
        await order.signal(names.SHORT_PICK, news)
        cases.append(await desk.of(order_no(order), CaseKind.SHORTAGE))
        if number < wanted:
            await shop.at_rest(order)
            assert await shop.one("SELECT 1 FROM cases WHERE kind = 'cross_department'") is None
    for case in cases[wanted - 1 :]:
        await desk.did(case, "case_departments_involved")
    problem = desk.handle("STOCK-TEA-1")
    row = await desk.stands(problem, "opened")
    assert (row["subject"], row["order_no"], row["department"]) == ("TEA", None, "operations")
    assert await desk.states(problem) == {"T15": "running"}
    date = await desk.now(cases[0]) + timedelta(days=5)
    await desk.ask(cases[0], SETTLE, settled(Settlement.DELAY_TO, until=date))
    await desk.did(cases[0], "case_departments_involved")
    assert len(await shop.all("SELECT 1 FROM cases WHERE kind = 'cross_department'")) == 1

"""Ways out of trouble, each lived once and kept: refunds, shortages, parcels; run by ``tests.replay.record``.

Each function asserts how its path ended: a history is worth keeping only if it is what its name says.
"""

from __future__ import annotations

from datetime import timedelta

import httpx
from temporalio.testing import TimeSkipper

from domain.case_shapes import CaseKind, Settlement
from domain.holds import HoldClocks
from models import workflow_names as names
from models.cases import CloseCase, RaiseCase
from models.commands import ApproveRefund, Cancel, ChooseCarrier, Hold, LineChange, RefundOrder, Unhold
from models.news import CarrierState
from runtime.settings import Settings
from store.pool import Pool
from tests.replay.living import SECOND, keep
from tests.workflows.case_desk import CLOSE, LOGISTICS, MEET, SETTLE, Case, CaseDesk
from tests.workflows.clock_table import of_case
from tests.workflows.conftest import impatient_server, impatient_shop, outside, outside_port, settings, shop
from tests.workflows.later_run import force
from tests.workflows.shop import OPERATIONS, SERVICE, Handle, Shop, number_of, order_no
from tests.workflows.test_cases import met
from tests.workflows.test_parcels import carrier, packed, parcels, two_parcels
from tests.workflows.test_refunds import FINANCE, given_back, overtaken, paid, refund, sent_back, settle
from tests.workflows.test_shortages import settled, shelf, short_of_tea
from tests.workflows.workers import working

# pytest finds fixtures by their names in this module.
__all__ = ["impatient_server", "impatient_shop", "outside", "outside_port", "settings", "shop"]


async def record_refund_with_four_eyes(shop: Shop) -> None:
    handle = await shop.place(total=150_000)
    await shop.pay(handle, 150_000)
    await shop.reaches(handle, "picking")
    await shop.ask(handle, names.REFUND, RefundOrder(by=OPERATIONS, reason="late", key="refund"))
    wanted = (await refund(shop, handle))["refund_id"]
    await shop.ask(handle, names.APPROVE_REFUND, ApproveRefund(by=FINANCE, refund_id=wanted, key="yes"))
    await given_back(shop, handle, 150_000)
    await shop.ask(handle, names.CANCEL, Cancel(by=SERVICE, reason="buyer_changed_mind", key="cancel"))
    assert await handle.result() == "cancelled"
    assert await shop.money(handle) == (150_000, 150_000)
    await keep("refund_with_four_eyes", handle)


async def record_refunded_elsewhere(shop: Shop) -> None:
    handle = await shop.place()
    await shop.pay(handle)
    await shop.reaches(handle, "picking")
    await shop.outside.post(f"/control/stripe/payment_intents/pi_{number_of(handle)}/dispute")
    await shop.ask(handle, names.CANCEL, Cancel(by=SERVICE, reason="buyer_changed_mind", key="cancel"))
    await shop.did(handle, "refund_failed")
    await settle(shop, handle, settlement="refunded_elsewhere", reference="ICBC 20300102-0042")
    assert await handle.result() == "cancelled"
    assert await shop.money(handle) == (19_900, 19_900)
    await keep("refunded_elsewhere", handle)
    await keep("case_payment_problem", await CaseDesk(shop).of(order_no(handle), CaseKind.PAYMENT_PROBLEM))


async def record_refund_came_back(shop: Shop) -> None:
    handle = await paid(shop)
    await shop.ask(handle, names.REFUND, RefundOrder(by=SERVICE, reason="broken", key="a", amount=700))
    await given_back(shop, handle, 700)
    await shop.at_rest(handle)
    back = await sent_back(shop, handle)
    await shop.outside.post(f"/control/stripe/refunds/{back.refund_reference}/fail")
    await handle.signal(names.PAYMENT, back)
    await settled_at_last(shop, handle)
    await keep("refund_came_back", handle)


async def record_refund_came_back_before_done(
    settings: Settings, time_skipper: TimeSkipper, pool: Pool, outside: httpx.AsyncClient
) -> None:
    shop = Shop(time_skipper, pool, outside, settings)
    handle = await overtaken(shop)
    async with working(shop):
        await settled_at_last(shop, handle)
        await keep("refund_came_back_before_done", handle)


async def settled_at_last(shop: Shop, handle: Handle) -> None:
    """Finance have the refund tried again; then the order ends, and all goes back."""
    await settle(shop, handle, settlement="retry")
    await given_back(shop, handle, 700)
    await shop.ask(handle, names.CANCEL, Cancel(by=SERVICE, reason="buyer_changed_mind", key="cancel"))
    assert await handle.result() == "cancelled"
    assert await shop.money(handle) == (25_000, 25_000)


async def record_shipped_in_two_parcels(shop: Shop) -> None:
    handle = await two_parcels(shop)
    first, second = [row["parcel_no"] for row in await parcels(shop, handle)]
    chosen = ChooseCarrier(by=LOGISTICS, parcel_no=first, carrier="SF", reason="their van is here", key="choose")
    await shop.ask(handle, names.CHOOSE_CARRIER, chosen)
    for state in (None, CarrierState.PICKED_UP, CarrierState.SIGNED):
        for parcel in (first, second):
            await (carrier(shop, handle, parcel, state) if state else packed(handle, parcel))
    await shop.reaches(handle, "signed")
    await shop.forward_to(handle, "T9", SECOND)
    assert await handle.result() == "archived"
    assert {"partly_shipped", "partly_signed"} <= await stood_in(shop, number=order_no(handle))
    await keep("shipped_in_two_parcels", handle)


async def stood_in(shop: Shop, number: str) -> set[str]:
    """Every status that the channel was told of."""
    rows = await shop.all("SELECT body ->> 'status' AS status FROM notices WHERE order_no = %s", number)
    return {row["status"] for row in rows}


async def record_shortage_refunded(shop: Shop) -> None:
    handle, case = await short_of_tea(shop, CaseDesk(shop))
    gone = settled(Settlement.REFUND_LINES, LineChange(line_no=1), key="settle")
    await CaseDesk(shop).ask(case, SETTLE, gone)
    assert await case.result() == "refund_lines"
    await given_back(shop, handle, 15_000)
    await shop.ask(handle, names.CANCEL, Cancel(by=SERVICE, reason="buyer_changed_mind", key="cancel"))
    assert await handle.result() == "cancelled"
    await keep("shortage_refunded", handle)
    await keep("case_shortage_refunded", case)


async def record_rest_shipped_later(shop: Shop) -> None:
    desk = CaseDesk(shop)
    handle, case = await short_of_tea(shop, desk)
    date = await desk.now(case) + timedelta(days=5)
    await desk.ask(case, SETTLE, settled(Settlement.SHIP_REST, until=date, key="settle"))
    await shop.reaches(handle, "picking")
    first = (await parcels(shop, handle))[-1]["parcel_no"]
    await packed(handle, first)
    await carrier(shop, handle, first, CarrierState.SIGNED)
    await shop.did(handle, "parcel_signed")
    await shelf(shop, 3)
    await desk.to(case, "T19", SECOND)
    assert await case.result() == "ship_rest"
    await shop.did(handle, "more_released_to_warehouse")
    second = (await parcels(shop, handle))[-1]["parcel_no"]
    await packed(handle, second)
    await carrier(shop, handle, second, CarrierState.SIGNED)
    await shop.reaches(handle, "signed")
    await departments_agree(desk, await desk.of(order_no(handle), CaseKind.CROSS_DEPARTMENT))
    await shop.forward_to(handle, "T9", SECOND)
    assert await handle.result() == "archived"
    await keep("rest_shipped_later", handle)
    await keep("case_rest_shipped_at_t19", case)


async def record_silent_parcel(shop: Shop) -> None:
    desk, handle = CaseDesk(shop), await shop.place()
    await shop.pay(handle)
    await shop.ship(handle)
    await shop.forward_to(handle, "T6")
    case = await desk.of(order_no(handle), CaseKind.PARCEL_EXCEPTION)
    await desk.to(case, "T5", SECOND)
    await desk.did(case, "case_deadline_passed")
    await shop.sign(handle)
    assert await case.result() == "delivered_after_all"
    await shop.forward_to(handle, "T9", SECOND)
    assert await handle.result() == "archived"
    await keep("silent_parcel_that_arrived", handle)
    await keep("case_silent_parcel", case)


async def record_case_major_complaint(shop: Shop) -> None:
    desk, handle = CaseDesk(shop), await shop.place()
    case = await desk.open(CaseKind.COMPLAINT, order_no=order_no(handle))
    await shop.at_rest(handle)
    await shop.ask(handle, names.HOLD, Hold(by=OPERATIONS, reason="flood", clocks=HoldClocks.STOP, key="hold"))
    await desk.did(case, "case_clocks_stopped")
    await shop.skipper.fast_forward(case, timedelta(days=2))
    await shop.ask(handle, names.UNHOLD, Unhold(by=OPERATIONS, reason="dry", key="unhold"))
    await desk.did(case, "case_clocks_go_on")
    await desk.ask(case, names.RAISE_CASE, RaiseCase(by=LOGISTICS, reason="in_the_newspaper", key="raise"))
    await desk.to(case, "T11", SECOND)
    await desk.did(case, "case_deadline_passed")
    for stage in ("first_response", "plan"):
        await desk.ask(case, MEET, met(stage))
    await desk.ask(case, SETTLE, settled(Settlement.RESOLVED, key="settle"))
    await desk.ask(case, CLOSE, CloseCase(by=SERVICE, key="close"))
    assert await case.result() == "resolved"
    await keep("case_major_complaint", case)


async def record_case_in_two_runs(impatient_shop: Shop) -> None:
    shop, desk = impatient_shop, CaseDesk(impatient_shop)
    case = await desk.open(CaseKind.CROSS_DEPARTMENT)
    first = (await case.describe()).run_id
    await force(await of_case(desk, case))
    await desk.to(case, "T15", SECOND)
    await desk.did(case, "case_deadline_passed")
    await departments_agree(desk, case)
    for number, run_id in enumerate((first, (await case.describe()).run_id), start=1):
        await keep(f"case_in_two_runs_{number}", shop.skipper.client.get_workflow_handle(case.id, run_id=run_id))


async def departments_agree(desk: CaseDesk, case: Case) -> None:
    """A problem of all departments is met about, planned for and closed."""
    for stage in ("minutes", "plan"):
        await desk.ask(case, MEET, met(stage))
    await desk.ask(case, SETTLE, settled(Settlement.RESOLVED, key="settle"))
    await desk.ask(case, CLOSE, CloseCase(by=OPERATIONS, key="close"))
    assert await case.result() == "resolved"

"""From the warehouse to the archive (R8–R14, R18), and what may come in any order (accident 8)."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from models import workflow_names as names
from models.commands import Cancel, Hold
from models.news import CarrierState, ParcelPacked
from tests.workflows.shop import CHECKER, OPERATIONS, PICKER, SERVICE, Handle, Shop, order_no

SECOND = timedelta(seconds=1)


async def being_picked(shop: Shop) -> Handle:
    """A paid, approved order in the warehouse."""
    handle = await shop.place()
    await shop.pay(handle)
    await shop.reaches(handle, "picking")
    return handle


async def test_an_order_lives_from_payment_to_the_archive(shop: Shop) -> None:
    handle = await being_picked(shop)
    await shop.ship(handle)
    assert await shop.stock() == (9, 0), "what has left is neither on hand nor reserved"
    await shop.sign(handle)
    await shop.forward_to(handle, "T9", -SECOND)
    row = await shop.row(handle)
    assert row is not None
    assert row["status"] == "signed"
    await shop.forward_to(handle, "T9", SECOND)
    assert await handle.result() == "archived"
    row = await shop.row(handle)
    assert row is not None
    assert (row["status"], row["due_at"], row["waiting_for"]) == ("archived", None, "")
    assert await shop.all("SELECT 1 FROM deadlines WHERE state = 'running'") == []


async def test_rows_and_audit_carry_the_workflows_time(shop: Shop) -> None:
    handle = await being_picked(shop)
    await shop.ship(handle)
    await shop.sign(handle)
    await shop.forward_to(handle, "T9", SECOND)
    await handle.result()
    entries = await shop.all("SELECT act, at FROM audit_entries WHERE order_no = %s ORDER BY id", order_no(handle))
    assert entries[-1]["at"] - entries[0]["at"] > timedelta(days=7)
    assert [entry["at"] for entry in entries] == sorted(entry["at"] for entry in entries)


async def test_the_first_signature_counts_and_later_events_change_nothing(shop: Shop) -> None:
    handle = await being_picked(shop)
    await shop.ship(handle)
    await shop.sign(handle)
    due = await shop.due(handle, "T9")
    await shop.carrier(handle, CarrierState.SIGNED, event="again")
    await shop.carrier(handle, CarrierState.PROBLEM, event="late")
    await shop.ask(handle, names.HOLD, Hold(by=OPERATIONS, reason="the mail before it has been read"))
    assert await shop.due(handle, "T9") == due
    row = await shop.row(handle)
    assert row is not None
    assert row["status"] == "signed"


@pytest.mark.parametrize("order", list(itertools.permutations(["picked_up", "out_for_delivery", "signed"])))
async def test_carrier_events_in_any_order_end_the_same(shop: Shop, order: tuple[str, ...]) -> None:
    handle = await being_picked(shop)
    await shop.packed(handle)
    hours = {"picked_up": 1, "out_for_delivery": 2, "signed": 3}
    for state in order:
        await shop.carrier(handle, CarrierState(state), at=datetime.now(UTC) + timedelta(hours=hours[state]))
    await shop.reaches(handle, "signed")
    parcel = await shop.parcel(handle)
    assert parcel is not None
    assert parcel["state"] == "signed"
    assert await shop.stock() == (9, 0)


async def test_t6_passes_when_a_parcel_is_silent_and_every_event_starts_it_again(shop: Shop) -> None:
    handle = await being_picked(shop)
    await shop.ship(handle)
    first = await shop.due(handle, "T6")
    await shop.forward(handle, timedelta(hours=20))
    await shop.carrier(handle, CarrierState.IN_TRANSIT, at=datetime.now(UTC) + timedelta(hours=20))
    await shop.until(lambda: later_t6(shop, handle, first), lambda row: row is not None)
    await shop.forward_to(handle, "T6", SECOND)
    silent = "SELECT 1 FROM alerts WHERE order_no = %s AND department = 'logistics'"
    await shop.until(lambda: shop.one(silent, order_no(handle)), lambda row: row is not None)
    assert "parcel_silent" in await shop.acts(handle)


async def test_a_shipped_order_cannot_be_cancelled(shop: Shop) -> None:
    handle = await being_picked(shop)
    await shop.ship(handle)
    too_late = Cancel(by=SERVICE, reason="late")
    assert await shop.refused(handle, names.CANCEL, too_late) == "NotWaitingForThis"
    assert (await shop.bank(handle))["refunds"] == []
    assert await shop.money(handle) == (19_900, 0)


async def test_cancelling_while_being_picked_stops_the_picking_and_refunds(shop: Shop) -> None:
    handle = await being_picked(shop)
    await shop.ask(handle, names.CANCEL, Cancel(by=SERVICE, reason="buyer_changed_mind", key="once"))
    assert await handle.result() == "cancelled"
    tasks = await shop.all("SELECT state FROM pick_tasks WHERE order_no = %s", order_no(handle))
    assert [task["state"] for task in tasks] == ["cancelled"]
    assert await shop.money(handle) == (19_900, 19_900)
    assert await shop.stock() == (10, 0)


async def test_cancelling_a_packed_order_voids_its_booking(shop: Shop) -> None:
    handle = await being_picked(shop)
    await shop.packed(handle)
    await shop.until(lambda: shop.parcel(handle), lambda row: bool(row and row["tracking_no"]))
    await shop.ask(handle, names.CANCEL, Cancel(by=SERVICE, reason="buyer_changed_mind"))
    assert await handle.result() == "cancelled"
    parcels = (await shop.outside.get("/control/kuaidi100/parcels")).json()
    assert [parcel["void"] for parcel in parcels] == [True]
    assert await shop.stock() == (10, 0)


async def test_news_of_the_warehouse_that_comes_before_the_order_knows_of_its_tasks_is_not_lost(shop: Shop) -> None:
    handle = await shop.place()
    number = order_no(handle)
    packed = ParcelPacked(
        parcel_no=f"{number}-P1",
        task_no=f"{number}-T1",
        picker=PICKER,
        rechecker=CHECKER,
        packaging="standard",
        weight_g=700,
    )
    await handle.signal(names.PACKED, packed)
    await shop.pay(handle)
    await shop.reaches(handle, "packed")
    assert (await shop.acts(handle)).count("parcel_packed") == 1


async def test_the_same_command_twice_is_carried_out_once(shop: Shop) -> None:
    handle = await being_picked(shop)
    hold = Hold(by=OPERATIONS, reason="flood", key="hold-1")
    await shop.ask(handle, names.HOLD, hold)
    first = await shop.acts(handle)
    await shop.ask(handle, names.HOLD, hold)
    assert (await shop.acts(handle)) == first


async def later_t6(shop: Shop, handle: Handle, than: datetime) -> dict[str, object] | None:
    """T6, once it falls later than it did."""
    return await shop.one(
        "SELECT due_at FROM deadlines WHERE order_no = %s AND deadline = 'T6' AND due_at > %s", order_no(handle), than
    )

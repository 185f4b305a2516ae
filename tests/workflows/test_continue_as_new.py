"""A long life goes on in a new run: same state, same deadlines, handled keys remembered."""

from __future__ import annotations

from datetime import timedelta

from models import workflow_names as names
from models.commands import ChangeDeadline, Hold, Unhold
from tests.workflows.shop import OPERATIONS, Shop

SECOND = timedelta(seconds=1)


async def test_an_order_lives_on_through_continue_as_new(impatient_shop: Shop) -> None:
    shop = impatient_shop
    handle = await shop.place()
    first_run = (await handle.describe()).run_id
    due = await shop.due(handle, "T1")
    for number in range(4):
        await shop.ask(handle, names.HOLD, Hold(by=OPERATIONS, reason="flood", key=f"h{number}"))
        await shop.ask(handle, names.UNHOLD, Unhold(by=OPERATIONS, key=f"u{number}"))
    assert (await handle.describe()).run_id != first_run
    assert await shop.due(handle, "T1") == due, "the deadline is absolute and does not move"
    acts = await shop.acts(handle)
    await shop.ask(handle, names.HOLD, Hold(by=OPERATIONS, reason="flood", key="h0"))
    assert await shop.acts(handle) == acts, "a key handled in an earlier run is remembered"
    await shop.pay(handle)
    await shop.ship(handle)
    await shop.sign(handle)
    await shop.forward_to(handle, "T9", SECOND)
    assert await handle.result() == "archived"


async def test_t1_passes_at_its_instant_in_a_later_run(impatient_shop: Shop) -> None:
    shop = impatient_shop
    handle = await shop.place()
    first_run = (await handle.describe()).run_id
    for number in range(4):
        await shop.ask(handle, names.HOLD, Hold(by=OPERATIONS, reason="flood", key=f"h{number}"))
        await shop.ask(handle, names.UNHOLD, Unhold(by=OPERATIONS, key=f"u{number}"))
    assert (await handle.describe()).run_id != first_run
    await shop.forward_to(handle, "T1", -SECOND)
    row = await shop.row(handle)
    assert row is not None
    assert row["status"] == "awaiting_payment"
    await shop.forward_to(handle, "T1", SECOND)
    assert await handle.result() == "cancelled"


async def test_what_was_extended_and_what_stands_still_is_the_same_in_a_later_run(impatient_shop: Shop) -> None:
    shop = impatient_shop
    handle = await shop.place(promotion=True)
    first_run = (await handle.describe()).run_id
    later = ChangeDeadline(by=OPERATIONS, deadline="T1", extend_by=timedelta(hours=5), reason="bank_outage")
    await shop.ask(handle, names.CHANGE_DEADLINE, later)
    await shop.ask(handle, names.CHANGE_DEADLINE, later.model_copy(update={"deadline": "T2P", "extend_by": None}))
    due = await shop.due(handle, "T1")
    for number in range(4):
        await shop.ask(handle, names.HOLD, Hold(by=OPERATIONS, reason="flood", key=f"h{number}", clocks="stop"))
        await shop.ask(handle, names.UNHOLD, Unhold(by=OPERATIONS, key=f"u{number}"))
    assert (await handle.describe()).run_id != first_run
    assert timedelta(0) <= await shop.due(handle, "T1") - due < timedelta(seconds=10)
    await shop.forward(handle, timedelta(hours=1))
    assert await shop.stock() == (10, 1), "the waived T2P does not come back"
    await shop.forward_to(handle, "T1", -SECOND)
    row = await shop.row(handle)
    assert row is not None
    assert row["status"] == "awaiting_payment"
    await shop.forward_to(handle, "T1", SECOND)
    assert await handle.result() == "cancelled"

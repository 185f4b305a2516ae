"""The operations' hand (R22): a status adjusted or forced, with everything that belongs to it."""

from __future__ import annotations

from datetime import timedelta

from domain.money import PaymentMethod
from models import workflow_names as names
from models.base import Actor
from models.commands import AdjustStatus, Approve, ConsentForce, Hold
from models.news import CarrierState
from tests.workflows.shop import OPERATIONS, REVIEWER, Handle, Shop, order_no
from tests.workflows.test_review import in_review

SECOND = Actor(id="operations-2", role="operations")


def forced(to: str) -> AdjustStatus:
    return AdjustStatus(by=OPERATIONS, to=to, force=True, reason="carrier_lost_its_data")


async def force(shop: Shop, handle: Handle, to: str) -> None:
    """Two persons force the order."""
    await shop.ask(handle, names.ADJUST_STATUS, forced(to))
    await shop.ask(handle, names.CONSENT_FORCE, ConsentForce(by=SECOND, request="F1"))


async def booked(shop: Shop, handle: Handle) -> None:
    """Packed, with a waybill, and nothing heard of the carrier yet."""
    await shop.reaches(handle, "picking")
    await shop.packed(handle)
    await shop.until(lambda: shop.parcel(handle), lambda row: bool(row and row["tracking_no"]))
    await shop.until(lambda: shop.parcel(handle), lambda row: bool(row and row["state"] == "booked"))
    await shop.at_rest(handle)


async def test_an_adjustment_along_the_table_approves_as_a_reviewer_would(shop: Shop) -> None:
    handle = await in_review(shop)
    approved = AdjustStatus(by=OPERATIONS, to="approved")
    assert await shop.refused(handle, names.ADJUST_STATUS, approved) == "MissingReason"
    by_reviewer = approved.model_copy(update={"by": REVIEWER, "reason": "known_buyer"})
    assert await shop.refused(handle, names.ADJUST_STATUS, by_reviewer) == "NotAllowed"
    await shop.ask(handle, names.ADJUST_STATUS, approved.model_copy(update={"reason": "known_buyer"}))
    await shop.reaches(handle, "picking")
    row = await shop.one(
        "SELECT * FROM audit_entries WHERE order_no = %s AND act = 'status_adjusted'", order_no(handle)
    )
    assert row is not None
    assert (row["actor"], row["before"], row["after"], row["why"]) == (
        "operations-1", "manual_review", "approved", "known_buyer",
    )  # fmt: skip


async def test_a_forced_adjustment_needs_a_second_person_and_both_are_on_record(shop: Shop) -> None:
    handle = await shop.place()
    await shop.pay(handle)
    await shop.reaches(handle, "picking")
    back = forced("manual_review")
    assert await shop.refused(handle, names.ADJUST_STATUS, back.model_copy(update={"force": False})) == "ConsentNeeded"
    await shop.ask(handle, names.ADJUST_STATUS, back)
    await shop.reaches(handle, "picking")
    alone = ConsentForce(by=OPERATIONS, request="F1")
    assert await shop.refused(handle, names.CONSENT_FORCE, alone) == "SamePerson"
    unknown = ConsentForce(by=SECOND, request="F2")
    assert await shop.refused(handle, names.CONSENT_FORCE, unknown) == "NotWaitingForThis"
    await shop.ask(handle, names.CONSENT_FORCE, ConsentForce(by=SECOND, request="F1"))
    await shop.reaches(handle, "manual_review")
    row = await shop.one("SELECT * FROM audit_entries WHERE order_no = %s AND act = 'status_forced'", order_no(handle))
    assert row is not None
    assert (row["actor"], row["details"]["asked_by"], row["why"]) == (
        "operations-2", "operations-1", "carrier_lost_its_data",
    )  # fmt: skip
    assert await shop.stock() == (10, 0), "sent back, its goods are free again"
    await shop.due(handle, "T3")
    await shop.ask(handle, names.APPROVE, Approve(by=REVIEWER))
    await shop.reaches(handle, "picking")
    assert await shop.stock() == (10, 1)


async def test_who_asked_can_take_it_back_and_a_request_lapses_when_the_order_moves(shop: Shop) -> None:
    handle = await in_review(shop)
    await shop.ask(handle, names.ADJUST_STATUS, forced("intercepted"))
    await shop.ask(handle, names.CONSENT_FORCE, ConsentForce(by=OPERATIONS, request="F1", consent=False))
    assert await shop.refused(handle, names.CONSENT_FORCE, ConsentForce(by=SECOND, request="F1")) == "NotWaitingForThis"
    await shop.ask(handle, names.ADJUST_STATUS, forced("intercepted"))
    await shop.ask(handle, names.APPROVE, Approve(by=REVIEWER))
    assert await shop.refused(handle, names.CONSENT_FORCE, ConsentForce(by=SECOND, request="F2")) == "NotWaitingForThis"
    await shop.reaches(handle, "picking")


async def test_forced_interception_gives_goods_and_money_back(shop: Shop) -> None:
    handle = await shop.place()
    await shop.pay(handle)
    await shop.reaches(handle, "picking")
    await force(shop, handle, "intercepted")
    assert await handle.result() == "intercepted"
    assert await shop.money(handle) == (19_900, 19_900)
    assert await shop.stock() == (10, 0)


async def test_forced_signed_takes_the_goods_off_the_stock_collects_and_starts_t9(shop: Shop) -> None:
    handle = await shop.place(
        payment_method=PaymentMethod.CASH_ON_DELIVERY, payment_provider=None, payment_reference=None
    )
    await booked(shop, handle)
    await force(shop, handle, "signed")
    await shop.reaches(handle, "signed")
    assert await shop.stock() == (9, 0)
    assert await shop.money(handle) == (19_900, 0)
    await shop.forward_to(handle, "T9", timedelta(seconds=1))
    assert await handle.result() == "archived"


async def test_shipped_is_refused_while_a_parcel_has_no_waybill(shop: Shop) -> None:
    handle = await shop.place()
    await shop.pay(handle)
    await shop.reaches(handle, "picking")
    await shop.ask(handle, names.HOLD, Hold(by=OPERATIONS, reason="flood"))
    await shop.packed(handle)
    await shop.reaches(handle, "packed")
    by_hand = AdjustStatus(by=OPERATIONS, to="shipped", reason="handed_over")
    assert await shop.refused(handle, names.ADJUST_STATUS, by_hand) == "NotWhole"
    assert await shop.stock() == (10, 1)


async def test_a_parcel_that_is_out_forbids_cancelling_until_it_is_back(shop: Shop) -> None:
    handle = await shop.place()
    await shop.pay(handle)
    await shop.ship(handle)
    assert await shop.refused(handle, names.ADJUST_STATUS, forced("cancelled")) == "NotWhole"
    assert await shop.money(handle) == (19_900, 0)
    await shop.carrier(handle, CarrierState.RETURNED)
    await shop.did(handle, "parcel_returned")
    await force(shop, handle, "cancelled")
    assert await handle.result() == "cancelled"
    assert await shop.money(handle) == (19_900, 19_900)


async def test_the_return_window_is_closed_early_by_two_persons_only(shop: Shop) -> None:
    handle = await shop.place()
    await shop.pay(handle)
    await shop.ship(handle)
    await shop.sign(handle)
    archive = AdjustStatus(by=OPERATIONS, to="archived", reason="goods_replaced")
    assert await shop.refused(handle, names.ADJUST_STATUS, archive) == "ConsentNeeded"
    await force(shop, handle, "archived")
    assert await handle.result() == "archived"
    row = await shop.one("SELECT state FROM deadlines WHERE order_no = %s AND deadline = 'T9'", order_no(handle))
    assert row == {"state": "waived"}

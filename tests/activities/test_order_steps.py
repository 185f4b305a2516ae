"""The order's steps on a real database: each of them run twice has one effect (R2, R5, R23)."""

from __future__ import annotations

from typing import Any

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.order_steps import OrderSteps
from domain.order_status import OrderStatus
from domain.picking import Scan
from domain.review import Severity
from models.payments import BookPayment
from models.person import Address, Person
from models.steps import (
    Archive,
    CancelOrder,
    FindingMessage,
    GatherFacts,
    MoveParcel,
    OpenReview,
    RecordOrder,
    ReleaseStock,
    ReleaseToWarehouse,
    ReserveStock,
)
from runtime.crypto import Vault
from store import contacts, orders, parcels, pick_tasks, review
from store.pool import Connection
from tests.activities.conftest import BUYER, recorded
from tests.fixtures.orders import NOON, PICKER, a_capture, a_step, an_order, counter, stock_up, value

S = OrderStatus


async def test_an_order_is_recorded_and_its_stock_reserved_in_one_step(
    conn: Connection, hands: OrderSteps, env: ActivityEnvironment
) -> None:
    await stock_up(conn, "TEA", 5)
    request = RecordOrder(step=a_step("web-1", 1, "order_recorded"), order=an_order("web-1", ("TEA", 2)))
    first = await env.run(hands.record_order, request)
    assert await env.run(hands.record_order, request) == first
    assert (first.short, first.warehouses) == ((), ("SZ",))
    assert await counter(conn, "TEA") == (5, 2)
    row = await orders.row_of(conn, "web-1")
    assert (row["status"], row["step_seq"], row["waiting_for"]) == ("awaiting_payment", 1, "payment")


async def test_an_order_whose_goods_are_short_is_recorded_all_the_same(
    conn: Connection, hands: OrderSteps, env: ActivityEnvironment
) -> None:
    await stock_up(conn, "TEA", 1)
    request = RecordOrder(step=a_step("web-1", 1), order=an_order("web-1", ("TEA", 2)))
    answer = await env.run(hands.record_order, request)
    assert [(line.sku, line.wanted, line.available, line.known) for line in answer.short] == [("TEA", 2, 1, True)]
    assert await value(conn, "SELECT count(*) FROM orders") == 1
    assert await counter(conn, "TEA") == (1, 0)


async def test_released_stock_is_reserved_again(
    conn: Connection, hands: OrderSteps, vault: Vault, env: ActivityEnvironment
) -> None:
    await stock_up(conn, "TEA", 5)
    await recorded(hands, conn, vault, an_order("web-1", ("TEA", 2)))
    for _ in range(2):
        await env.run(hands.release_stock, ReleaseStock(step=a_step("web-1", 2, "promotion_hold_ended")))
    assert await counter(conn, "TEA") == (5, 0)
    answer = await env.run(hands.reserve_stock, ReserveStock(step=a_step("web-1", 3, "stock_tried_again")))
    assert not answer.short
    assert await counter(conn, "TEA") == (5, 2)


async def test_a_payment_is_booked_and_told_to_the_channel(
    conn: Connection, hands: OrderSteps, vault: Vault, env: ActivityEnvironment
) -> None:
    await recorded(hands, conn, vault, an_order())
    request = BookPayment(step=a_step("web-1", 2, "payment_captured"), news=a_capture("web-1", 1000))
    ledger = await env.run(hands.book_payment, request)
    assert await env.run(hands.book_payment, request) == ledger
    assert (ledger.captured, ledger.refunded, ledger.due, ledger.booked) == (1000, 0, 1000, True)
    assert await value(conn, "SELECT body ->> 'payment_status' FROM notices") == "paid"


async def test_the_facts_of_a_good_order_are_all_well(
    conn: Connection, hands: OrderSteps, vault: Vault, env: ActivityEnvironment
) -> None:
    await stock_up(conn, "TEA", 5)
    await recorded(hands, conn, vault, an_order())
    facts = await env.run(hands.gather_facts, GatherFacts(order_no="web-1"))
    assert facts.model_dump(exclude_defaults=True) == {}


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        (Person(), {"missing_fields": ("name", "phone", "address")}),
        (Person(name=" ", phone=BUYER.phone, address=BUYER.address), {"missing_fields": ("name",)}),
        (
            Person(name="甲", phone="12345", address=BUYER.address),
            {"phone_faults": ("phone is in no numbering plan",)},
        ),
        (
            Person(name="甲", phone=BUYER.phone, address=Address("CN", "廣東省", "上海市", "", "測試路 1 號", "")),
            {"address_faults": ("city is not in that region",)},
        ),
    ],
)
async def test_a_doubtful_person_is_told_by_verdicts_only(
    conn: Connection,
    hands: OrderSteps,
    vault: Vault,
    env: ActivityEnvironment,
    person: Person,
    expected: dict[str, Any],
) -> None:
    await recorded(hands, conn, vault, an_order(), person)
    facts = await env.run(hands.gather_facts, GatherFacts(order_no="web-1"))
    assert facts.model_dump(exclude_defaults=True) == expected


async def test_a_blacklisted_buyer_is_known_by_phone_account_and_address(
    conn: Connection, hands: OrderSteps, vault: Vault, env: ActivityEnvironment
) -> None:
    await recorded(hands, conn, vault, an_order())
    for kind, shown in (("phone", "+8613800138000"), ("account", " TEST-BUYER-1")):
        await conn.execute(
            "INSERT INTO blacklist (kind, value_index, reason, added_by, added_at) VALUES (%s, %s, 'x', 'y', %s)",
            (kind, vault.blind_index(kind, shown), NOON),
        )
    facts = await env.run(hands.gather_facts, GatherFacts(order_no="web-1"))
    assert facts.blacklisted == ("account", "phone")


async def test_a_blacklisting_that_has_expired_counts_no_more(
    conn: Connection, hands: OrderSteps, vault: Vault, env: ActivityEnvironment
) -> None:
    await recorded(hands, conn, vault, an_order())
    await conn.execute(
        "INSERT INTO blacklist VALUES ('phone', %s, 'x', 'y', %s, %s)",
        (vault.blind_index("phone", "+8613800138000"), NOON, NOON),
    )
    assert (await env.run(hands.gather_facts, GatherFacts(order_no="web-1"))).blacklisted == ()


async def test_earlier_orders_of_the_same_phone_or_account_are_counted(
    conn: Connection, hands: OrderSteps, vault: Vault, env: ActivityEnvironment
) -> None:
    same_phone = Person(name="乙", phone="+86 138 0013 8000", address=BUYER.address, account="other")
    same_account = Person(name="丙", phone="13900139000", address=BUYER.address, account="Test-Buyer-1")
    stranger = Person(name="丁", phone="13700137000", address=BUYER.address, account="stranger")
    for number, person in enumerate((same_phone, same_account, stranger), start=1):
        await recorded(hands, conn, vault, an_order(f"web-{number}"), person)
    await conn.execute("UPDATE orders SET status = 'cancelled' WHERE order_no = 'web-1'")
    await recorded(hands, conn, vault, an_order("web-9"))
    facts = await env.run(hands.gather_facts, GatherFacts(order_no="web-9"))
    assert (facts.orders_before, facts.cancelled_before) == (2, 1)


async def test_a_sku_below_its_safety_stock_is_named(
    conn: Connection, hands: OrderSteps, vault: Vault, env: ActivityEnvironment
) -> None:
    await stock_up(conn, "TEA", 5, safety_stock=5)
    await recorded(hands, conn, vault, an_order("web-1", ("TEA", 1)))
    assert (await env.run(hands.gather_facts, GatherFacts(order_no="web-1"))).below_safety_stock == ("TEA",)


async def test_the_findings_of_a_review_are_kept_with_its_status(
    conn: Connection, hands: OrderSteps, vault: Vault, env: ActivityEnvironment
) -> None:
    await recorded(hands, conn, vault, an_order())
    step = a_step("web-1", 2, "auto_reviewed", before=S.PAID, after=S.MANUAL_REVIEW, risk="review")
    finding = FindingMessage(rule="phone", severity=Severity.REVIEW, evidence="phone is missing")
    for _ in range(2):
        await env.run(hands.open_review, OpenReview(step=step, findings=(finding,)))
    assert [row["rule"] for row in await review.findings(conn, "web-1")] == ["phone"]
    assert (await orders.row_of(conn, "web-1"))["risk"] == "review"


async def test_an_order_is_released_to_the_warehouse_once(
    conn: Connection, hands: OrderSteps, vault: Vault, env: ActivityEnvironment
) -> None:
    await stock_up(conn, "TEA", 5)
    await recorded(hands, conn, vault, an_order("web-1", ("TEA", 2)))
    request = ReleaseToWarehouse(step=a_step("web-1", 2, before=S.APPROVED, after=S.PICKING))
    for _ in range(2):
        assert (await env.run(hands.release_to_warehouse, request)).parcels == (("web-1-P1", "SZ"),)
    assert await value(conn, "SELECT count(*) FROM pick_tasks") == 1


async def in_picking(hands: OrderSteps, conn: Connection, vault: Vault) -> None:
    await stock_up(conn, "TEA", 5)
    await recorded(hands, conn, vault, an_order("web-1", ("TEA", 2)))
    request = ReleaseToWarehouse(step=a_step("web-1", 2, before=S.APPROVED, after=S.PICKING))
    await ActivityEnvironment().run(hands.release_to_warehouse, request)


async def test_cancelling_gives_the_goods_back_and_stops_the_picking(
    conn: Connection, hands: OrderSteps, vault: Vault, env: ActivityEnvironment
) -> None:
    await in_picking(hands, conn, vault)
    await parcels.book(conn, "web-1-P1", carrier="SF", tracking_no="SF1", insured=False, choice={}, collect=0, at=NOON)
    request = CancelOrder(step=a_step("web-1", 3, "goods_released", standing=S.CANCELLED))
    for _ in range(2):
        assert (await env.run(hands.cancel_order, request)).void == (("SF", "SF1"),)
    assert await counter(conn, "TEA") == (5, 0)
    assert await value(conn, "SELECT state FROM pick_tasks") == "cancelled"


async def test_a_short_pick_frees_the_goods_and_writes_off_what_was_not_there(
    conn: Connection, hands: OrderSteps, vault: Vault, env: ActivityEnvironment
) -> None:
    await in_picking(hands, conn, vault)
    await pick_tasks.scan(conn, "web-1-T1", Scan("A-01", "TEA"), by=PICKER, at=NOON)
    await pick_tasks.short(conn, "web-1-T1", "TEA", 1, by=PICKER, at=NOON)
    step = a_step("web-1", 3, "short_pick", before=S.PICKING, after=S.SHORTAGE)
    await env.run(hands.release_stock, ReleaseStock(step=step))
    assert await counter(conn, "TEA") == (4, 0)
    assert await value(conn, "SELECT state FROM pick_tasks") == "short"


async def test_a_parcel_on_its_way_takes_its_goods_out_of_the_stock(
    conn: Connection, hands: OrderSteps, vault: Vault, env: ActivityEnvironment
) -> None:
    await in_picking(hands, conn, vault)
    request = MoveParcel(
        step=a_step("web-1", 3, "parcel_picked_up", before=S.PACKED, after=S.SHIPPED, details={"code": "1"}),
        parcel_no="web-1-P1",
        parcel_state="handed_over",
        event_id="e1",
    )
    for _ in range(2):
        await env.run(hands.move_parcel, request)
    assert await counter(conn, "TEA") == (3, 0)
    assert await value(conn, "SELECT body -> 'parcels' -> 0 ->> 'state' FROM notices ORDER BY id DESC") == "handed_over"


async def test_what_the_carrier_collected_pays_the_order(
    conn: Connection, hands: OrderSteps, vault: Vault, env: ActivityEnvironment
) -> None:
    await in_picking(hands, conn, vault)
    request = MoveParcel(
        step=a_step("web-1", 3, "parcel_signed", before=S.SHIPPED, after=S.SIGNED),
        parcel_no="web-1-P1",
        parcel_state="signed",
        event_id="e1",
        collected=2000,
    )
    for _ in range(2):
        await env.run(hands.move_parcel, request)
    assert await value(conn, "SELECT captured FROM payments") == 2000


async def test_an_archived_order_says_when(
    conn: Connection, hands: OrderSteps, vault: Vault, env: ActivityEnvironment
) -> None:
    await recorded(hands, conn, vault, an_order())
    step = a_step("web-1", 2, "archived", before=S.SIGNED, after=S.ARCHIVED)
    await env.run(hands.archive, Archive(step=step))
    assert (await orders.row_of(conn, "web-1"))["archived_at"] == step.at


async def test_what_asking_again_cannot_change_is_said_to_be_final(hands: OrderSteps, env: ActivityEnvironment) -> None:
    with pytest.raises(ApplicationError) as refused:
        await env.run(hands.take_step, a_step("web-404", 1))
    assert (refused.value.type, refused.value.non_retryable) == ("UnknownOrder", True)


async def test_nothing_of_a_person_is_in_what_the_facts_and_the_record_say(
    conn: Connection, hands: OrderSteps, vault: Vault, env: ActivityEnvironment
) -> None:
    person = Person(name="祕密姓名", phone="99999", address=Address("CN", "祕密省", "祕密市", "", "祕密街", "000"))
    await recorded(hands, conn, vault, an_order(), person)
    facts = await env.run(hands.gather_facts, GatherFacts(order_no="web-1"))
    written = await value(conn, "SELECT string_agg(e::text, '') FROM audit_entries e")
    for secret in ("祕密", "99999"):
        assert secret not in facts.model_dump_json() + written
    assert (await contacts.reveal(conn, vault, "ct_web-1")).name == "祕密姓名"

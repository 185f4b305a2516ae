"""Ways to break a shop by hand, one for each kind of difference the sweep can see in the database (accident 9)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from domain.order_status import OrderStatus
from domain.refunds import Part
from domain.sweep import Difference
from models.inbox import Envelope
from runtime.crypto import Vault
from store import inbox, orders, payments, receiving, steps, stock, stock_out
from store.pool import Connection, Pool
from tests.fixtures.orders import NOON, a_capture, a_step, an_order

LATER = datetime.now(UTC) + timedelta(hours=3)
"""When the tests sweep: so long after what was done that nothing counts as in motion."""

Break = Callable[[Pool, Connection, Vault], Awaitable[None]]


async def a_bought_order(pool: Pool, number: str = "web-1", status: str = "awaiting_payment") -> None:
    """An order for two TEA, recorded and reserved as its own first step does it; paid, unless it is unpaid."""
    async with pool.connection() as conn:
        order = an_order(number, ("TEA", 2))
        standing = OrderStatus(status)

        async def record() -> object:
            await orders.record(conn, order, status=status, at=NOON)
            return await stock.reserve(conn, number, [("TEA", 2)], NOON, f"{number}#1")

        await steps.take(conn, a_step(number, 1, "order_recorded", before=standing, after=standing), record)
        if standing is not OrderStatus.AWAITING_PAYMENT:
            await payments.book(conn, number, a_capture(number, 2000))


async def a_parcel(conn: Connection, number: str, *, booked: bool = True) -> str:
    """The order's one parcel, which has left the house; with ``booked`` its stock has left too."""
    parcel = f"{number}-P1"
    await conn.execute(
        "INSERT INTO parcels (parcel_no, order_no, warehouse, state, weight_g, value_minor, insured, handed_over_at)"
        " VALUES (%s, %s, 'SZ', 'handed_over', 500, 2000, false, %s)",
        (parcel, number, NOON),
    )
    await conn.execute("INSERT INTO parcel_lines VALUES (%s, 1, 'TEA', 2)", (parcel,))
    if booked:
        await stock_out.ship(conn, parcel, NOON)
        await conn.execute("UPDATE stock_lots SET on_hand = on_hand - 2")
    return parcel


# --- each way to break it -------------------------------------------------------------


async def reserved_drift(pool: Pool, conn: Connection, _vault: Vault) -> None:
    await a_bought_order(pool)
    await conn.execute("UPDATE stock_items SET reserved = reserved + 1")
    await conn.execute(
        "INSERT INTO stock_ledger (warehouse, sku, on_hand_delta, reserved_delta, key, at, why)"
        " VALUES ('SZ', 'TEA', 0, 1, 'phantom', %s, 'reserved')",
        (NOON,),
    )


async def ledger_drift(_pool: Pool, conn: Connection, _vault: Vault) -> None:
    await conn.execute("UPDATE stock_items SET on_hand = on_hand - 3")
    await conn.execute("UPDATE stock_lots SET on_hand = on_hand - 3")


async def lots_drift(_pool: Pool, conn: Connection, _vault: Vault) -> None:
    await conn.execute("UPDATE stock_lots SET on_hand = on_hand + 1")


async def held_by_ended(pool: Pool, conn: Connection, _vault: Vault) -> None:
    await a_bought_order(pool)
    await conn.execute("UPDATE orders SET status = 'cancelled'")


async def shipped_still_held(pool: Pool, conn: Connection, _vault: Vault) -> None:
    await a_bought_order(pool, status="shipped")
    await a_parcel(conn, "web-1", booked=False)


async def shipped_unbooked(pool: Pool, conn: Connection, _vault: Vault) -> None:
    await a_bought_order(pool, status="shipped")
    await a_parcel(conn, "web-1")
    await conn.execute("UPDATE stock_ledger SET why = 'lost' WHERE why = 'shipped'")


async def money_sums(pool: Pool, conn: Connection, _vault: Vault) -> None:
    await a_bought_order(pool, status="paid")
    await conn.execute("UPDATE payments SET captured = 1999")


async def money_kept(pool: Pool, conn: Connection, _vault: Vault) -> None:
    await a_bought_order(pool, status="paid")
    await stock.release(conn, "web-1", NOON, "web-1#2", "cancelled")
    await conn.execute("UPDATE orders SET status = 'cancelled'")


async def refund_pending(pool: Pool, conn: Connection, _vault: Vault) -> None:
    await money_kept(pool, conn, _vault)
    part = Part("stripe", "pi_web-1", 2000, "CNY")
    await payments._order_parts(conn, "web-1", "web-1:refund:3", [part], LATER - timedelta(hours=2))


async def paid_too_much(pool: Pool, conn: Connection, _vault: Vault) -> None:
    await a_bought_order(pool, status="paid")
    await payments.book(conn, "web-1", a_capture("web-1", 2000, reference="pi_second"))


async def shipped_unpaid(pool: Pool, conn: Connection, _vault: Vault) -> None:
    await a_bought_order(pool)
    await conn.execute("UPDATE orders SET status = 'shipped'")
    await a_parcel(conn, "web-1")


async def message_waiting(pool: Pool, _conn: Connection, vault: Vault) -> None:
    await a_message(pool, vault)


async def message_without_order(pool: Pool, conn: Connection, vault: Vault) -> None:
    message_id = await a_message(pool, vault)
    await inbox.forwarded(conn, message_id, LATER - timedelta(hours=2), "web-9")


async def notice_waiting(pool: Pool, conn: Connection, _vault: Vault) -> None:
    await a_bought_order(pool)
    await conn.execute(
        "INSERT INTO notices (channel, order_no, sequence, body, changed_at, next_attempt_at)"
        " VALUES ('web', 'web-1', 99, '{}', %s, %s)",
        (LATER - timedelta(hours=2), LATER + timedelta(minutes=9)),
    )


async def a_message(pool: Pool, vault: Vault) -> str:
    """A message that came two hours before the sweep and found no order."""
    at = LATER - timedelta(hours=2)
    async with pool.connection() as conn:
        envelope = Envelope(order_no="web-9", payment=a_capture("web-9", 2000))
        incoming = inbox.Incoming("shopify", "orders/paid", "dedupe-1", envelope, at)
        return (await receiving.receive(conn, vault, incoming)).message_id


async def counted_short(pool: Pool, conn: Connection, _vault: Vault) -> None:
    await a_bought_order(pool)
    await conn.execute(
        "INSERT INTO stock_shortfalls (warehouse, sku, lot, feed, missing, since)"
        " SELECT warehouse, sku, '', 'wms', 1, %s FROM stock_items LIMIT 1",
        (LATER,),
    )


BREAKS: dict[Difference, Break] = {
    Difference.RESERVED_DRIFT: reserved_drift,
    Difference.LEDGER_DRIFT: ledger_drift,
    Difference.LOTS_DRIFT: lots_drift,
    Difference.COUNTED_SHORT: counted_short,
    Difference.HELD_BY_ENDED: held_by_ended,
    Difference.SHIPPED_STILL_HELD: shipped_still_held,
    Difference.SHIPPED_UNBOOKED: shipped_unbooked,
    Difference.MONEY_SUMS: money_sums,
    Difference.MONEY_KEPT: money_kept,
    Difference.REFUND_PENDING: refund_pending,
    Difference.PAID_TOO_MUCH: paid_too_much,
    Difference.SHIPPED_UNPAID: shipped_unpaid,
    Difference.MESSAGE_WAITING: message_waiting,
    Difference.MESSAGE_WITHOUT_ORDER: message_without_order,
    Difference.NOTICE_WAITING: notice_waiting,
}

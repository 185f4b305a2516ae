"""What was taken in is kept as it came, sealed, beside its translation, until its buyer is erased (R21, R29)."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from models.base import Actor
from models.inbox import Envelope
from runtime.crypto import Vault, place
from store import erasure, inbox
from tests.api.caller import Caller, an_order, order_no, paid
from tests.api.test_shopify import shopify_order

ADMIN = Actor(id="admin-1", role="administrator")


def vault_of(api: Caller) -> Vault:
    """The vault of the app."""
    vault: Vault = api.app.state.house.vault
    return vault


async def kept(api: Caller, message_id: str) -> bytes | None:
    """The message as it came."""
    async with api.pool.connection() as conn:
        return await inbox.raw_body(conn, vault_of(api), message_id)


async def the_only(api: Caller) -> str:
    """The id of the one message in the inbox."""
    assert await api.value("SELECT count(*) FROM inbox") == 1
    return str(await api.value("SELECT message_id FROM inbox"))


async def test_an_order_by_rest_is_kept_byte_for_byte(api: Caller) -> None:
    # Spaces and an unknown field are the caller's own; a translation would lose both.
    raw = json.dumps(an_order() | {"gift_wrap": "藍色"}, indent=3, ensure_ascii=False).encode()
    headers = api.token("integrator") | {"Idempotency-Key": "k", "Content-Type": "application/json"}
    assert (await api.http.post("/v1/orders", content=raw, headers=headers)).status_code == 202
    assert await kept(api, await the_only(api)) == raw


async def test_a_webhook_is_kept_byte_for_byte_also_where_it_is_not_utf_8(api: Caller) -> None:
    for raw in (json.dumps(shopify_order(), indent=1).encode(), json.dumps(shopify_order()).encode("utf-16")):
        assert (await api.shopify("orders/create", raw)).status_code == 200
        assert await kept(api, await api.value("SELECT max(message_id) FROM inbox")) == raw


async def test_a_refused_message_is_kept_byte_for_byte(api: Caller) -> None:
    raw = json.dumps(shopify_order(total_price="1.00"), indent=2).encode()
    assert (await api.shopify("orders/create", raw)).status_code == 422
    assert await kept(api, await the_only(api)) == raw


async def test_a_payment_notice_is_kept_though_nobody_knows_its_order_yet(api: Caller) -> None:
    event = paid("", 100, "pi_unknown") | {"unknown_to_us": "kept"}
    assert (await api.stripe(event)).status_code == 200
    assert json.loads(await kept(api, await the_only(api)) or b"{}") == event


async def test_a_message_sealed_before_bodies_were_kept_still_opens(api: Caller) -> None:
    await api.place(an_order(channel_order_id="old-1"))
    message_id, vault = await the_only(api), vault_of(api)
    envelope = Envelope(order_no="site-old-1")
    sealed = vault.seal_message(envelope.model_dump_json().encode(), place("inbox", "sealed", message_id))
    async with api.pool.connection() as conn:
        await conn.execute("UPDATE inbox SET sealed = %s, state = 'received'", (sealed,))
        taken = await inbox.take(conn, vault, message_id, datetime.now(UTC))
    assert taken is not None
    assert taken.envelope == envelope
    assert await kept(api, message_id) is None


async def test_erasing_a_buyer_takes_the_messages_away_and_none_comes_back(shop: Caller) -> None:
    order = an_order(payment={"method": "online"})
    number = order_no(order)
    await shop.place(order)
    await shop.post(f"/v1/orders/{number}/cancel", {"reason": "buyer_asked"})
    await shop.until(number, "cancelled")
    await shop.app.state.house.errands.finish()
    message_id = await the_only(shop)
    assert await kept(shop, message_id)
    async with shop.pool.connection() as conn:
        contact_id = await shop.value("SELECT contact_id FROM orders")
        assert await erasure.erase(conn, contact_id, at=datetime.now(UTC), by=ADMIN, why="asked")
    assert await kept(shop, message_id) is None
    # The provider's late notice names the buyer once more; the money counts, the name is not kept.
    late = paid(number, order["total"], "pi_late")
    late["data"]["object"]["receipt_email"] = "buyer@example.com"
    assert (await shop.stripe(late)).status_code == 200
    await shop.app.state.house.errands.finish()
    assert await shop.value("SELECT state FROM inbox ORDER BY message_id DESC LIMIT 1") == "forwarded"
    assert await shop.value("SELECT sum(length(sealed)) FROM inbox") == 0

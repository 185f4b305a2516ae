"""Status notices: signed, repeatable, never out of order (R20)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook

from gateways.channel_notices import ChannelNotices, Notice, NoticeAddress, NoticeParcel
from gateways.errors import Refused, Unavailable
from gateways.payments import ProviderAccess
from tests.gateways.conftest import Outside
from tests.gateways.wire import Wire, says
from tests.simulators.shop import SECRETS

SECRET = SECRETS["notice_secrets"]["own-pc"]
PAID = Notice("OF-1", "7001", 2, "paid", "已付款", "paid", "2026-03-01T20:00:00+08:00")
SHIPPED = replace(
    PAID, sequence=5, status="shipped", status_zh="已發貨", parcels=(NoticeParcel("OF-1-1", "SF", "SF1", "shipped"),)
)


def own(wire: Wire) -> ChannelNotices:
    return ChannelNotices(wire.client, {"own-pc": NoticeAddress("webhook", "https://front.example/in", SECRET)})


def simulated(outside: Outside, shopify: ProviderAccess) -> ChannelNotices:
    return ChannelNotices(
        outside.client,
        {
            "own-pc": NoticeAddress("webhook", "http://outside/shopfront/notices", SECRET),
            "shopify": NoticeAddress("shopify", shopify.base, shopify.secret),
        },
    )


async def test_a_notice_is_a_standard_webhook() -> None:
    wire = Wire(says(204))
    await own(wire).deliver("own-pc", SHIPPED, key="OF-1:notice:5")
    sent = wire.last
    assert sent.headers["webhook-id"] == "OF-1:notice:5"
    assert sent.headers["Content-Type"] == "application/json"
    assert Webhook(SECRET).verify(sent.content, dict(sent.headers)) == {
        "type": "order.status_changed",
        "timestamp": "2026-03-01T20:00:00+08:00",
        "data": {
            "order_no": "OF-1",
            "channel_order_id": "7001",
            "sequence": 5,
            "status": "shipped",
            "status_zh": "已發貨",
            "payment_status": "paid",
            "changed_at": "2026-03-01T20:00:00+08:00",
            "parcels": [{"parcel_no": "OF-1-1", "carrier": "SF", "tracking_no": "SF1", "state": "shipped"}],
            "returns": [],
            "replacements": [],
        },
    }


async def test_signature_covers_key_time_and_body() -> None:
    wire = Wire(says())
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    address = {"own-pc": NoticeAddress("webhook", "https://front.example/in", SECRET)}
    await ChannelNotices(wire.client, address, now=lambda: noon).deliver("own-pc", PAID, key="k")
    assert wire.last.headers["webhook-timestamp"] == "1772366400"
    assert wire.last.headers["webhook-signature"] == Webhook(SECRET).sign("k", noon, wire.last.content.decode())


@pytest.mark.parametrize("status", [302, 400, 401, 404, 429, 500, 503])
async def test_a_front_end_that_does_not_accept_is_told_again(status: int) -> None:
    with pytest.raises(Unavailable):
        await own(Wire(says(status))).deliver("own-pc", PAID, key="k")


async def test_a_front_end_that_is_gone_is_not_told_again() -> None:
    with pytest.raises(Refused, match="gone"):
        await own(Wire(says(410))).deliver("own-pc", PAID, key="k")


async def test_a_channel_without_an_address_is_refused() -> None:
    with pytest.raises(Refused, match="channel_not_configured"):
        await own(Wire()).deliver("market", PAID, key="k")


def test_the_channels_secret_does_not_show() -> None:
    assert SECRET not in repr(NoticeAddress("webhook", "https://front.example/in", SECRET))


async def test_the_front_end_shows_the_newest_and_counts_repeats(
    outside: Outside, shopify_access: ProviderAccess
) -> None:
    notices = simulated(outside, shopify_access)
    await notices.deliver("own-pc", SHIPPED, key="n5")
    await notices.deliver("own-pc", PAID, key="n2")
    await notices.deliver("own-pc", SHIPPED, key="n5")
    came = (await outside.client.get("http://outside/shopfront/notices", params={"order": "OF-1"})).json()
    assert [(one["webhook_id"], one["newer"], one["deliveries"]) for one in came] == [
        ("n5", True, 2),
        ("n2", False, 1),
    ]
    shown = (await outside.client.get("http://outside/shopfront/orders/OF-1")).json()
    assert (shown["status"], shown["sequence"]) == ("shipped", 5)


async def test_a_forged_notice_is_not_shown(outside: Outside) -> None:
    forged = {"own-pc": NoticeAddress("webhook", "http://outside/shopfront/notices/own-pc", "whsec_Zm9yZ2Vk")}
    with pytest.raises(Unavailable):
        await ChannelNotices(outside.client, forged).deliver("own-pc", PAID, key="k")
    assert outside.world.shelf.all("shopfront_notice") == []


async def test_shopify_gets_tracking_number_and_snapshot(outside: Outside, shopify_access: ProviderAccess) -> None:
    notices = simulated(outside, shopify_access)
    for _ in range(2):
        await notices.deliver("shopify", SHIPPED, key="n5")
    kept = outside.world.shelf.get("shopify_order", "7001")
    assert kept is not None
    assert [one["tracking_numbers"] for one in kept["fulfillments"]] == [["SF1"]]
    assert json.loads(kept["metafields"]["orderflow.status"]["value"])["status_zh"] == "已發貨"


async def test_an_older_snapshot_never_overwrites_a_newer_one_in_shopify(
    outside: Outside, shopify_access: ProviderAccess
) -> None:
    notices = simulated(outside, shopify_access)
    await notices.deliver("shopify", SHIPPED, key="n5")
    await notices.deliver("shopify", PAID, key="n2")
    kept = outside.world.shelf.get("shopify_order", "7001")
    assert kept is not None
    assert json.loads(kept["metafields"]["orderflow.status"]["value"])["sequence"] == 5


async def test_a_skipped_shipped_notice_is_made_good_by_the_next(
    outside: Outside, shopify_access: ProviderAccess
) -> None:
    signed = replace(SHIPPED, sequence=6, status="signed", status_zh="已簽收")
    await simulated(outside, shopify_access).deliver("shopify", signed, key="n6")
    kept = outside.world.shelf.get("shopify_order", "7001")
    assert kept is not None
    assert kept["fulfillments"][0]["tracking_number"] == "SF1"


async def test_the_fulfilment_is_made_from_the_open_fulfilment_order() -> None:
    wire = Wire(
        says(body={"metafields": []}),
        says(body={"fulfillments": []}),
        says(body={"fulfillment_orders": [{"id": 1, "status": "closed"}, {"id": 2, "status": "open"}]}),
        says(201, {"fulfillment": {}}),
        says(201, {"metafield": {}}),
    )
    address = {"shopify": NoticeAddress("shopify", "https://shop.example", "shpat_1")}
    await ChannelNotices(wire.client, address).deliver("shopify", SHIPPED, key="n5")
    made = wire.asked[3]
    assert (made.method, made.url.path) == ("POST", "/admin/api/2025-01/fulfillments.json")
    assert json.loads(made.content) == {
        "fulfillment": {
            "line_items_by_fulfillment_order": [{"fulfillment_order_id": 2}],
            "tracking_info": {"company": "SF", "number": "SF1"},
            "notify_customer": False,
        }
    }

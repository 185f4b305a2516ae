"""A simulator that is stopped and started goes on where it was."""

from __future__ import annotations

from pathlib import Path

import httpx

from dev.simulators.app import create_app
from dev.simulators.kuaidi100_depot import Depot
from tests.simulators.conftest import config, serving
from tests.simulators.shop import SECRETS, Shop


def _unreachable() -> httpx.AsyncClient:
    def refuse(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("the shop is down")

    return httpx.AsyncClient(transport=httpx.MockTransport(refuse))


async def test_money_and_keys_survive(tmp_path: Path, shop: Shop) -> None:
    headers = {"Authorization": f"Bearer {SECRETS['stripe_api_key']}", "Idempotency-Key": "k"}
    made, answers = "", []
    for _ in range(2):
        async with serving(create_app(config(tmp_path), shop.client())) as outside:
            if not made:
                made = (await outside.control("/stripe/payment_intents", {"amount": 9, "order_no": "OF-1"}))["id"]
                await outside.control(f"/stripe/payment_intents/{made}/pay")
            form = {"payment_intent": made, "amount": "4"}
            answers.append(
                (await outside.client.post(f"{outside.base}/stripe/v1/refunds", data=form, headers=headers)).json()
            )
    assert answers[0] == answers[1]


async def test_a_message_the_shop_never_got_is_delivered_after_the_restart(tmp_path: Path, shop: Shop) -> None:
    async with serving(create_app(config(tmp_path), _unreachable())) as outside:
        made = await outside.control("/stripe/payment_intents", {"amount": 9, "order_no": "OF-1"})
        await outside.control(f"/stripe/payment_intents/{made['id']}/pay")
        assert [one["party"] for one in await outside.get("/control/undelivered")] == ["stripe"]
    async with serving(create_app(config(tmp_path), shop.client())) as outside:
        await outside.world.postman.settled()
    assert len(shop.received) == 1


async def test_an_automatic_parcel_goes_on_from_where_it_was(tmp_path: Path, shop: Shop) -> None:
    callback = {"callbackurl": "http://shop/push", "salt": "pinch"}
    async with serving(create_app(config(tmp_path), shop.client())) as outside:
        Depot(outside.world).follow("SF1", "shunfeng", callback)
        await outside.control("/kuaidi100/SF1/advance", {"state": "picked_up"})
    async with serving(create_app(config(tmp_path, auto=True), shop.client())) as outside:
        await outside.world.walks.finished()
        [parcel] = await outside.get("/control/kuaidi100/parcels")
    assert [one["statusCode"] for one in reversed(parcel["events"])] == ["1", "0", "5", "301"]

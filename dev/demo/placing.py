"""How a sample order comes in: through the front door of a channel, in that channel's own format."""

from __future__ import annotations

from datetime import UTC, datetime

from dev.catalogue import Product
from dev.demo import shopify_orders
from dev.demo.buyers import buyer
from dev.demo.canonical import Basket, Wanted, order_body
from dev.demo.scenario import Act, Scene


def one(product: Product, quantity: int = 1) -> Basket:
    """A basket of one line."""
    return Basket((Wanted(product, quantity),))


def at_our_shop(basket: Basket, *, account: str = "", reference: bool = True) -> Act:
    """Placed on our own site or in our app (R1); online payments are Stripe's.

    Without ``reference`` the shop is not told which payment to expect, so it cannot close it.
    """

    async def place(scene: Scene) -> None:
        stripe = basket.total > 0 and not basket.cash_on_delivery
        if stripe:
            await scene.stage.outside.open_payment(scene.payment, scene.order_no, basket.total)
        scene.order = order_body(
            basket,
            buyer(scene.stage.stamp, scene.scenario.name, account=account),
            channel=scene.scenario.channel,
            channel_order_id=scene.channel_order_id,
            placed_at=datetime.now(UTC),
            reference=scene.payment if stripe and reference else None,
        )
        async with scene.stage.doors:
            await scene.stage.desk.place(scene.order)

    return place


def at_shopify(basket: Basket, *, paid: bool = True, with_address: bool = True, webhooks: int = 1) -> Act:
    """Placed at the Shopify shop, which sends ``orders/create`` that often, all at once (R5)."""

    async def place(scene: Scene) -> None:
        scene.order = shopify_orders.order_webhook(
            basket,
            buyer(scene.stage.stamp, scene.scenario.name),
            order_id=scene.shopify_id,
            placed_at=datetime.now(UTC),
            paid=paid,
            with_address=with_address,
        )
        async with scene.stage.doors:
            await scene.stage.outside.place_at_shopify(scene.order, webhooks=webhooks)

    return place

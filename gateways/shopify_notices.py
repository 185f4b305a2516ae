"""Showing an order's status in Shopify: fulfilments for what was shipped, a metafield for the rest (R12, R20).

Shopify removed ``POST /orders/{id}/fulfillments.json`` in version 2022-07; since then a
fulfilment is made from the order's open fulfilment orders, which is what this does.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateways.http import reading
from gateways.shopify_admin import PARTY, ShopifyAdmin, order_path

NAMESPACE = "orderflow"
FIELD = "status"

_FULFILLABLE = frozenset({"open", "in_progress"})


@dataclass(frozen=True, slots=True)
class ParcelOnTheWay:
    """A parcel that has a waybill."""

    carrier: str
    tracking_no: str


async def show_order(
    admin: ShopifyAdmin,
    order_id: str,
    *,
    sequence: int,
    snapshot: Mapping[str, Any],
    parcels: Sequence[ParcelOnTheWay],
) -> None:
    """Make Shopify show this snapshot, unless it shows a newer one already (R20: never out of order)."""
    if await _shown(admin, order_id) >= sequence:
        return
    for parcel in parcels:
        await _fulfil(admin, order_id, parcel)
    # The metafield comes last: its sequence says that everything before it was done.
    value = json.dumps(snapshot, ensure_ascii=False, separators=(",", ":"))
    field = {"namespace": NAMESPACE, "key": FIELD, "type": "json", "value": value}
    await admin.post(f"{order_path(order_id)}/metafields.json", {"metafield": field}, "metafield")


async def _shown(admin: ShopifyAdmin, order_id: str) -> int:
    """The sequence of the snapshot Shopify has, -1 if it has none."""
    fields = await admin.get(f"{order_path(order_id)}/metafields.json", "metafields", namespace=NAMESPACE, key=FIELD)
    with reading(PARTY):
        return max((int(json.loads(one["value"])["sequence"]) for one in fields), default=-1)


async def _fulfil(admin: ShopifyAdmin, order_id: str, parcel: ParcelOnTheWay) -> None:
    """Make the fulfilment that carries this tracking number, unless it is there or nothing is left to fulfil."""
    made = await admin.get(f"{order_path(order_id)}/fulfillments.json", "fulfillments")
    with reading(PARTY):
        if any(parcel.tracking_no in one["tracking_numbers"] for one in made):
            return
    waiting = await admin.get(f"{order_path(order_id)}/fulfillment_orders.json", "fulfillment_orders")
    with reading(PARTY):
        lines = [{"fulfillment_order_id": one["id"]} for one in waiting if one["status"] in _FULFILLABLE]
    # The first parcel fulfils the whole order there; the metafield lists every parcel by itself.
    if lines:
        await admin.post("/fulfillments.json", {"fulfillment": _fulfilment(lines, parcel)}, "fulfillment")


def _fulfilment(lines: list[dict[str, Any]], parcel: ParcelOnTheWay) -> dict[str, Any]:
    return {
        "line_items_by_fulfillment_order": lines,
        "tracking_info": {"company": parcel.carrier, "number": parcel.tracking_no},
        "notify_customer": False,
    }

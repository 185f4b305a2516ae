"""Showing an order's status in WooCommerce: its status, a note for each tracking number, the snapshot as meta data.

The snapshot's sequence is what keeps an older notice from overwriting a newer one (R20).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from domain.order_status import OrderStatus
from gateways.http import reading
from gateways.woocommerce_rest import PARTY, WooRest, order_path

FIELD = "_orderflow_status"

_S = OrderStatus
SHOWN_AS: Mapping[str, str] = MappingProxyType(
    {
        _S.PAID: "processing",
        _S.MANUAL_REVIEW: "processing",
        _S.APPROVED: "processing",
        _S.PICKING: "processing",
        _S.PACKED: "processing",
        _S.PARTLY_SHIPPED: "processing",
        _S.SHORTAGE: "on-hold",
        _S.SHIPPED: "completed",
        _S.PARTLY_SIGNED: "completed",
        _S.SIGNED: "completed",
        _S.ARCHIVED: "completed",
        _S.CANCELLED: "cancelled",
        _S.REJECTED: "cancelled",
        _S.INTERCEPTED: "cancelled",
    }
)
"""WooCommerce's own word for each status; an order that awaits payment keeps the one it has there."""

# What WooCommerce or its payment plug-in decided is not taken back by a notice.
_THEIRS = frozenset({"refunded", "cancelled", "trash"})


async def show_order(
    rest: WooRest, order_id: str, *, sequence: int, status: str, snapshot: Mapping[str, Any], tracking: Sequence[str]
) -> None:
    """Make WooCommerce show this snapshot, unless it shows a newer one already."""
    path = order_path(order_id)
    order = await rest.get(path)
    if _sequence(order) >= sequence:
        return
    await _note(rest, path, tracking)
    value = json.dumps(snapshot, ensure_ascii=False, separators=(",", ":"))
    # The snapshot goes with the status in one write; the notes before it are looked for first.
    body: dict[str, Any] = {"meta_data": [{"key": FIELD, "value": value}]}
    if order.get("status") not in _THEIRS and status in SHOWN_AS:
        body["status"] = SHOWN_AS[status]
    await rest.put(path, body)


def _sequence(order: Mapping[str, Any]) -> int:
    """The sequence of the snapshot that is shown, -1 if there is none."""
    with reading(PARTY):
        shown = [json.loads(one["value"]) for one in order.get("meta_data", []) if one["key"] == FIELD]
        return max((int(one["sequence"]) for one in shown), default=-1)


async def _note(rest: WooRest, path: str, tracking: Sequence[str]) -> None:
    """A note to the buyer for every tracking number that no note names yet."""
    if not tracking:
        return
    notes, _ = await rest.listed(f"{path}/notes")
    written = [str(note.get("note")) for note in notes]
    for number in tracking:
        if not any(number in note for note in written):
            await rest.post(f"{path}/notes", {"note": number, "customer_note": True})

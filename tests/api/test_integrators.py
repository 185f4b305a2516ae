"""An integrator starts the order with a Temporal client of their own (DESIGN, contracts; docs/integrators.md)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from temporalio.client import Client

from api.schemas.intake import NewContact, NewOrder
from models.order import PlaceOrder
from models.temporal_names import ORDERS
from models.workflow_names import APPROVE, ORDER_WORKFLOW, PAYMENT
from tests.api.caller import PERSONAL, Caller, an_order


async def kept(shop: Caller) -> tuple[dict[str, Any], dict[str, Any]]:
    """A vaulted person, and the workflow's input in plain JSON as any language would write it."""
    order = an_order()
    person = {name: order[name] for name in ("channel", "channel_order_id", "buyer", "address", "remark")}
    answer = await shop.post("/v1/contacts", person, "integrator")
    assert answer.status_code == 201, answer.text
    contact = answer.json()
    placed = {
        "order_no": contact["order_no"],
        "channel": order["channel"],
        "channel_order_id": order["channel_order_id"],
        "contact_id": contact["contact_id"],
        "lines": [{"line_no": 1, "sku": "TEA", "title": "Tea", "quantity": 40, "unit_price": 19_900}],
        "currency": "CNY",
        "total": 796_000,
        "payment_method": "online",
        "placed_at": "2030-01-02T20:00:00+08:00",
    }
    return contact, placed


async def test_an_order_started_by_an_integrators_own_client_is_recorded_as_any_other(
    shop: Caller, temporal_address: str
) -> None:
    contact, placed = await kept(shop)
    # Their client knows none of our types: plain JSON with the default converter.
    theirs = await Client.connect(temporal_address)
    handle = await theirs.start_workflow(ORDER_WORKFLOW, placed, id=contact["workflow_id"], task_queue=ORDERS)
    await shop.until(contact["order_no"], "awaiting_payment")
    paid = {
        "event_id": "theirs-1",
        "event": "captured",
        "provider": "theirs",
        "reference": "p-1",
        "amount": 796_000,
        "currency": "CNY",
        "at": "2030-01-02T20:05:00+08:00",
    }
    await handle.signal(PAYMENT, paid)
    order = await shop.until(contact["order_no"], "manual_review")
    assert order["contact"] == {"name": "王*", "phone": "138****8000", "city": "深圳市"}
    await handle.signal(APPROVE, {"by": {"id": "their-reviewer", "role": "reviewer"}, "reason": "known_buyer"})
    await shop.until(contact["order_no"], "picking")
    history = (await handle.fetch_history()).to_json()
    assert not [text for text in PERSONAL if json.dumps(text)[1:-1] in history or text in history]


async def test_the_same_order_by_the_api_as_well_is_a_conflict_and_stays_one(shop: Caller, temporal: Client) -> None:
    contact, placed = await kept(shop)
    await temporal.start_workflow(ORDER_WORKFLOW, placed, id=contact["workflow_id"], task_queue=ORDERS)
    await shop.until(contact["order_no"], "awaiting_payment")
    before = await shop.rows()
    answer = await shop.place(an_order(channel_order_id=placed["channel_order_id"]))
    assert answer.status_code == 409
    assert await shop.rows() == before


def test_the_examples_of_the_documentation_are_what_the_doors_take() -> None:
    examples = Path(__file__).parents[2] / "docs" / "examples"
    order, contact, placed = (
        json.loads((examples / f"{name}.json").read_text(encoding="utf-8"))
        for name in ("order", "contact", "place_order")
    )
    assert NewOrder.model_validate(order).total == PlaceOrder.model_validate(placed).total
    assert NewContact.model_validate(contact).channel_order_id == placed["channel_order_id"]

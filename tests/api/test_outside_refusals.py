"""An outside party, or Temporal itself, says no for now: seen, told, and asked again (R11, R20)."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from temporalio.service import RPCError, RPCStatusCode

from api.order_views import stuck_on
from tests.api.caller import Caller
from tests.api.test_commands import place
from tests.api.test_providers import pick_and_pack
from tests.api.test_warehouse import to_pick


async def test_a_refused_parcel_is_seen_and_booked_when_it_is_asked_for_again(shop: Caller) -> None:
    number, _ = await to_pick(shop)
    path = f"/v1/orders/{number}"
    early = await shop.post(f"{path}/retry-outside", {}, "logistics")
    assert (early.status_code, early.json()["type"].rsplit(":", 1)[1]) == (409, "not-waiting-for-this")
    async with shop.pool.connection() as conn:
        # No carrier takes a parcel without the recipient's phone.
        await conn.execute("UPDATE contacts SET phone = NULL")
    await pick_and_pack(shop, number)
    await shop.until(number, "packed")
    stuck = await shop.eventually(lambda: _stuck(shop, path))
    assert "carrier" in stuck.json()["stuck"]
    [shown] = (await shop.get("/v1/stuck")).json()["refused"]
    assert (shown["order_no"], shown["status"]["code"], shown["why"]) == (number, "packed", stuck.json()["stuck"])
    assert (await shop.post(f"{path}/retry-outside", {}, "sales")).status_code == 403
    await shop.post(f"{path}/address", place(phone="13900139000"), "operations")
    again = await shop.post(f"{path}/retry-outside", {"reason": "phone_added"}, "logistics", key="again")
    assert (again.status_code, again.json()["stuck"]) == (200, None), again.text
    assert (await shop.get("/v1/stuck")).json()["refused"] == []
    repeated = await shop.post(f"{path}/retry-outside", {"reason": "phone_added"}, "logistics", key="again")
    assert repeated.text == again.text
    booked = await shop.eventually(lambda: shop.get(f"/v1/parcels/{_parcel(again)}/label.pdf", "warehouse"))
    assert booked.headers["content-type"] == "application/pdf"
    acts = [act["act"] for act in (await shop.get(f"{path}/timeline")).json()["items"]]
    assert acts.count("outside_asked_again") == 1


async def _stuck(shop: Caller, path: str) -> Any:
    """The order, as an answer that counts as 200 only once it is stuck."""
    answer = await shop.get(path)
    if answer.json()["stuck"] is None:
        answer.status_code = 202
    return answer


def _parcel(answer: Any) -> str:
    return str(answer.json()["parcels"][0]["parcel_no"])


@pytest.mark.parametrize(
    ("acts", "stuck"),
    [
        ([], None),
        (["approved"], None),
        (["refused_outside", "label_printed"], "why refused_outside"),
        (["refused_outside", "outside_asked_again"], None),
        (["refused_outside", "outside_asked_again", "refused_outside"], "why refused_outside"),
    ],
)
def test_an_order_is_stuck_until_the_refusal_was_answered(acts: list[str], stuck: str | None) -> None:
    assert stuck_on([{"act": act, "why": f"why {act}"} for act in acts]) == stuck


@pytest.mark.parametrize(
    "status", [RPCStatusCode.FAILED_PRECONDITION, RPCStatusCode.RESOURCE_EXHAUSTED, RPCStatusCode.ABORTED]
)
async def test_what_temporal_refuses_for_a_moment_is_answered_503_and_nothing_is_kept(
    api: Caller, monkeypatch: pytest.MonkeyPatch, status: RPCStatusCode
) -> None:
    asked: list[str] = []

    async def refuse(*_: Any, **options: Any) -> None:
        asked.append(options["id"])
        raise RPCError("Unable to perform workflow execution update due to Workflow Task in failed state.", status, b"")

    monkeypatch.setattr(
        api.app.state.house.client, "get_workflow_handle", lambda _: SimpleNamespace(execute_update=refuse)
    )
    before = await api.rows()
    for _ in range(2):
        answer = await api.post("/v1/orders/site-1/cancel", {"reason": "x"}, key="later")
        assert (answer.status_code, answer.json()["type"].rsplit(":", 1)[1]) == (503, "away")
        assert answer.headers["retry-after"] == "2"
        assert answer.headers["content-type"] == "application/problem+json"
    assert asked == ["later", "later"], "the same key asks Temporal again"
    assert await api.rows() == before

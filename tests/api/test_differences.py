"""The list of differences over REST: shown, repaired, let stand (accident 9)."""

from __future__ import annotations

from datetime import UTC, datetime

from domain.sweep import Difference
from store import sweep
from tests.api.caller import Caller


async def swept(shop: Caller) -> None:
    """The nightly sweep, with no grace for what moved lately."""
    now = datetime.now(UTC)
    await sweep.check_books(shop.pool, now, now)


async def test_a_counter_that_drifted_is_listed_and_repaired_on_record(shop: Caller) -> None:
    await shop.placed()
    async with shop.pool.connection() as conn:
        await conn.execute("UPDATE stock_items SET reserved = reserved + 1 WHERE sku = 'TEA'")
    await swept(shop)
    listed = (await shop.get("/v1/differences", "auditor")).json()["items"]
    [found] = [row for row in listed if row["kind"] == "reserved_drift"]
    assert ("TEA" in found["subject"], found["repair"]) == (True, "recount_reserved")
    assert all((found["says"], found["says_zh"], found["suggestion"]))

    body = {"decision": "repair", "reason": "counted by hand"}
    done = await shop.post(f"/v1/differences/{found['id']}", body, "finance")
    assert done.json() == {"id": found["id"], "done": "recount_reserved"}
    assert await shop.value("SELECT reserved FROM stock_items WHERE sku = 'TEA'") == 2
    acts = (await shop.get("/v1/audit", "auditor", act="repaired")).json()["items"]
    assert [act["why"] for act in acts] == ["counted by hand"]
    again = await shop.post(f"/v1/differences/{found['id']}", body)
    assert again.status_code == 404


async def test_what_has_no_safe_repair_is_refused_and_can_be_let_stand(api: Caller) -> None:
    async with api.pool.connection() as conn:
        now = datetime.now(UTC)
        await sweep.keep(conn, now, [sweep.Found(Difference.WORKFLOW_MISSING, "order:X", "row only")])
    number = (await api.get("/v1/differences")).json()["items"][0]["id"]
    refused = await api.post(f"/v1/differences/{number}", {"decision": "repair", "reason": "tried"})
    assert (refused.status_code, "no safe repair" in refused.json()["detail"]) == (409, True)
    accepted = await api.post(f"/v1/differences/{number}", {"decision": "accept", "reason": "test order"})
    assert accepted.json()["done"] == "accepted"
    assert (await api.get("/v1/differences")).json()["items"] == []

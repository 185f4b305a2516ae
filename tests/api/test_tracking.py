"""The buyer's page: by a link that is unguessable, expires, can be revoked, and shows no person (R12, R21)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.buyers_next import BUYERS_NEXT
from domain.deadlines import DeadlineId
from domain.order_status import OrderStatus
from models.steps import ClockRow
from store import steps
from tests.api.caller import PERSONAL, Caller
from tests.api.test_story import TEXT, told
from tests.fixtures.orders import NOON, a_step

__all__ = ["told"]


async def link(api: Caller, number: str = "site-1", role: str = "customer_service", **how: Any) -> dict[str, Any]:
    answer = await api.post(f"/v1/orders/{number}/tracking-link", how.pop("body", {}), role, **how)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_the_page_shows_status_trace_what_is_next_and_the_terms_and_no_person(told: Caller) -> None:
    due = NOON + timedelta(days=7)
    clocks = (ClockRow(id=DeadlineId.T9, started=NOON, due=due),)
    async with told.pool.connection() as conn:
        step = a_step("site-1", 2, after=OrderStatus.SIGNED, clocks=clocks, waiting_for="end of the return window")
        await steps.take(conn, step)
    made = await link(told, role="integrator")
    assert made["url"] == f"http://127.0.0.1:8088/track/{made['token']}"
    answer = await told.http.get(f"/v1/tracking/{made['token']}")
    page = answer.json()
    assert (page["status"]["zh"], page["status"]["en"], page["terms"]) == ("已簽收", "signed", "/v1/terms/1")
    assert page["next"] == {
        "en": BUYERS_NEXT[OrderStatus.SIGNED].english, "zh": BUYERS_NEXT[OrderStatus.SIGNED].chinese,
        "by": due.isoformat().replace("+00:00", "Z"),
    }  # fmt: skip
    [parcel] = page["parcels"]
    assert (parcel["tracking_no"], [event["zh"] for event in parcel["trace"]]) == ("SF100", ["已簽收"])
    assert [mark for mark in (*PERSONAL, TEXT, "15933334444", "深圳") if mark in answer.text] == []
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(("speed", "days"), [("standard", 5), ("express", 2), ("by_camel", None)])
async def test_an_order_on_its_way_says_by_when_it_is_expected_until_that_is_over(
    told: Caller, speed: str, days: int | None
) -> None:
    for ago, known in ((timedelta(hours=1), days is not None), (timedelta(days=6), False)):
        left = datetime.now(UTC).replace(microsecond=0) - ago
        async with told.pool.connection() as conn:
            await conn.execute(
                "UPDATE orders SET status = 'shipped', promised_speed = %s WHERE order_no = 'site-1'", (speed,)
            )
            await conn.execute(
                "UPDATE parcels SET handed_over_at = %s, signed_at = NULL, state = 'handed_over'"
                " WHERE order_no = 'site-1'", (left,)
            )  # fmt: skip
        page = (await told.http.get(f"/v1/tracking/{(await link(told))['token']}")).json()
        expected = (left + timedelta(days=days or 0)).isoformat().replace("+00:00", "Z") if known else None
        assert page["next"]["by"] == expected


async def test_every_link_that_does_not_hold_is_answered_alike(told: Caller) -> None:
    revoked, expired, erased = await link(told), await link(told, "site-2"), await link(told, "site-3")
    assert (await told.http.get(f"/v1/tracking/{expired['token']}")).status_code == 200
    gone = await told.http.delete("/v1/orders/site-1/tracking-link", headers=told.token("customer_service"))
    assert gone.status_code == 204
    async with told.pool.connection() as conn:
        await conn.execute("UPDATE tracking_links SET expires_at = now() WHERE order_no = 'site-2'")
        await conn.execute("UPDATE contacts SET erased_at = now() WHERE contact_id = 'ct_site-3'")
    said = set()
    for token in (revoked["token"], expired["token"], erased["token"], "x" * 43):
        answer = await told.http.get(f"/v1/tracking/{token}")
        problem = {name: value for name, value in answer.json().items() if name != "instance"}
        said.add((answer.status_code, str(problem)))
    assert len(said) == 1
    assert next(iter(said))[0] == 404
    acts = [entry["act"] for entry in (await told.get("/v1/audit", order="site-1")).json()["items"]]
    assert acts == ["tracking_link_made", "tracking_links_revoked"]


async def test_a_link_is_kept_as_a_hash_only_and_a_retry_gives_the_same_one(told: Caller) -> None:
    first, again = await link(told, key="k", body={"valid_days": 3}), await link(told, key="k")
    other, anothers = await link(told, key="l"), await link(told, key="k", subject="colleague-2")
    assert first == again
    assert len({first["token"], other["token"], anothers["token"]}) == 3
    assert len(first["token"]) >= 43
    assert await told.value("SELECT count(*) FROM tracking_links") == 3
    async with told.pool.connection() as conn:
        cursor = await conn.execute(
            "SELECT l::text FROM tracking_links l UNION ALL SELECT a::text FROM audit_entries a"
            " UNION ALL SELECT i::text FROM idempotency_keys i"
        )
        assert first["token"] not in str(await cursor.fetchall())


async def test_only_those_who_talk_to_buyers_make_links(told: Caller) -> None:
    for role in ("reviewer", "warehouse", "finance", "auditor"):
        assert (await told.post("/v1/orders/site-1/tracking-link", {}, role)).status_code == 403, role
    assert (await told.post("/v1/orders/site-404/tracking-link", {})).status_code == 404
    assert (await told.post("/v1/orders/site-1/tracking-link", {"valid_days": 366})).status_code == 422
    assert await told.value("SELECT count(*) FROM tracking_links") == 0


def test_every_status_tells_the_buyer_what_is_next_in_both_languages() -> None:
    assert set(BUYERS_NEXT) == set(OrderStatus)
    assert all(told.english and told.chinese for told in BUYERS_NEXT.values())

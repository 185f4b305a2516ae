"""The blacklist and the rules of the review over REST (R6, R27)."""

from __future__ import annotations

from tests.api.caller import PERSONAL, Caller, an_order, order_no, paid
from tests.api.test_commands import in_review


async def test_a_buyer_on_the_blacklist_is_stopped_at_review_and_the_value_is_shown_to_nobody(shop: Caller) -> None:
    wish = {"kind": "phone", "value": "138 0013 8000", "days": 30, "reason": "chargebacks"}
    kept = await shop.post("/v1/blacklist", wish)
    assert kept.status_code == 200, kept.text
    listed = (await shop.get("/v1/blacklist", "reviewer")).text
    assert '"kind":"phone"' in listed
    assert not [word for word in PERSONAL if word in listed]
    order = an_order()
    await shop.place(order)
    await shop.stripe(paid(order_no(order), order["total"], order["payment"]["reference"]))
    stopped = await shop.until(order_no(order), "intercepted")
    assert "blacklist" in [finding["rule"] for finding in stopped["findings"]]

    gone = await shop.post(f"/v1/blacklist/{kept.json()['entry_no']}/remove", {"reason": "mistaken"})
    assert gone.json() == {"items": []}
    acts = (await shop.get("/v1/audit", "auditor", subject="blacklist")).json()["items"]
    assert [(act["act"], act["why"]) for act in acts] == [
        ("blacklist_added", "chargebacks"),
        ("blacklist_removed", "mistaken"),
    ]


async def test_what_cannot_be_matched_or_is_not_there_is_refused_by_name(api: Caller) -> None:
    before = await api.rows()
    nothing = await api.post("/v1/blacklist", {"kind": "phone", "value": "--", "reason": "chargebacks"})
    assert (nothing.status_code, nothing.json()["faults"][0]["field"]) == (422, "value")
    missing = await api.post("/v1/blacklist/999/remove", {"reason": "mistaken"})
    assert missing.status_code == 404
    reading = await api.post("/v1/blacklist", {"kind": "phone", "value": "1", "reason": "x"}, "reviewer")
    assert reading.status_code == 403
    assert await api.rows() == before


async def test_rules_are_changed_tried_and_refused_with_every_fault(shop: Caller) -> None:
    stricter = {"large_first_order": {"amount": 1}}
    await in_review(shop)
    trial = (await shop.post("/v1/rules/try", {"changes": stricter}, "reviewer")).json()
    assert trial["orders"] == 1
    assert (await shop.get("/v1/rules")).json()["version"] == 0

    after = await shop.post("/v1/rules", {"changes": stricter, "reason": "fraud wave"})
    assert after.json()["version"] == 1
    [rule] = [rule for rule in after.json()["rules"] if rule["rule"] == "large_first_order"]
    assert (rule["parameters"], rule["changed"]) == ({"amount": 1}, ["amount"])

    wrong = {"lorge": {"amount": 1}, "oversold": {"enabled": False}}
    refused = await shop.post("/v1/rules", {"changes": wrong, "reason": "typo"})
    assert refused.status_code == 422
    assert {fault["field"] for fault in refused.json()["faults"]} == {"changes.lorge", "changes.oversold.enabled"}
    assert (await shop.get("/v1/rules")).json()["version"] == 1


async def test_a_dry_run_says_which_order_would_go_elsewhere(shop: Caller) -> None:
    number = await in_review(shop)
    found = (await shop.get(f"/v1/orders/{number}")).json()["findings"]
    off = {finding["rule"]: {"enabled": False} for finding in found}
    trial = (await shop.post("/v1/rules/try", {"changes": off})).json()
    assert trial["moves"] == [{"was": "manual_review", "would": "approved", "orders": 1}]
    assert [other["order_no"] for other in trial["others"]] == [number]

"""The record over REST: searched by time, taken along, verified (R23)."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from store import audit_export
from tests.api.caller import PERSONAL, Caller


async def test_the_record_is_searched_by_time_and_the_newest_first(shop: Caller) -> None:
    first, second = await shop.placed(), await shop.placed()
    told: list[dict[str, Any]] = (await shop.get("/v1/audit", "auditor", act="order_recorded")).json()["items"]
    assert [entry["order_no"] for entry in told] == [first, second]
    newest = (await shop.get("/v1/audit", "auditor", act="order_recorded", sort="newest", limit=1)).json()
    rest = (
        await shop.get("/v1/audit", "auditor", act="order_recorded", sort="newest", cursor=newest["next_cursor"])
    ).json()
    assert [entry["order_no"] for entry in newest["items"] + rest["items"]] == [second, first]
    at = told[1]["at"]
    since = (await shop.get("/v1/audit", "auditor", act="order_recorded", since=at)).json()["items"]
    until = (await shop.get("/v1/audit", "auditor", act="order_recorded", until=at)).json()["items"]
    assert ([entry["order_no"] for entry in since], [entry["order_no"] for entry in until]) == ([second], [first])


async def test_an_auditor_takes_the_filtered_entries_along_without_a_person(
    shop: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_export, "_PAGE", 1)
    number, other = await shop.placed(), await shop.placed()
    answer = await shop.get("/v1/audit.csv", "auditor", order=number)
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert (answer.status_code, tuple(rows[0])) == (200, audit_export.COLUMNS)
    assert ({row["order_no"] for row in rows}, rows[0]["act"]) == ({number}, "order_recorded")
    both = (await shop.get("/v1/audit.csv", "auditor", act="order_recorded")).content.decode("utf-8-sig")
    assert [row["order_no"] for row in csv.DictReader(io.StringIO(both))] == [number, other], "page after page"
    assert not any(text in answer.text for text in PERSONAL)


async def test_the_record_is_verified_whole_or_of_one_subject_and_names_what_was_changed(shop: Caller) -> None:
    number, untouched = await shop.placed(), await shop.placed()
    whole = (await shop.get("/v1/audit/verification", "auditor")).json()
    assert (whole["whole"], whole["chains"] >= 2, whole["findings"]) == (True, True, [])
    async with shop.pool.connection() as conn:
        await conn.execute("ALTER TABLE audit_entries DISABLE TRIGGER audit_entries_append_only")
        await conn.execute("UPDATE audit_entries SET actor = 'somebody-else' WHERE order_no = %s", (number,))
        await conn.execute("ALTER TABLE audit_entries ENABLE ALWAYS TRIGGER audit_entries_append_only")
    broken = (await shop.get("/v1/audit/verification", "auditor", subject=f"order:{number}")).json()
    assert [(found["subject"], found["number"], found["fault"]) for found in broken["findings"]] == [
        (f"order:{number}", 1, "changed")
    ]
    told = (await shop.get("/v1/audit/verification/events", "auditor", subject=f"order:{number}")).text
    *progress, report = [line.removeprefix("data: ") for line in told.splitlines() if line.startswith("data: ")]
    assert json.loads(report) == broken
    assert json.loads(progress[0]) == {"entries": 0, "of": json.loads(report)["entries"]}
    other = (await shop.get("/v1/audit/verification", "auditor", subject=f"order:{untouched}")).json()
    assert (other["whole"], other["chains"]) == (True, 1)

"""Saved views: each person's own, no person in them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from store import saved_views
from tests.api.caller import Caller

VIEW: dict[str, Any] = {
    "filters": {"status": "manual_review", "has_case": True, "limit": 20}, "sort": "due", "columns": ["order_no"]
}  # fmt: skip
PATH = "/v1/views/review/大額待審"


async def put(api: Caller, path: str = PATH, body: Any = VIEW, who: str = "r-1") -> httpx.Response:
    return await api.http.put(path, json=body, headers=api.token("reviewer", who))


async def test_a_view_is_kept_read_overwritten_and_deleted_by_its_owner_alone(api: Caller) -> None:
    mine, theirs = api.token("reviewer", "r-1"), api.token("reviewer", "r-2")
    assert (await put(api)).json()["filters"] == VIEW["filters"]
    assert (await put(api, body={**VIEW, "sort": "placed"})).json()["sort"] == "placed"
    listed = (await api.http.get("/v1/views/review", headers=mine)).json()["items"]
    assert [(view["name"], view["sort"]) for view in listed] == [("大額待審", "placed")]
    assert (await api.http.get("/v1/views/service", headers=mine)).json()["items"] == []
    assert (await api.http.get("/v1/views/review", headers=theirs)).json()["items"] == []
    assert (await api.http.get(PATH, headers=theirs)).status_code == 404
    assert (await api.http.delete(PATH, headers=theirs)).status_code == 404
    assert (await api.http.delete(PATH, headers=mine)).status_code == 204
    assert (await api.http.get(PATH, headers=mine)).status_code == 404


NOT_KEPT: list[dict[str, Any]] = [
    {"filters": {"phone": "13800138000"}},
    {"filters": {"a b": 1}},
    {"filters": {"status": {"deep": 1}}},
    {"columns": ["name"]},
    {"filters": {f"f{number}": 1 for number in range(31)}},
    {"secret": 1},
    {"filters": {"status": "x" * 81}},
]


async def test_a_view_holds_filters_and_nobody(api: Caller) -> None:
    for content in NOT_KEPT:
        answer = await put(api, body=content)
        assert answer.status_code == 422, content
        assert "13800138000" not in answer.text
    assert await api.value("SELECT count(*) FROM saved_views") == 0


async def test_a_person_keeps_so_many_views_at_a_desk(api: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_views, "MOST", 2)
    answers = [await put(api, f"/v1/views/review/{name}") for name in ("a", "b", "c", "a")]
    assert [answer.status_code for answer in answers] == [200, 200, 409, 200]
    assert (await put(api, "/v1/views/service/a")).status_code == 200
    assert (await put(api, "/v1/views/review/c", who="r-2")).status_code == 200
    assert (await api.http.get("/v1/views/review", headers=api.token("integrator"))).status_code == 403

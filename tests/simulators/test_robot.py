"""The robot against a small interface of the documented shape."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Annotated, Any

import httpx
import pytest
from fastapi import FastAPI, Header, HTTPException, Response

from dev.simulators.robot import Robot


def task(no: str = "PT-1", quantity: int = 2, lot: str | None = "L1") -> dict[str, Any]:
    line = {"line_no": 1, "sku": "TEA", "barcode": "690", "title": "茶", "bin": "A-01", "lot": lot, "expires_on": None}
    return {
        "task_no": no,
        "order_no": "OF-1",
        "warehouse": "W1",
        "parcel_no": f"{no}-P",
        "state": "open",
        "picker": None,
        "lines": [line | {"quantity": quantity, "picked": 0}],
    }


@dataclass
class Warehouse:
    """Pick tasks, who did what, and which packaging is enough."""

    tasks: list[dict[str, Any]]
    needs: str = "standard"
    down: bool = False
    lose_answers: int = 0
    asked: int = 0
    stale: list[dict[str, Any]] = field(default_factory=list)
    acts: list[tuple[str, str]] = field(default_factory=list)
    keys: dict[str, dict[str, Any]] = field(default_factory=dict)
    printed: list[str] = field(default_factory=list)

    def app(self) -> FastAPI:
        app = FastAPI()
        app.get("/v1/pick-tasks")(self._list)
        app.post("/v1/pick-tasks/{task_no}/scans")(self._scan)
        app.post("/v1/pick-tasks/{task_no}/recheck")(self._recheck)
        app.get("/v1/parcels/{parcel_no}/label.pdf")(self._label)
        return app

    async def _list(self, state: str, warehouse: str | None = None) -> dict[str, Any]:
        if self.down:
            raise HTTPException(503)
        shown = self.stale or self.tasks
        # The stale list is shown until the next round begins to read.
        self.stale = [] if state == "open" else self.stale
        return {"items": [one for one in shown if one["state"] == state and warehouse in (None, one["warehouse"])]}

    async def _scan(
        self,
        task_no: str,
        body: dict[str, str],
        authorization: Annotated[str, Header()],
        idempotency_key: Annotated[str, Header()],
    ) -> dict[str, Any]:
        self.asked += 1
        before = copy.deepcopy(self.tasks)
        if idempotency_key not in self.keys:
            self.acts.append((authorization, "scan"))
            self.keys[idempotency_key] = self._scanned(task_no, body)
        if self.lose_answers:
            self.lose_answers -= 1
            self.stale = before
            raise HTTPException(502)
        return self.keys[idempotency_key]

    def _scanned(self, task_no: str, body: dict[str, str]) -> dict[str, Any]:
        found = next(one for one in self.tasks if one["task_no"] == task_no)
        line = found["lines"][0]
        if body.get("lot") == "OLD":
            return {"verdict": "wrong", "expected": {"lot": "NEW"}, "remaining": 1, "state": "picking"}
        line["picked"] += 1
        left = line["quantity"] - line["picked"]
        found["state"] = "picking" if left else "picked"
        return {"verdict": "right", "expected": {}, "remaining": left, "state": found["state"]}

    async def _recheck(self, task_no: str, body: dict[str, Any], authorization: Annotated[str, Header()]) -> Any:
        self.acts.append((authorization, f"recheck {body['packaging']} {len(body['barcodes'])}"))
        if body["packaging"] != self.needs and self.needs != "standard":
            raise HTTPException(409)
        next(one for one in self.tasks if one["task_no"] == task_no)["state"] = "packed"
        return {}

    async def _label(self, parcel_no: str) -> Response:
        if self.tasks[0].pop("label_pending", None):
            raise HTTPException(404)
        self.printed.append(parcel_no)
        return Response(b"%PDF", media_type="application/pdf")

    def robot(self) -> Robot:
        client = httpx.AsyncClient(transport=httpx.ASGITransport(self.app()), base_url="http://api")
        return Robot(client, "picker", "rechecker")


async def test_a_task_is_picked_by_one_and_rechecked_by_another_then_printed() -> None:
    warehouse = Warehouse([task()])
    await warehouse.robot().round()
    assert warehouse.acts == [
        ("Bearer picker", "scan"),
        ("Bearer picker", "scan"),
        ("Bearer rechecker", "recheck standard 2"),
    ]
    assert warehouse.printed == ["PT-1-P"]


async def test_a_scan_whose_answer_was_lost_is_not_counted_twice() -> None:
    """Not even when the list read after it does not show the scan yet."""
    warehouse = Warehouse([task(quantity=3)], lose_answers=1)
    robot = warehouse.robot()
    await robot.round()
    await robot.round()
    assert warehouse.tasks[0]["lines"][0]["picked"] == 3
    assert warehouse.acts.count(("Bearer picker", "scan")) == 3
    assert warehouse.asked == 4


async def test_a_refused_packaging_is_reinforced() -> None:
    warehouse = Warehouse([task()], needs="reinforced")
    await warehouse.robot().round()
    assert [act for _, act in warehouse.acts if act.startswith("recheck")] == [
        "recheck standard 2",
        "recheck reinforced 2",
    ]
    assert warehouse.tasks[0]["state"] == "packed"


async def test_a_wrong_scan_is_left_to_a_person_until_the_task_changes() -> None:
    warehouse = Warehouse([task(lot="OLD"), task("PT-2")])
    robot = warehouse.robot()
    await robot.round()
    await robot.round()
    assert warehouse.asked == 3, "one wrong scan, two right ones, and no second try"
    assert [one["state"] for one in warehouse.tasks] == ["open", "packed"]
    warehouse.tasks[0]["lines"][0]["lot"] = "NEW"
    await robot.round()
    assert warehouse.tasks[0]["state"] == "packed"


async def test_a_label_that_is_not_ready_is_fetched_at_the_next_round() -> None:
    warehouse = Warehouse([task() | {"label_pending": True}])
    robot = warehouse.robot()
    await robot.round()
    assert warehouse.printed == []
    await robot.round()
    assert warehouse.printed == ["PT-1-P"]


async def test_an_interface_that_is_down_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    warehouse = Warehouse([task()], down=True)
    rounds = 0

    async def between_rounds(_: float) -> None:
        nonlocal rounds
        rounds += 1
        warehouse.down = False
        if rounds == 2:
            raise StopAsyncIteration

    monkeypatch.setattr("dev.simulators.robot.asyncio.sleep", between_rounds)
    with pytest.raises((StopAsyncIteration, RuntimeError)):
        await warehouse.robot().work(0.5)
    assert warehouse.printed == ["PT-1-P"]

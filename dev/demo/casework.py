"""What is done about an order that went wrong: cases opened, worked on and closed through the API."""

from __future__ import annotations

from typing import Any

from dev.demo.acts import looking_again
from dev.demo.desk import SERVICE, Post
from dev.demo.rounds import rounds
from dev.demo.scenario import Act, Scene
from domain.cases import CaseState


def opens(kind: str, by: Post = SERVICE, *, parcel: bool = False, **body: Any) -> Act:
    """Open a case of the order; with ``parcel`` it is about the order's first parcel."""

    async def open_it(scene: Scene) -> None:
        about = {"subject": f"{scene.order_no}-P1"} if parcel else {}
        wanted = {"kind": kind, "reason": "sample_order", **about, **body}
        scene.case_no = await _number(scene, "cases", wanted, by)

    return looking_again(open_it)


def applies(reason: str, wish: str) -> Act:
    """The buyer wants to give one piece of the first line back (R16)."""

    async def apply(scene: Scene) -> None:
        wanted = {"lines": [{"line_no": 1, "quantity": 1}], "reason": reason, "wish": wish}
        scene.case_no = await _number(scene, "returns", wanted, SERVICE)

    return looking_again(apply)


def in_case(door: str, by: Post = SERVICE, **body: Any) -> Act:
    """Ask the case for something: ``stage``, ``settle``, ``decision`` …"""

    async def ask(scene: Scene) -> None:
        await scene.stage.desk.ask(f"/v1/cases/{scene.case_no}/{door}", body, by)

    return looking_again(ask)


async def case_closes(scene: Scene) -> None:
    """Wait until the case is closed: its settlement has been carried out."""
    await _until(scene, lambda case: case["state"]["code"] == CaseState.CLOSED)


async def is_carried_out(scene: Scene) -> None:
    """Wait until its settlement has been carried out, and only its close is missing."""
    await _until(scene, lambda case: case["waits_for"] is None or case["waits_for"]["name"] == "closing")
    async for _ in rounds():
        timeline = await scene.stage.desk.read(f"/v1/cases/{scene.case_no}/timeline")
        if "case_remedy_done" in {entry["act"] for entry in timeline["items"]}:
            return


async def _number(scene: Scene, door: str, body: dict[str, Any], by: Post) -> str:
    return str((await scene.stage.desk.ask(f"/v1/orders/{scene.order_no}/{door}", body, by))["case_no"])


async def _until(scene: Scene, good: Any) -> None:
    async for _ in rounds():
        if good(await scene.stage.desk.read(f"/v1/cases/{scene.case_no}")):
            return

"""The warehouse robot: works pick tasks through the same REST interface a person would use (R8, R10, R32).

``python -m dev.simulators.robot --api URL``. It is two identities, because whoever picked a
parcel may not recheck it. It keeps nothing: what is left to do is what the interface lists,
so it can be stopped anywhere, and an interface that is down is asked again at the next round.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeAlias
from urllib.parse import quote

import httpx
import structlog
import typer

Task: TypeAlias = dict[str, Any]

log = structlog.get_logger()

_REFUSED = frozenset({400, 403, 404, 409, 422})


@dataclass(slots=True)
class Robot:
    """``client`` has the interface's base URL; ``warehouse`` None works everywhere."""

    client: httpx.AsyncClient
    picker_token: str
    rechecker_token: str
    warehouse: str | None = None
    _aside: set[str] = field(default_factory=set)
    _to_print: set[str] = field(default_factory=set)

    async def work(self, poll_seconds: float) -> None:
        """Round after round until cancelled."""
        while True:
            try:
                await self.round()
            except httpx.HTTPError as error:
                log.info("robot_waits_for_the_interface", error=type(error).__name__)
            await asyncio.sleep(poll_seconds)

    async def round(self) -> None:
        """Pick what can be picked, recheck what is picked, print what is packed."""
        for state in ("open", "picking"):
            for task in await self._tasks(state, self.picker_token):
                await self._one(task, self._pick(task))
        for task in await self._tasks("picked", self.rechecker_token):
            await self._one(task, self._recheck(task))
        for parcel_no in sorted(self._to_print):
            await self._print(parcel_no)

    async def _one(self, task: Task, act: Coroutine[None, None, None]) -> None:
        """A task that fails at the interface must not keep the others waiting; the next round tries it again."""
        try:
            await act
        except httpx.HTTPError as error:
            log.info("robot_leaves_task_for_now", task_no=task["task_no"], error=type(error).__name__)

    async def _tasks(self, state: str, token: str) -> list[Task]:
        """The tasks in this state, without those the interface refused as they are now."""
        params = {"state": state} | ({} if self.warehouse is None else {"warehouse": self.warehouse})
        answer = await self.client.get("/v1/pick-tasks", params=params, headers=_bearer(token))
        answer.raise_for_status()
        return [task for task in answer.json()["items"] if _fingerprint(task) not in self._aside]

    async def _pick(self, task: Task) -> None:
        """Scan bin and barcode once for every piece still missing."""
        for line in task["lines"]:
            for piece in range(line["picked"] + 1, line["quantity"] + 1):
                scan = {"bin": line["bin"], "barcode": line["barcode"]} | ({"lot": line["lot"]} if line["lot"] else {})
                # The piece's number is in the key: a repeat after a lost answer is the same scan, not one more.
                key = _key("scan", task["task_no"], line["line_no"], piece, scan)
                answer = await self._act(task, "scans", scan, key, self.picker_token)
                if answer is None or answer["verdict"] != "right":
                    self._set_aside(task, "scan")
                    return

    async def _recheck(self, task: Task) -> None:
        """Confirm every piece and the packaging, then print the label."""
        barcodes = [line["barcode"] for line in task["lines"] for _ in range(line["quantity"])]
        for packaging in _packagings(task):
            body = {"packaging": packaging, "barcodes": barcodes}
            key = _key("recheck", task["task_no"], body)
            if await self._act(task, "recheck", body, key, self.rechecker_token) is not None:
                self._to_print.add(task["parcel_no"])
                return
        self._set_aside(task, "recheck")

    async def _print(self, parcel_no: str) -> None:
        """Fetch the label; one that is not ready yet is asked for again at the next round."""
        path = f"/v1/parcels/{quote(parcel_no, safe='')}/label.pdf"
        answer = await self.client.get(path, headers=_bearer(self.rechecker_token))
        if answer.is_success:
            self._to_print.discard(parcel_no)
            log.info("robot_printed_label", parcel_no=parcel_no, size=len(answer.content))
        elif answer.status_code not in (404, 409):
            answer.raise_for_status()

    async def _act(self, task: Task, act: str, body: dict[str, Any], key: str, token: str) -> dict[str, Any] | None:
        """One act on a task; None if it was refused. Anything else that is no success is raised."""
        path = f"/v1/pick-tasks/{quote(task['task_no'], safe='')}/{act}"
        answer = await self.client.post(path, json=body, headers=_bearer(token) | {"Idempotency-Key": key})
        if answer.status_code in _REFUSED:
            log.info("robot_refused", task_no=task["task_no"], act=act, status=answer.status_code)
            return None
        answer.raise_for_status()
        return dict(answer.json())

    def _set_aside(self, task: Task, why: str) -> None:
        """Leave the task alone until the interface shows it changed: a person is looking at it."""
        log.info("robot_sets_task_aside", task_no=task["task_no"], why=why)
        self._aside.add(_fingerprint(task))


def _packagings(task: Task) -> tuple[str, ...]:
    """What to try: fragile goods are reinforced (R10), and a refusal of "standard" means the same."""
    fragile = task.get("packaging") == "reinforced" or any(line.get("fragile") for line in task["lines"])
    return ("reinforced",) if fragile else ("standard", "reinforced")


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _fingerprint(task: Task) -> str:
    return _key("seen", task)


def _key(*parts: Any) -> str:
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, default=str)
    return f"robot-{hashlib.sha256(text.encode()).hexdigest()[:40]}"


def run(
    api: Annotated[str, typer.Option(envvar="ORDERFLOW_PUBLIC_URL", help="Where the REST interface is.")],
    picker_token: Annotated[str, typer.Option(envvar="ORDERFLOW_ROBOT_PICKER_TOKEN", show_envvar=True)],
    rechecker_token: Annotated[str, typer.Option(envvar="ORDERFLOW_ROBOT_RECHECKER_TOKEN", show_envvar=True)],
    warehouse: Annotated[str | None, typer.Option(help="Only this warehouse's tasks.")] = None,
    poll_seconds: Annotated[float, typer.Option(min=0.05)] = 0.5,
) -> None:
    """Work pick tasks until stopped."""
    asyncio.run(_run(api, picker_token, rechecker_token, warehouse, poll_seconds))


async def _run(api: str, picker: str, rechecker: str, warehouse: str | None, poll_seconds: float) -> None:
    async with httpx.AsyncClient(base_url=api, timeout=30) as client:
        await Robot(client, picker, rechecker, warehouse).work(poll_seconds)


if __name__ == "__main__":
    typer.run(run)

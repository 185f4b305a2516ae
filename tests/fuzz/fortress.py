"""The whole shop at work in a thread of its own, with something in every room, for requests made one by one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal

from domain.permissions import Role
from runtime.rate import Allowance
from runtime.settings import Settings
from store.pool import open_pool
from tests.api.caller import Caller
from tests.api.ground import outside_of, shop_at_work, shop_settings
from tests.api.staff import an_account
from tests.api.test_commands import in_review
from tests.api.test_returns import applied, signed
from tests.api.test_scope import machine
from tests.api.test_warehouse import to_pick
from tests.fixtures.temporal import connect, end_all

APP_ONLY = "a machine of the channel app"
NOBODY = "nobody"
_NO_LIMIT = Allowance(1_000_000, timedelta(minutes=1))


@dataclass(frozen=True)
class Fortress:
    """``things`` are the numbers that stand in paths, by the parameter's name; ``callers`` the headers, by who asks."""

    caller: Caller
    portal: BlockingPortal
    callers: Mapping[str, Mapping[str, str]]
    things: Mapping[str, list[str]] = field(default_factory=dict)

    def ask(self, request: httpx.Request) -> httpx.Response:
        """The answer, whoever asks from whichever thread."""
        return self.portal.call(self.caller.http.send, request)


@contextmanager
def fortress(database_url: str, temporal_address: str, folder: Path) -> Iterator[Fortress]:
    """Open everything for the length of a block."""
    settings = shop_settings(database_url, folder).model_copy(
        update={
            "temporal_address": temporal_address,
            "workflow_sandbox": False,
            **dict.fromkeys(("rate_reads", "rate_writes", "rate_reveals", "rate_sign_in"), _NO_LIMIT),
        }
    )
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(_at_work(settings)) as caller:
        callers, things = portal.call(_furnished, caller)
        yield Fortress(caller, portal, callers, things)


@asynccontextmanager
async def _at_work(settings: Settings) -> AsyncIterator[Caller]:
    temporal = await connect(settings.temporal_address)
    async with open_pool(settings.database_url, min_size=1, max_size=16) as pool, outside_of(settings) as outside:
        try:
            async with shop_at_work(settings, temporal, pool, outside) as caller:
                yield caller
        finally:
            await end_all(temporal)


async def _furnished(caller: Caller) -> tuple[dict[str, dict[str, str]], dict[str, list[str]]]:
    waiting, unpaid, returned = await in_review(caller), await caller.placed(), await signed(caller)
    picking, task = await to_pick(caller)
    case = await applied(caller, returned)
    staff_id, _ = await an_account(caller)
    callers = {role.value: caller.token(role.value) for role in Role}
    callers |= {APP_ONLY: await machine(caller, channels=["app"]), NOBODY: {}}
    link = await caller.post(f"/v1/orders/{unpaid}/tracking-link", {}, "customer_service")
    things = {
        "order_no": [waiting, unpaid, returned, picking],
        "task_no": [task["task_no"]],
        "parcel_no": [task["parcel_no"]] if "parcel_no" in task else [f"{returned}-P1"],
        "case_no": [case["case_no"]],
        "staff_id": [staff_id],
        "token": [link.json()["url"].rsplit("/", 1)[1]],
    }
    return callers, things


def known_parameters(things: Mapping[str, list[str]], names: Mapping[str, Any]) -> dict[str, list[str]]:
    """Of a path's parameters, those of which something stands here."""
    return {name: things[name] for name in names if name in things}

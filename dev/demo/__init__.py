"""The demo: about twenty sample orders of our own writing, seen on their way, and a verdict.

They come in through the doors that real ones use, in the channels' real formats. Deadlines
are neither shortened nor faked: the time machine lets them pass.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx
from rich.console import Console

from api.auth import issue_token
from dev import seed as seeds
from dev.demo import play, screen
from dev.demo.board import Board
from dev.demo.books import Books
from dev.demo.desk import OPERATIONS, Desk
from dev.demo.outside import Outside
from dev.demo.programme import PROGRAMME
from dev.demo.report import Report
from dev.demo.scenario import Stage
from dev.stack.addresses import StackAddresses
from dev.stack.screen import how_to_sign_in
from dev.time_machine import TimeMachine
from runtime import dev_secrets
from runtime.crypto import vault_of
from runtime.settings import Settings
from runtime.temporal import connect
from store.pool import open_pool

NO_STACK = 2
"""Exit code when there is nothing to play against."""

_TIMEOUT = httpx.Timeout(15)


async def seed(settings: Settings, *, stack_addresses: StackAddresses) -> None:
    """Put the sample catalogue, its stock, a blacklisted buyer and the staff's accounts into a development shop."""
    bearer = f"Bearer {issue_token(settings, OPERATIONS.role, OPERATIONS.staff_id)}"
    async with _client(stack_addresses.api, Authorization=bearer) as api:
        await seeds.seed(api)
    async with open_pool(settings.database_url, max_size=2) as pool:
        await seeds.blacklist_sample_account(pool, vault_of(settings))
        await seeds.open_accounts(pool, dev_secrets.load_or_make(settings.data_dir)["account_password"])


async def run(settings: Settings, *, stack_addresses: StackAddresses, json_out: bool, live: bool) -> int:
    """Play every sample order against a running stack; 0 only if each ended as it should and the books agree.

    With ``json_out`` standard output carries one JSON object and nothing else; everything
    for people then goes to standard error.
    """
    console = screen.console(stderr=json_out)
    started = time.monotonic()
    try:
        await seed(settings, stack_addresses=stack_addresses)
    except httpx.TransportError:
        console.print(f"nobody answers at {stack_addresses.api}: start the stack with [bold]orderflow up[/]")
        return NO_STACK
    async with _stage(settings, stack_addresses) as stage:
        company = play.cast(PROGRAMME, stage)
        async with screen.showing(console, company, live=live):
            await play.play_all(company)
        report = await _judge(company, stage, time.monotonic() - started)
    _tell(console, report, stack_addresses, dev_secrets.load_or_make(settings.data_dir)["account_password"])
    if json_out:
        json.dump(report.as_json(_shown(stack_addresses)), sys.stdout, ensure_ascii=False, indent=2)
        sys.stdout.write("\n")
        sys.stdout.flush()
    return 0 if report.ok else 1


@asynccontextmanager
async def _stage(settings: Settings, at: StackAddresses) -> AsyncIterator[Stage]:
    """Everything the orders share, and the reader of the board beside them."""
    async with _client(at.api) as api, _client(at.simulators) as outside, open_pool(settings.database_url) as pool:
        desk = Desk(api, settings)
        temporal = await connect(settings)
        stage = Stage(
            stamp=str(int(time.time())),
            desk=desk,
            outside=Outside(outside, api, settings),
            board=Board(desk),
            books=Books(pool),
            machine=TimeMachine(temporal, settings),
            temporal=temporal,
        )
        watching = asyncio.create_task(stage.board.watch())
        try:
            yield stage
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching


async def _judge(company: list[play.Played], stage: Stage, seconds: float) -> Report:
    """Look at the books once everything is over."""
    channel_faults = await play.channel_faults(company)
    order_nos = [played.scene.order_no for played in company]
    return Report(
        company=company,
        stock_faults=await stage.books.stock_faults(),
        money_faults=await stage.books.money_faults(order_nos, stage.outside),
        channel_faults=channel_faults,
        seconds=seconds,
    )


def _tell(console: Console, report: Report, at: StackAddresses, password: str) -> None:
    console.print()
    console.print(screen.ended(report.company))
    console.print()
    for line in report.lines():
        console.print(f"  {line}", highlight=False)
    console.print()
    for name, address in _shown(at).items():
        console.print(f"  {name:<12} {address}", highlight=False, soft_wrap=True)
    console.print(f"  {'sign in':<12} {how_to_sign_in(password)}", highlight=False, soft_wrap=True)


def _shown(at: StackAddresses) -> dict[str, str]:
    return {
        "desks": at.console,
        "api": at.api,
        "api_docs": at.api_docs,
        "temporal_ui": at.temporal_ui,
        "simulators": at.simulators,
    }


def _client(base_url: str, **headers: str) -> httpx.AsyncClient:
    # A proxy named in the environment has no business between parts on one machine.
    return httpx.AsyncClient(base_url=base_url, headers=headers, timeout=_TIMEOUT, trust_env=False)

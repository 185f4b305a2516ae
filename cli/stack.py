"""``orderflow up`` and ``orderflow demo``: the embedded stack, and sample orders moving through it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from cli.output import WRONG_SETTINGS, AsJson, print_json, refuse, settings_or_exit
from runtime.settings import Settings, child_environment

if TYPE_CHECKING:
    from dev.stack.addresses import StackAddresses
    from dev.stack.screen import Screen

_ROBOT_HOURS = 24 * 30


def up(
    demo: Annotated[bool, typer.Option("--demo", help="Send sample orders through the system.")] = False,
    leave: Annotated[bool, typer.Option("--exit", help="Stop afterwards; the exit code is the demo's.")] = False,
    seed: Annotated[bool, typer.Option(help="Put sample products and stock into the shop.")] = True,
    as_json: AsJson = False,
) -> None:
    """Start PostgreSQL, Temporal, the simulators, worker, API and console on this machine, and keep them running.

    Exit codes: 1 a part cannot start, 2 wrong settings, 3 a port is taken, 4 it runs already.
    """
    settings = _development_settings()

    from dev.stack.errors import StackError

    try:
        code = asyncio.run(_up(settings, demo=demo, leave=leave, seed=seed, as_json=as_json))
    except StackError as error:
        refuse(str(error), error.exit_code)
    raise typer.Exit(code)


def demo(
    live: Annotated[bool, typer.Option(help="Show a live table.")] = True,
    as_json: AsJson = False,
) -> None:
    """Send sample orders through the running stack; exit code 0 when every order ended as it should."""
    settings = _development_settings()

    from dev.stack.addresses import StackAddresses

    raise typer.Exit(asyncio.run(_demo(settings, StackAddresses.of(settings), as_json=as_json, live=live)))


def _development_settings() -> Settings:
    settings = settings_or_exit()
    if settings.environment == "production":
        refuse("the embedded stack and the demo are for development only", WRONG_SETTINGS)
    # The parts are told this path, so it must not depend on where each of them stands.
    return settings.model_copy(update={"data_dir": settings.data_dir.resolve()})


async def _up(settings: Settings, *, demo: bool, leave: bool, seed: bool, as_json: bool) -> int:
    from dev.stack.addresses import StackAddresses
    from dev.stack.catalog import parts
    from dev.stack.screen import Screen
    from dev.stack.up import Run
    from dev.stack.up import up as run_up

    at = StackAddresses.of(settings)
    screen = Screen(Console(stderr=as_json))
    return await run_up(
        Run(
            parts=parts(settings, _robot(settings)),
            data_dir=settings.data_dir,
            environment=child_environment({"data_dir": str(settings.data_dir)}),
            screen=screen,
            welcome=lambda: _welcome(screen, at, _password(settings), as_json=as_json and not demo),
            errand=_errand(settings, at, demo=demo, seed=seed, as_json=as_json),
            stay=not leave,
        )
    )


def _welcome(screen: Screen, at: StackAddresses, password: str, *, as_json: bool) -> None:
    screen.welcome(at, password)
    if as_json:
        print_json(asdict(at))


def _password(settings: Settings) -> str:
    from runtime import dev_secrets

    return dev_secrets.load_or_make(settings.data_dir)["account_password"]


def _errand(
    settings: Settings, at: StackAddresses, *, demo: bool, seed: bool, as_json: bool
) -> Callable[[], Awaitable[int]]:
    async def run() -> int:
        if demo:
            # It seeds the shop itself.
            return await _demo(settings, at, as_json=as_json, live=True)
        if seed:
            await _seed(settings, at)
        return 0

    return run


async def _seed(settings: Settings, at: StackAddresses) -> None:
    from dev.demo import seed

    await seed(settings, stack_addresses=at)


async def _demo(settings: Settings, at: StackAddresses, *, as_json: bool, live: bool) -> int:
    from dev.demo import run

    return await run(settings, stack_addresses=at, json_out=as_json, live=live and not as_json)


def _robot(settings: Settings) -> dict[str, str]:
    """Two identities: whoever picked a parcel may not recheck it (R10)."""
    from api.auth import issue_token
    from domain.permissions import Role

    return {
        f"ORDERFLOW_ROBOT_{post.upper()}_TOKEN": issue_token(settings, Role.WAREHOUSE, f"robot-{post}", _ROBOT_HOURS)
        for post in ("picker", "rechecker")
    }

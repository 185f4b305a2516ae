"""``orderflow worker`` and ``orderflow api``: the two processes a deployment runs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from cli.output import settings_or_exit
from runtime.garbage import settled
from runtime.settings import Settings

if TYPE_CHECKING:
    from fastapi import FastAPI


def worker() -> None:
    """Run the workflows and activities until SIGTERM or Ctrl-C."""
    settings = settings_or_exit()

    from worker import main

    asyncio.run(main(settings))


def api(
    host: Annotated[str | None, typer.Option(help="Overrides ORDERFLOW_API_HOST.")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Overrides ORDERFLOW_API_PORT.")] = None,
) -> None:
    """Serve the REST API until SIGTERM or Ctrl-C."""
    settings = settings_or_exit()

    import uvicorn

    from runtime import log

    log.configure(settings)
    uvicorn.run(
        lambda: settled(api_app(settings)),
        factory=True,
        host=host or settings.api_host,
        port=port or settings.api_port,
        # Logging is set up already, and the access log would show what people searched for (R21).
        log_config=None,
        access_log=False,
        # The app heeds ORDERFLOW_TRUSTED_PROXIES; uvicorn's own would believe whoever asks from this machine.
        proxy_headers=False,
        timeout_graceful_shutdown=10,
        # uvicorn's 5 s are what clients take for themselves, too: both would let go at the same moment.
        timeout_keep_alive=75,
    )


def api_app(settings: Settings) -> FastAPI:
    """The application that is served; in development, and only there, with the time machine's door."""
    from api.app import create_app

    app = create_app(settings)
    if settings.environment == "development":
        from dev.time_door import open_door

        open_door(app, settings)
    return app

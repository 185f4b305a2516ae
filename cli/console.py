"""``orderflow console``: the desks in a browser, a client of the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.output import WRONG_SETTINGS, refuse, settings_or_exit
from runtime.settings import Settings, variable

if TYPE_CHECKING:
    from console.app import ConsoleConfig


def console(
    host: Annotated[str | None, typer.Option(help="Overrides ORDERFLOW_CONSOLE_HOST.")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Overrides ORDERFLOW_CONSOLE_PORT.")] = None,
) -> None:
    """Serve the desks until SIGTERM or Ctrl-C."""
    settings = settings_or_exit()

    import uvicorn

    from console.app import create_app
    from runtime import log

    log.configure(settings)
    config = console_config(settings)
    uvicorn.run(
        lambda: create_app(config),
        factory=True,
        host=host or settings.console_host,
        port=port or settings.console_port,
        log_config=None,
        # It would show which order somebody looked at.
        access_log=False,
        # The app heeds ORDERFLOW_TRUSTED_PROXIES; uvicorn's own would believe whoever asks from this machine.
        proxy_headers=False,
        timeout_graceful_shutdown=5,
    )


def console_config(settings: Settings) -> ConsoleConfig:
    """What the console is told of the settings; leaves with exit code 2 without a secret of its own."""
    from console.app import ConsoleConfig

    if settings.console_secret is None:
        refuse(f"{variable('console_secret')} is missing: it signs the browsers' cookies", WRONG_SETTINGS)
    return ConsoleConfig(
        api_url=settings.console_api_url or f"http://{settings.api_host}:{settings.api_port}",
        storage_secret=settings.console_secret.get_secret_value(),
        secure_cookies=settings.environment == "production",
        environment=settings.environment,
        public_url=settings.console_public_url,
        trusted_proxies=tuple(str(one) for one in settings.trusted_proxies),
        timezone=settings.shop_timezone,
        shop_name=settings.shop_name,
    )

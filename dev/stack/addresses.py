"""Where the parts of a stack are found: printed at its start and handed to the demo."""

from __future__ import annotations

from dataclasses import dataclass

from runtime.settings import Settings


@dataclass(frozen=True)
class StackAddresses:
    """All are URLs but ``temporal``, which is HOST:PORT as Temporal clients take it."""

    api: str
    api_docs: str
    console: str
    temporal: str
    temporal_http: str
    temporal_ui: str
    simulators: str
    database_url: str

    @classmethod
    def of(cls, settings: Settings) -> StackAddresses:
        """The addresses that the embedded stack of these settings has."""
        api = f"http://{settings.api_host}:{settings.api_port}"
        return cls(
            api=api,
            api_docs=f"{api}/docs",
            console=f"http://{settings.console_host}:{settings.console_port}",
            temporal=settings.temporal_address,
            temporal_http=f"http://127.0.0.1:{settings.temporal_http_port}",
            temporal_ui=f"http://127.0.0.1:{settings.temporal_ui_port}",
            simulators=f"http://127.0.0.1:{settings.simulator_port}",
            database_url=settings.database_url,
        )

"""The command line against the test's own database."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from tests.upkeep.people import INDEX_KEY, NEW_KEY, OLD_KEY

Orderflow: TypeAlias = Callable[..., Awaitable[Result]]


def text(key: bytes) -> str:
    """A key as its setting holds it."""
    return base64.b64encode(key).decode()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the backups go."""
    return tmp_path / "backups"


@pytest.fixture
def variables(tmp_path: Path, database_url: str) -> dict[str, str]:
    """The settings of a command: the test's database, and the keys of :mod:`tests.upkeep.people`."""
    return {
        "ORDERFLOW_DATA_DIR": str(tmp_path / "data"),
        "ORDERFLOW_DATABASE_URL": database_url,
        "ORDERFLOW_VAULT_MASTER_KEYS": json.dumps({"1": text(OLD_KEY), "2": text(NEW_KEY)}),
        "ORDERFLOW_VAULT_ACTIVE_KEY_VERSION": "2",
        "ORDERFLOW_BLIND_INDEX_KEY": text(INDEX_KEY),
    }


@pytest.fixture
def orderflow(tmp_path: Path, variables: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Orderflow:
    """Runs ``orderflow`` with these settings."""
    # A developer's own .env is none of this test's business.
    monkeypatch.chdir(tmp_path)

    async def run(*arguments: str, stdin: str | None = None, **others: str) -> Result:
        # In a thread, for a command brings an event loop of its own.
        return await asyncio.to_thread(
            lambda: CliRunner().invoke(app, list(arguments), input=stdin, env=variables | others)
        )

    return run


def data(result: Result) -> Any:
    """What a command printed as JSON; its standard output holds nothing else."""
    return json.loads(result.stdout)

"""Backups of a test's database: taken, restored and looked into."""

from __future__ import annotations

import json
import subprocess
import zipfile
from pathlib import Path
from typing import Any

from runtime.postgres_programs import fitting
from store.backup_files import MANIFEST, SPLIT
from store.backup_files import TRADE as TRADE_DUMP
from store.pool import Connection, open_pool
from tests.fixtures.orders import value
from tests.upkeep.conftest import Orderflow, data
from tests.upkeep.people import Known


async def backed_up(orderflow: Orderflow, folder: Path, *options: str) -> str:
    """Take a backup; returns the name of its set."""
    result = await orderflow("backup", str(folder), "--json", *options)
    assert result.exit_code == 0, result.output
    return str(data(result)["set"])


async def erased(orderflow: Orderflow, known: Known) -> None:
    """Erase the buyer, as an operator does."""
    result = await orderflow("erase", "--order", known.order_no, "--reason", "the buyer asked")
    assert result.exit_code == 0, result.output


async def restored(orderflow: Orderflow, folder: Path, into: str, *options: str) -> Any:
    """Restore into that database; returns what the command printed."""
    result = await orderflow("restore", str(folder), "--json", *options, ORDERFLOW_DATABASE_URL=into)
    assert result.exit_code == 0, result.output
    return data(result)


async def rows(conn: Connection, table: str) -> list[dict[str, Any]]:
    """Every row of a table, as it stands."""
    return await (await conn.execute(f"SELECT * FROM {table} t ORDER BY t::text".encode())).fetchall()


def rewritten(place: Path, **changes: Any) -> None:
    """Change the manifest of a set."""
    manifest = json.loads((place / MANIFEST).read_text())
    manifest.update(changes)
    (place / MANIFEST).write_text(json.dumps(manifest))


async def refused(orderflow: Orderflow, words: str, *arguments: str, **variables: str) -> None:
    """Run a command that is refused, and says this."""
    result = await orderflow(*arguments, **variables)
    assert (result.exit_code, words in result.output) == (1, True), result.output


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, byte for byte; what has no name that counts is left out."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and not file.relative_to(folder).parts[0].startswith(".")
    }


async def tables(address: str) -> int:
    """How many tables a database has."""
    async with open_pool(address) as other, other.connection() as there:
        return int(await value(there, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"))


def text_of(folder: Path, name: str) -> str:
    """Everything that a set says, unpacked."""
    place = folder / name
    dump = subprocess.run(
        [str(fitting(18, None).folder / "pg_restore"), "--file=-", str(place / TRADE_DUMP)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    with zipfile.ZipFile(place / SPLIT) as split:
        return "\n".join([dump.stdout, *(split.read(member).decode() for member in split.namelist())])

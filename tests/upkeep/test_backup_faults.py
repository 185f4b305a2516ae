"""A backup or a restore that goes wrong says why, and leaves everything as it was (R29)."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from zipfile import ZipFile

import pytest
from psycopg.conninfo import conninfo_to_dict

from store import backup_files
from store.backup_files import SPLIT, sets
from store.backup_files import TRADE as TRADE_DUMP
from store.pool import Connection, Pool, open_pool
from tests.upkeep.backing_up import backed_up, contents, erased, refused, restored, rewritten, rows, tables
from tests.upkeep.conftest import Orderflow
from tests.upkeep.people import a_buyer, vault


def leftovers(folder: Path) -> list[str]:
    """What an interruption left."""
    return [one.name for one in folder.glob(".unfinished-*")]


def pretended(tmp_path: Path, version: int, deed: str) -> str:
    """A folder with a pg_dump that says it is of this version, and does this."""
    programs = tmp_path / f"programs-{version}"
    programs.mkdir()
    for name in ("pg_dump", "pg_restore"):
        script = f'#!/bin/sh\n[ "$1" = --version ] && echo "pg_dump (PostgreSQL) {version}.1" && exit\n{deed}\n'
        (programs / name).write_text(script)
        (programs / name).chmod(0o700)
    return str(programs)


async def test_a_backup_that_breaks_off_leaves_the_old_set_and_the_old_persons(
    pool: Pool, orderflow: Orderflow, folder: Path, tmp_path: Path
) -> None:
    known = await a_buyer(pool, vault())
    first = await backed_up(orderflow, folder)
    before = contents(folder)
    await erased(orderflow, known)
    programs = pretended(tmp_path, 18, "echo no space left on device >&2; exit 1")
    broken = await orderflow("backup", str(folder), ORDERFLOW_POSTGRES_PROGRAMS=programs)
    assert broken.exit_code == 1
    assert "no space left on device" in broken.output
    assert contents(folder) == before
    assert sets(folder) == [first]
    await backed_up(orderflow, folder)
    assert leftovers(folder) == []


async def test_a_program_that_says_much_before_it_fails_does_not_hold_up_the_backup(
    pool: Pool, orderflow: Orderflow, folder: Path, tmp_path: Path
) -> None:
    programs = pretended(tmp_path, 18, "seq 40000 >&2; echo the reason >&2; exit 1")
    await refused(orderflow, "the reason", "backup", str(folder), ORDERFLOW_POSTGRES_PROGRAMS=programs)


async def test_a_disk_that_is_full_is_the_reason_and_not_the_program_that_was_ended_for_it(
    pool: Pool, orderflow: Orderflow, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_buyer(pool, vault())
    programs = pretended(tmp_path, 18, "exec sleep 100")
    monkeypatch.setattr(backup_files, "archive", lambda _: ZipFile("/dev/full", "w"))
    await refused(orderflow, "No space left on device", "backup", str(folder), ORDERFLOW_POSTGRES_PROGRAMS=programs)
    assert sets(folder) == []


async def test_a_database_that_is_named_by_libpqs_variables_alone_is_backed_up_and_restored(
    pool: Pool, orderflow: Orderflow, folder: Path, database_url: str, bare_database_url: str
) -> None:
    known = await a_buyer(pool, vault())
    await backed_up(partial(orderflow, **nameless(database_url)), folder)
    result = await orderflow("restore", str(folder), "--json", **nameless(bare_database_url))
    assert result.exit_code == 0, result.output
    async with open_pool(bare_database_url) as other, other.connection() as there:
        assert [row["order_no"] for row in await rows(there, "orders")] == [known.order_no]


def nameless(address: str) -> dict[str, str]:
    """The settings of the same database, of which the address says nothing."""
    parts = conninfo_to_dict(address)
    variables = {f"PG{name.upper().replace('DBNAME', 'DATABASE')}": str(text) for name, text in parts.items()}
    return {"ORDERFLOW_DATABASE_URL": "postgresql://", **variables}


async def test_programs_older_than_the_server_are_refused_by_name(
    pool: Pool, orderflow: Orderflow, folder: Path, tmp_path: Path
) -> None:
    programs = pretended(tmp_path, 12, "exit 0")
    await refused(orderflow, f"{programs} has version 12", "backup", str(folder), ORDERFLOW_POSTGRES_PROGRAMS=programs)
    assert sets(folder) == []


async def test_a_database_that_holds_something_is_not_overwritten_unless_told(
    pool: Pool, conn: Connection, orderflow: Orderflow, folder: Path, bare_database_url: str
) -> None:
    known = await a_buyer(pool, vault(), "web-1")
    name = await backed_up(orderflow, folder)
    await restored(orderflow, folder, bare_database_url)
    async with open_pool(bare_database_url) as other:
        await a_buyer(other, vault(), "web-2")
        await refused(orderflow, "not empty", "restore", str(folder), ORDERFLOW_DATABASE_URL=bare_database_url)
        async with other.connection() as there:
            assert len(await rows(there, "orders")) == 2
    await restored(orderflow, folder, bare_database_url, "--at", name, "--replace")
    async with open_pool(bare_database_url) as other, other.connection() as there:
        assert [row["order_no"] for row in await rows(there, "orders")] == [known.order_no]


async def test_a_database_in_which_somebody_works_is_not_replaced(
    pool: Pool, conn: Connection, orderflow: Orderflow, folder: Path, database_url: str
) -> None:
    await a_buyer(pool, vault())
    await backed_up(orderflow, folder)
    async with pool.connection() as working:
        await working.execute("SELECT FROM orders")
        await refused(orderflow, "stop API", "restore", str(folder), "--replace")
    assert len(await rows(conn, "orders")) == 1


async def test_a_database_to_which_an_idle_program_is_connected_is_not_replaced(
    pool: Pool, orderflow: Orderflow, folder: Path, bare_database_url: str
) -> None:
    await a_buyer(pool, vault())
    await backed_up(orderflow, folder)
    await restored(orderflow, folder, bare_database_url)
    async with open_pool(bare_database_url) as idle:
        await refused(
            orderflow, "stop API", "restore", str(folder), "--replace", ORDERFLOW_DATABASE_URL=bare_database_url
        )
        async with idle.connection() as there:
            assert len(await rows(there, "orders")) == 1


@pytest.mark.parametrize("part", [TRADE_DUMP, SPLIT])
async def test_a_damaged_set_is_refused_before_anything_is_touched(
    pool: Pool, orderflow: Orderflow, folder: Path, bare_database_url: str, part: str
) -> None:
    await a_buyer(pool, vault())
    file = folder / await backed_up(orderflow, folder) / part
    file.write_bytes(file.read_bytes()[:-1] + b"\xff")
    await refused(orderflow, f"{part} of", "restore", str(folder), ORDERFLOW_DATABASE_URL=bare_database_url)
    assert not await tables(bare_database_url)


async def test_a_set_of_a_newer_version_is_refused_by_its_version(
    pool: Pool, orderflow: Orderflow, folder: Path, bare_database_url: str
) -> None:
    rewritten(folder / await backed_up(orderflow, folder), revision="9999")
    await refused(orderflow, "revision 9999", "restore", str(folder), ORDERFLOW_DATABASE_URL=bare_database_url)
    assert not await tables(bare_database_url)

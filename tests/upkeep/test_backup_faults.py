"""A backup or a restore that goes wrong says why, and leaves everything as it was (R29)."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.backup_files import PERSONS, SPLIT, sets
from store.backup_files import TRADE as TRADE_DUMP
from store.pool import Connection, Pool, open_pool
from tests.fixtures.orders import value
from tests.upkeep.backing_up import backed_up, erased, restored, rewritten, rows
from tests.upkeep.conftest import Orderflow
from tests.upkeep.people import a_buyer, vault


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, byte for byte; what has no name that counts is left out."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and not file.relative_to(folder).parts[0].startswith(".")
    }


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


async def test_programs_older_than_the_server_are_refused_by_name(
    pool: Pool, orderflow: Orderflow, folder: Path, tmp_path: Path
) -> None:
    programs = pretended(tmp_path, 12, "exit 0")
    refused = await orderflow("backup", str(folder), ORDERFLOW_POSTGRES_PROGRAMS=programs)
    assert refused.exit_code == 1
    assert f"{programs} has version 12" in refused.output
    assert sets(folder) == []


async def test_a_database_that_holds_something_is_not_overwritten_unless_told(
    pool: Pool, conn: Connection, orderflow: Orderflow, folder: Path, bare_database_url: str
) -> None:
    known = await a_buyer(pool, vault(), "web-1")
    name = await backed_up(orderflow, folder)
    await restored(orderflow, folder, bare_database_url)
    async with open_pool(bare_database_url) as other:
        await a_buyer(other, vault(), "web-2")
        refused = await orderflow("restore", str(folder), ORDERFLOW_DATABASE_URL=bare_database_url)
        assert (refused.exit_code, "not empty" in refused.output) == (1, True)
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
        refused = await orderflow("restore", str(folder), "--replace")
    assert (refused.exit_code, "stop API" in refused.output) == (1, True)
    assert len(await rows(conn, "orders")) == 1


async def test_a_database_to_which_an_idle_program_is_connected_is_not_replaced(
    pool: Pool, orderflow: Orderflow, folder: Path, bare_database_url: str
) -> None:
    await a_buyer(pool, vault())
    await backed_up(orderflow, folder)
    await restored(orderflow, folder, bare_database_url)
    async with open_pool(bare_database_url) as idle:
        refused = await orderflow("restore", str(folder), "--replace", ORDERFLOW_DATABASE_URL=bare_database_url)
        assert (refused.exit_code, "stop API" in refused.output) == (1, True)
        async with idle.connection() as there:
            assert len(await rows(there, "orders")) == 1


@pytest.mark.parametrize("part", [TRADE_DUMP, SPLIT])
async def test_a_damaged_set_is_refused_before_anything_is_touched(
    pool: Pool, orderflow: Orderflow, folder: Path, bare_database_url: str, part: str
) -> None:
    await a_buyer(pool, vault())
    file = folder / await backed_up(orderflow, folder) / part
    file.write_bytes(file.read_bytes()[:-1] + b"\xff")
    refused = await orderflow("restore", str(folder), ORDERFLOW_DATABASE_URL=bare_database_url)
    assert (refused.exit_code, f"{part} of" in refused.output) == (1, True)
    assert not await tables(bare_database_url)


async def test_a_set_of_a_newer_version_is_refused_by_its_version(
    pool: Pool, orderflow: Orderflow, folder: Path, bare_database_url: str
) -> None:
    rewritten(folder / await backed_up(orderflow, folder), revision="9999")
    refused = await orderflow("restore", str(folder), ORDERFLOW_DATABASE_URL=bare_database_url)
    assert (refused.exit_code, "revision 9999" in refused.output) == (1, True)
    assert not await tables(bare_database_url)


async def test_persons_from_before_the_set_are_refused_for_they_do_not_know_everybody_in_it(
    pool: Pool, orderflow: Orderflow, folder: Path, bare_database_url: str
) -> None:
    await a_buyer(pool, vault(), "web-1")
    await backed_up(orderflow, folder)
    older = (folder / PERSONS).read_bytes()
    await a_buyer(pool, vault(), "web-2")
    await backed_up(orderflow, folder)
    (folder / PERSONS).write_bytes(older)
    refused = await orderflow("restore", str(folder), ORDERFLOW_DATABASE_URL=bare_database_url)
    assert (refused.exit_code, "older than the set" in refused.output) == (1, True)
    assert not await tables(bare_database_url)


async def tables(address: str) -> int:
    """How many tables a database has."""
    async with open_pool(address) as other, other.connection() as there:
        return int(await value(there, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"))


async def test_the_keys_of_one_database_are_never_replaced_by_those_of_another(
    pool: Pool, orderflow: Orderflow, folder: Path, bare_database_url: str
) -> None:
    """Nor by those of a database that an older set was restored into: it does not know the newer buyers."""
    await a_buyer(pool, vault(), "web-1")
    first = await backed_up(orderflow, folder)
    await erased(orderflow, await a_buyer(pool, vault(), "web-2"))
    await backed_up(orderflow, folder)
    before = contents(folder)
    await restored(orderflow, folder, bare_database_url, "--at", first)
    refused = await orderflow("backup", str(folder), ORDERFLOW_DATABASE_URL=bare_database_url)
    assert (refused.exit_code, "another folder" in refused.output) == (1, True)
    assert contents(folder) == before


async def test_a_database_restored_from_the_newest_set_goes_on_with_the_same_folder(
    pool: Pool, orderflow: Orderflow, folder: Path, bare_database_url: str
) -> None:
    await a_buyer(pool, vault())
    await backed_up(orderflow, folder)
    await restored(orderflow, folder, bare_database_url)
    result = await orderflow("backup", str(folder), ORDERFLOW_DATABASE_URL=bare_database_url)
    assert result.exit_code == 0, result.output
    assert len(sets(folder)) == 2

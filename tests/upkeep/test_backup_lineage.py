"""Sets, the file of persons and the database belong together, or nothing is written and nothing restored (R29)."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

import pytest

from store import migrate
from store.backup_files import PERSONS, sets
from store.pool import Pool, open_pool
from tests.upkeep.backing_up import backed_up, contents, erased, refused, restored, tables
from tests.upkeep.conftest import Orderflow
from tests.upkeep.people import a_buyer, vault
from tests.upkeep.test_keys import everything_opens


async def test_persons_from_before_the_set_are_refused_for_they_do_not_know_everybody_in_it(
    pool: Pool, orderflow: Orderflow, folder: Path, bare_database_url: str
) -> None:
    await a_buyer(pool, vault(), "web-1")
    await backed_up(orderflow, folder)
    older = (folder / PERSONS).read_bytes()
    await a_buyer(pool, vault(), "web-2")
    await backed_up(orderflow, folder)
    (folder / PERSONS).write_bytes(older)
    await refused(orderflow, "older than the set", "restore", str(folder), ORDERFLOW_DATABASE_URL=bare_database_url)
    assert not await tables(bare_database_url)


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
    await refused(orderflow, "another folder", "backup", str(folder), ORDERFLOW_DATABASE_URL=bare_database_url)
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


async def test_sets_whose_persons_are_gone_are_not_mixed_with_new_ones_and_the_file_can_be_written_anew(
    pool: Pool, orderflow: Orderflow, folder: Path, bare_database_url: str
) -> None:
    known = await a_buyer(pool, vault())
    await backed_up(orderflow, folder)
    newest = await backed_up(orderflow, folder)
    (folder / PERSONS).unlink()
    before = contents(folder)
    await refused(orderflow, f"no {PERSONS}", "backup", str(folder))
    await asyncio.to_thread(migrate.upgrade, bare_database_url)
    elsewhere = partial(orderflow, ORDERFLOW_DATABASE_URL=bare_database_url)
    await refused(elsewhere, "another database", "backup", str(folder), "--persons-only")
    assert contents(folder) == before
    await backed_up(orderflow, folder, "--persons-only")
    await restored(orderflow, folder, bare_database_url, "--at", newest, "--replace")
    async with open_pool(bare_database_url) as there:
        await everything_opens(there, vault(), known)


@pytest.mark.parametrize("went_on", [True, False], ids=["that went on from an older set", "of a beginning of its own"])
async def test_a_set_is_not_joined_with_the_persons_of_another_database(
    pool: Pool, orderflow: Orderflow, folder: Path, tmp_path: Path, bare_database_url: str, went_on: bool
) -> None:
    """Its record of acts is as long, or longer: the number of the last entry alone tells nothing."""
    elsewhere = partial(orderflow, ORDERFLOW_DATABASE_URL=bare_database_url)
    await backed_up(orderflow, folder)
    await backed_up(orderflow, folder)
    if went_on:
        await restored(orderflow, folder, bare_database_url)
        await backed_up(orderflow, folder)
    else:
        await asyncio.to_thread(migrate.upgrade, bare_database_url)
        for _ in range(3):
            await backed_up(elsewhere, tmp_path / "elsewhere")
    await backed_up(elsewhere, tmp_path / "elsewhere")
    (folder / PERSONS).write_bytes((tmp_path / "elsewhere" / PERSONS).read_bytes())
    await refused(elsewhere, "of another database than the set", "restore", str(folder), "--replace")

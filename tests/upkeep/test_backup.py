"""A backup reaches no person who was erased before the latest one, and a restore brings all others back (R21, R29)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from store import contacts, notes
from store.contacts import UnknownContact
from store.pool import Connection, Pool, open_pool
from tests.upkeep.conftest import Orderflow, data
from tests.upkeep.people import Known, a_buyer, vault
from tests.upkeep.test_keys import everything_opens

TRADE = ("orders", "order_lines", "payments", "parcels", "tracking_events", "inbox", "notes", "contacts")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the backups go."""
    return tmp_path / "backups"


async def backed_up(orderflow: Orderflow, folder: Path, *options: str) -> str:
    """Take a backup; returns the name of its set."""
    result = await orderflow("backup", str(folder), "--json", *options)
    assert result.exit_code == 0, result.output
    return str(data(result)["set"])


async def erased(orderflow: Orderflow, known: Known) -> None:
    result = await orderflow("erase", "--order", known.order_no, "--reason", "the buyer asked")
    assert result.exit_code == 0, result.output


async def restored(orderflow: Orderflow, folder: Path, into: str, *options: str) -> Any:
    """Restore into that database; returns what the command printed."""
    result = await orderflow("restore", str(folder), "--json", *options, ORDERFLOW_DATABASE_URL=into)
    assert result.exit_code == 0, result.output
    return data(result)


async def rows(conn: Connection, table: str, *, without: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """Every row of a table, as it stands."""
    found = await (await conn.execute(f"SELECT * FROM {table} t ORDER BY t::text".encode())).fetchall()
    return [{name: held for name, held in row.items() if name not in without} for row in found]


async def test_who_was_erased_comes_back_erased_from_an_older_set_and_all_others_whole(
    pool: Pool, conn: Connection, orderflow: Orderflow, folder: Path, bare_database_url: str
) -> None:
    gone, stays = await a_buyer(pool, vault(), "web-1"), await a_buyer(pool, vault(), "web-2")
    first = await backed_up(orderflow, folder)
    await erased(orderflow, gone)
    after_erasure = {table: await rows(conn, table) for table in TRADE}
    await backed_up(orderflow, folder)
    told = await restored(orderflow, folder, bare_database_url, "--at", first)
    assert (told["set"], told["came_back_erased"]) == (first, 1)
    async with open_pool(bare_database_url) as other, other.connection() as there:
        assert {table: await rows(there, table) for table in TRADE} == after_erasure
        with pytest.raises(UnknownContact):
            await contacts.reveal(there, vault(), gone.contact_id)
        assert await notes.read(there, vault(), gone.note_id) is None
        await everything_opens(other, vault(), stays)


async def test_the_restore_and_whom_it_brought_back_erased_are_on_a_record_that_verifies(
    pool: Pool, orderflow: Orderflow, folder: Path, bare_database_url: str
) -> None:
    gone = await a_buyer(pool, vault(), "web-1")
    await a_buyer(pool, vault(), "web-2")
    first = await backed_up(orderflow, folder)
    await erased(orderflow, gone)
    await backed_up(orderflow, folder)
    await restored(orderflow, folder, bare_database_url, "--at", first)
    verified = await orderflow("audit", "verify", ORDERFLOW_DATABASE_URL=bare_database_url)
    assert verified.exit_code == 0, verified.output
    exported = await orderflow("audit", "export", "--json", ORDERFLOW_DATABASE_URL=bare_database_url)
    acts = [
        (entry["act"], entry["details"].get("contact_id"), entry["details"].get("erased")) for entry in data(exported)
    ]
    assert ("contact_erased", gone.contact_id, None) in acts
    assert ("restored", None, 1) in acts

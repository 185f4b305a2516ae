"""A backup reaches no person who was erased before the latest one, and a restore brings all others back (R21, R29)."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from domain.permissions import Role
from models.person import Person
from runtime.crypto import Indexed
from store import accounts, backup, contacts, erasure, keys, migrate, notes
from store.apart import APART
from store.backup_files import sets
from store.contacts import UnknownContact
from store.pool import Connection, Pool, open_pool
from tests.fixtures.orders import NOON
from tests.upkeep.backing_up import backed_up, erased, restored, rows, text_of
from tests.upkeep.conftest import Orderflow, data
from tests.upkeep.people import a_buyer, vault
from tests.upkeep.test_erasure import ADMIN
from tests.upkeep.test_keys import everything_opens

TRADE = (
    "orders",
    "order_lines",
    "payments",
    "parcels",
    "tracking_events",
    "inbox",
    "notes",
    "contacts",
    "tracking_links",
)


NEW_IN_0021 = ("second_factors", "recovery_codes", "accounts")
_TOKEN = b"""
INSERT INTO machine_tokens (token_id, token_hash, label, channels, issued_by, issued_at, expires_at)
VALUES ('tok_1', 'a hash', 'shop', '{web}', 'admin-1', now(), now() + interval '9 days')
"""
_LINK = b"INSERT INTO tracking_links VALUES ('x', %(order_no)s, 'cs-1', now(), now() + interval '1 day')"


async def test_who_was_erased_comes_back_erased_from_an_older_set_and_all_others_whole(
    pool: Pool, conn: Connection, orderflow: Orderflow, folder: Path, bare_database_url: str
) -> None:
    gone, stays = await a_buyer(pool, vault(), "web-1"), await a_buyer(pool, vault(), "web-2")
    await conn.execute(_LINK, {"order_no": gone.order_no})
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


async def test_what_the_application_may_do_is_as_before(
    pool: Pool, conn: Connection, orderflow: Orderflow, folder: Path, bare_database_url: str
) -> None:
    await backed_up(orderflow, folder)
    await restored(orderflow, folder, bare_database_url)
    async with open_pool(bare_database_url) as other, other.connection() as there:
        assert await rights(there) == await rights(conn)


async def rights(conn: Connection) -> list[tuple[str, str]]:
    """Who may do what with each table, sequence and function."""
    cursor = await conn.execute(
        """SELECT relname AS name, (SELECT array_agg(a::text ORDER BY 1) FROM unnest(relacl) a)::text AS may
           FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S')
           UNION ALL SELECT proname, proacl::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace
           UNION ALL SELECT 'public', nspacl::text FROM pg_namespace WHERE nspname = 'public'
           ORDER BY 1, 2"""
    )
    return [(row["name"], row["may"]) for row in await cursor.fetchall()]


# --- what changed between the set and the file of persons -----------------------------


async def test_a_set_from_before_a_rotation_opens_with_the_new_key_alone(
    pool: Pool, orderflow: Orderflow, folder: Path, bare_database_url: str
) -> None:
    known = await a_buyer(pool, vault("1"))
    first = await backed_up(orderflow, folder)
    await keys.rotate(pool, vault("2"), "2")
    await backed_up(orderflow, folder)
    await restored(orderflow, folder, bare_database_url, "--at", first)
    async with open_pool(bare_database_url) as other:
        await everything_opens(other, vault("2", old=False), known)


async def test_a_buyer_who_was_corrected_since_is_found_and_read_as_they_are_now(
    pool: Pool, conn: Connection, orderflow: Orderflow, folder: Path, bare_database_url: str
) -> None:
    known = await a_buyer(pool, vault())
    first = await backed_up(orderflow, folder)
    await contacts.correct(conn, vault(), known.contact_id, Person(phone="+8613700137000"))
    await backed_up(orderflow, folder)
    await restored(orderflow, folder, bare_database_url, "--at", first)
    index = vault().blind_index(Indexed.PHONE, "+8613700137000")
    assert index is not None
    async with open_pool(bare_database_url) as other, other.connection() as there:
        assert (await contacts.reveal(there, vault(), known.contact_id)).phone == "+8613700137000"
        assert await erasure.of_index(there, Indexed.PHONE, index) == [known.contact_id]


async def test_who_was_shut_out_since_is_not_let_in_again(
    pool: Pool, conn: Connection, orderflow: Orderflow, folder: Path, bare_database_url: str
) -> None:
    act = accounts.Act(ADMIN, NOON)
    for name in ("leaver", "mover", "stays"):
        await accounts.create(conn, accounts.NewAccount(name, Role.OPERATIONS, "a hash"), act)
    await conn.execute(_TOKEN)
    first = await backed_up(orderflow, folder)
    await conn.execute("UPDATE accounts SET disabled_at = now() WHERE username = 'leaver'")
    await conn.execute("UPDATE accounts SET role = 'sales', channels = '{site}' WHERE username = 'mover'")
    await conn.execute("UPDATE machine_tokens SET revoked_at = now(), revoked_by = 'admin-1'")
    await backed_up(orderflow, folder)
    assert "a hash" not in text_of(folder, first)
    await restored(orderflow, folder, bare_database_url, "--at", first)
    async with open_pool(bare_database_url) as other, other.connection() as there:
        for table in ("accounts", "machine_tokens"):
            assert await rows(there, table) == await rows(conn, table)


async def test_who_was_let_in_again_since_is_not_shut_out_by_the_set(
    pool: Pool, conn: Connection, orderflow: Orderflow, folder: Path, bare_database_url: str
) -> None:
    """The last administrator may be among them: nobody could enable them at the desk."""
    await accounts.create(conn, accounts.NewAccount("mover", Role.SALES, "a hash"), accounts.Act(ADMIN, NOON))
    await conn.execute("UPDATE accounts SET channels = '{site}', disabled_at = now()")
    first = await backed_up(orderflow, folder)
    await conn.execute("UPDATE accounts SET role = 'administrator', channels = '{}', disabled_at = NULL")
    await backed_up(orderflow, folder, "--persons-only")
    await restored(orderflow, folder, bare_database_url, "--at", first)
    async with open_pool(bare_database_url) as other, other.connection() as there:
        assert await rows(there, "accounts") == await rows(conn, "accounts")


async def test_who_came_after_the_set_is_not_in_what_it_restores(
    pool: Pool, orderflow: Orderflow, folder: Path, bare_database_url: str
) -> None:
    known = await a_buyer(pool, vault(), "web-1")
    first = await backed_up(orderflow, folder)
    await a_buyer(pool, vault(), "web-2")
    await backed_up(orderflow, folder)
    assert (await restored(orderflow, folder, bare_database_url, "--at", first))["came_back_erased"] == 0
    async with open_pool(bare_database_url) as other, other.connection() as there:
        assert [row["contact_id"] for row in await rows(there, "contacts")] == [known.contact_id]


async def test_an_erasure_needs_no_new_set_to_reach_the_old_ones(
    pool: Pool, orderflow: Orderflow, folder: Path, bare_database_url: str
) -> None:
    known = await a_buyer(pool, vault())
    first = await backed_up(orderflow, folder)
    await erased(orderflow, known)
    assert await backed_up(orderflow, folder, "--persons-only") == "None"
    assert sets(folder) == [first]
    assert (await restored(orderflow, folder, bare_database_url))["came_back_erased"] == 1


async def test_who_was_taken_off_the_blacklist_since_stays_off_it(
    pool: Pool, conn: Connection, orderflow: Orderflow, folder: Path, bare_database_url: str
) -> None:
    for name, kind in ((b"x", "phone"), (b"y", "account")):
        await conn.execute("INSERT INTO blacklist VALUES (%s, %s, 'fraud', 'admin-1', now())", (kind, name))
    first = await backed_up(orderflow, folder)
    await conn.execute("DELETE FROM blacklist WHERE kind = 'phone'")
    await backed_up(orderflow, folder)
    await restored(orderflow, folder, bare_database_url, "--at", first)
    async with open_pool(bare_database_url) as other, other.connection() as there:
        assert await rows(there, "blacklist") == await rows(conn, "blacklist")
        await there.execute("INSERT INTO blacklist VALUES ('phone', 'x', 'again', 'admin-1', now())")


async def test_a_message_that_waited_in_the_set_for_a_buyer_who_was_erased_since_waits_no_more(
    pool: Pool, conn: Connection, orderflow: Orderflow, folder: Path, bare_database_url: str
) -> None:
    known = await a_buyer(pool, vault())
    await conn.execute("UPDATE inbox SET state = 'received', forwarded_at = NULL, next_attempt_at = now()")
    first = await backed_up(orderflow, folder)
    await conn.execute("UPDATE inbox SET state = 'forwarded', forwarded_at = now(), next_attempt_at = NULL")
    await erased(orderflow, known)
    await backed_up(orderflow, folder, "--persons-only")
    await restored(orderflow, folder, bare_database_url, "--at", first)
    async with open_pool(bare_database_url) as other, other.connection() as there:
        assert [(row["state"], row["next_attempt_at"]) for row in await rows(there, "inbox")] == [("forwarded", None)]


async def test_a_set_of_an_older_version_is_brought_to_this_one(
    pool: Pool,
    database_url: str,
    orderflow: Orderflow,
    folder: Path,
    bare_database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = await a_buyer(pool, vault())
    with monkeypatch.context() as older:
        await asyncio.to_thread(taken_back, database_url, "0020")
        older.setattr(migrate, "head", lambda: "0020")
        older.setattr(backup, "APART", [one for one in APART if one.table not in NEW_IN_0021])
        await backed_up(orderflow, folder)
    await restored(orderflow, folder, bare_database_url)
    assert await asyncio.to_thread(migrate.current, bare_database_url) == migrate.head()
    async with open_pool(bare_database_url) as other:
        await everything_opens(other, vault(), known)


def taken_back(address: str, revision: str) -> None:
    """Bring a database back to an older revision."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    with create_engine(address.replace("postgresql://", "postgresql+psycopg://")).begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)

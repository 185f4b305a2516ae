"""The master key changes while everything runs; afterwards the old one can be thrown away (R21)."""

from __future__ import annotations

import asyncio

import pyotp
import pytest

from domain.permissions import Role
from models.base import Actor
from runtime.crypto import UnknownKeyVersion, Vault, WrappedKey, place
from store import accounts, audit, contacts, erasure, keys, notes, second_factors
from store.pool import Connection, Pool
from tests.fixtures.orders import NOON, value
from tests.upkeep.people import BUYER, NOTE, TEXT, Known, a_buyer, sealed_bytes, vault

_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
ADMIN = Actor(id="admin-1", role="administrator")


async def everything_opens(pool: Pool, opening: Vault, known: Known) -> None:
    """Every sealed value of this buyer opens under this vault, and says what it said."""
    async with pool.connection() as conn:
        person = await contacts.reveal(conn, opening, known.contact_id)
        assert (person.name, person.phone, person.address) == (BUYER.name, BUYER.phone, BUYER.address)
        assert await notes.read(conn, opening, known.note_id) == NOTE
        sealed = await value(conn, "SELECT sealed FROM inbox WHERE message_id = %s", known.message_id)
        assert TEXT.encode() in opening.open_message(bytes(sealed), place("inbox", "sealed", known.message_id))
        assert await _tracking_text(conn, opening, known) == TEXT


async def _tracking_text(conn: Connection, opening: Vault, known: Known) -> str:
    row = await (await conn.execute("SELECT * FROM contacts WHERE contact_id = %s", (known.contact_id,))).fetchone()
    assert row is not None
    key = opening.unwrap(known.contact_id, WrappedKey(bytes(row["wrapped_key"]), row["key_version"]))
    sealed = await value(conn, "SELECT text_sealed FROM tracking_events WHERE parcel_no = %s", known.parcel_no)
    where = place("tracking_events", "text_sealed", f"{known.parcel_no}/{known.order_no}-e1")
    return opening.open(key, bytes(sealed), where)


async def test_after_a_rotation_everything_opens_without_the_old_key(pool: Pool, conn: Connection) -> None:
    known = [await a_buyer(pool, vault("1"), f"web-{number}") for number in range(5)]
    done = await keys.rotate(pool, vault("2"), "2")
    assert (done.rows, done.failed) == ({"contacts": 5, "notes": 5, "inbox": 5}, [])
    for one in known:
        await everything_opens(pool, vault("2", old=False), one)
    with pytest.raises(UnknownKeyVersion):
        await everything_opens(pool, vault("1", new=False), known[0])


async def test_after_a_rotation_authenticators_go_on_without_the_old_key(pool: Pool, conn: Connection) -> None:
    account = await accounts.create(conn, accounts.NewAccount("invented", Role.SALES), accounts.Act(ADMIN, NOON))
    staff_id = account["staff_id"]
    secret = await second_factors.begin(conn, vault("1"), staff_id, NOON)
    await conn.commit()
    assert (await keys.rotate(pool, vault("2"), "2")).rows == {"second_factors": 1}
    code = pyotp.TOTP(secret).at(NOON)
    assert await second_factors.confirm(conn, vault("2", old=False), staff_id, code, accounts.Act(ADMIN, NOON))


async def test_rotation_disturbs_no_reader_and_no_writer(pool: Pool) -> None:
    both = vault("2")
    known = [await a_buyer(pool, vault("1"), f"web-{number}") for number in range(30)]
    finished = asyncio.Event()
    reads = 0

    async def read(offset: int) -> None:
        nonlocal reads
        while not finished.is_set():
            await everything_opens(pool, both, known[(reads + offset) % len(known)])
            reads += 1

    async def correct() -> None:
        for one in known:
            async with pool.connection() as conn:
                await contacts.correct(conn, both, one.contact_id, contacts.Person(remark="anders"))

    async def rotate() -> None:
        await keys.rotate(pool, both, "2")
        finished.set()

    await asyncio.gather(*(read(offset * 7) for offset in range(4)), correct(), rotate())
    assert reads > 0
    for one in known:
        await everything_opens(pool, vault("2", old=False), one)


async def test_a_rotation_brings_no_key_back_that_is_destroyed_meanwhile(pool: Pool, conn: Connection) -> None:
    known = await a_buyer(pool, vault("1"))
    async with pool.connection() as erasing:
        await erasure.erase(erasing, known.contact_id, at=NOON, by=ADMIN, why="the buyer asked")
        rotation = asyncio.create_task(keys.rotate(pool, vault("2"), "2"))
        await _waits_for_a_lock(conn)
    assert (await rotation).rows == {}
    assert {place_: held for place_, held in (await sealed_bytes(conn)).items() if held} == {}


async def _waits_for_a_lock(conn: Connection) -> None:
    """Return when some session waits for another one's row."""
    while not await value(conn, _WAITING):  # noqa: ASYNC110 PostgreSQL tells nobody that a session waits.
        await asyncio.sleep(0.01)


async def test_a_rotation_that_was_stopped_goes_on_where_it_was(
    pool: Pool, conn: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "_BATCH", 2)
    for number in range(5):
        await a_buyer(pool, vault("1"), f"web-{number}")

    class PulledPlug(Exception):
        """The process ends here."""

    def stop(table: str, _rows: int) -> None:
        if table == "notes":
            raise PulledPlug

    with pytest.raises(PulledPlug):
        await keys.rotate(pool, vault("2"), "2", stop)
    done = await keys.rotate(pool, vault("2"), "2")
    assert done.rows == {"notes": 5, "inbox": 5}
    assert {count.version for count in await keys.status(conn)} == {"2"}


async def test_a_second_rotation_touches_nothing(pool: Pool) -> None:
    await a_buyer(pool, vault("1"))
    await keys.rotate(pool, vault("2"), "2")
    assert (await keys.rotate(pool, vault("2"), "2")).rows == {}


async def test_a_row_that_does_not_open_is_named_and_stops_no_other(pool: Pool, conn: Connection) -> None:
    bad, good = [await a_buyer(pool, vault("1"), number) for number in ("web-1", "web-2")]
    await conn.execute(
        "UPDATE contacts SET wrapped_key = set_byte(wrapped_key, 20, 255 - get_byte(wrapped_key, 20))"
        " WHERE contact_id = %s",
        (bad.contact_id,),
    )
    await conn.execute("UPDATE inbox SET sealed = '\\xff00' WHERE message_id = %s", (bad.message_id,))
    done = await keys.rotate(pool, vault("2"), "2")
    assert [(one.table, one.row_id, one.error) for one in done.failed] == [
        ("contacts", bad.contact_id, "NotOpened"),
        ("inbox", bad.message_id, "UnknownKeyVersion"),
    ]
    await everything_opens(pool, vault("2", old=False), good)


async def test_the_old_version_is_removable_only_when_nothing_is_under_it(pool: Pool, conn: Connection) -> None:
    await a_buyer(pool, vault("1"))
    assert keys.removable(await keys.status(conn), ["1", "2"], "2") == []
    await keys.rotate(pool, vault("2"), "2")
    assert keys.removable(await keys.status(conn), ["1", "2"], "2") == ["1"]


async def test_a_rotation_goes_on_record(pool: Pool, conn: Connection) -> None:
    await a_buyer(pool, vault("1"))
    done = await keys.rotate(pool, vault("2"), "2")
    await keys.note_rotation(conn, done, "2", ADMIN, NOON)
    (entry,) = await audit.page(conn, audit.Wanted(subject="vault"))
    assert (entry["act"], entry["actor"], entry["details"]["rows"]["contacts"]) == ("keys_rotated", "admin-1", 1)


async def test_every_table_under_the_master_key_is_rotated(conn: Connection) -> None:
    cursor = await conn.execute(
        """SELECT DISTINCT table_name FROM information_schema.columns
           WHERE table_schema = 'public' AND (column_name = 'key_version' OR (column_name = 'sealed'
                 AND data_type = 'bytea'))"""
    )
    there = {row["table_name"] for row in await cursor.fetchall()}
    assert there == {table.table for table in keys.TABLES}

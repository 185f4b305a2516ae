"""Whoever steals a set reads nobody in it, with any key, and matches nobody (R21)."""

from __future__ import annotations

from pathlib import Path

from domain.permissions import Role
from runtime.crypto import Indexed
from store import accounts, second_factors
from store.apart import APART
from store.pool import Connection, Pool
from tests.fixtures.orders import NOON
from tests.upkeep.backing_up import backed_up, rows, text_of
from tests.upkeep.conftest import Orderflow
from tests.upkeep.people import PHONE, a_buyer, vault
from tests.upkeep.test_erasure import ADMIN, ERASED, KEPT_INDEXES


async def secrets(conn: Connection) -> dict[str, str]:
    """Every value, in hexadecimal, of every column by which a buyer could be read or matched, or a code be made."""
    found = {}
    for place in sorted((ERASED | KEPT_INDEXES | {"second_factors.sealed"}) - {"tracking_links.token_hash"}):
        table, column = place.split(".")
        for number, row in enumerate(await rows(conn, table)):
            if row[column]:
                found[f"{place} {number}"] = bytes(row[column]).hex()
    return found


async def test_a_stolen_set_holds_nothing_that_any_key_could_open_or_match(
    pool: Pool, conn: Connection, orderflow: Orderflow, folder: Path
) -> None:
    known = await a_buyer(pool, vault())
    index = vault().blind_index(Indexed.PHONE, PHONE)
    await conn.execute("INSERT INTO risk_events VALUES ('refund', %s, 'phone', %s, now())", (known.order_no, index))
    await conn.execute("INSERT INTO blacklist VALUES ('phone', %s, 'fraud', 'admin-1', now())", (index,))
    account = await accounts.create(conn, accounts.NewAccount("invented", Role.SALES), accounts.Act(ADMIN, NOON))
    await second_factors.begin(conn, vault(), account["staff_id"], NOON)
    held = await secrets(conn)
    assert {place.split(" ")[0] for place in held} == (ERASED | KEPT_INDEXES | {"second_factors.sealed"}) - {
        "tracking_links.token_hash"
    }
    said = text_of(folder, await backed_up(orderflow, folder))
    assert known.order_no in said
    assert [place for place, digits in held.items() if digits in said] == []


def test_every_column_that_an_erasure_takes_away_is_kept_apart() -> None:
    """A link's hash opens nothing; it goes when the restore takes away the rest of an erased person."""
    of_staff = {"accounts.password_hash", "accounts.known_address", "machine_tokens.token_hash"}
    apart = {f"{one.table}.{column}" for one in APART for column in one.secret}
    assert apart - of_staff == (ERASED | KEPT_INDEXES | {"second_factors.sealed"}) - {"tracking_links.token_hash"}

"""The vault's rows: who a contact id stands for, sealed under a key of their own (R21).

A value is bound to its place (``contacts:<column>:<contact_id>``) and opens nowhere else.
Matching (blacklist, earlier orders) works on blind indexes, without opening anything (R27).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from uuid import uuid4

from psycopg import sql

from models.person import Address as Address
from models.person import Person as Person
from runtime.crypto import DataKey, Indexed, Vault, WrappedKey, place
from runtime.postal import normal_phone
from store.pool import Connection, Row

_READ = "SELECT * FROM contacts WHERE contact_id = %s"
_LOCKED = _READ + " FOR UPDATE"
_SEALED = ("name", "phone", "address", "remark", "email")


class UnknownContact(LookupError):
    """No contact of that id is in the vault, or its key was erased (R29)."""


def new_contact_id() -> str:
    """A fresh contact id: random, so that it says nothing about the person."""
    return f"ct_{uuid4().hex}"


async def keep(conn: Connection, vault: Vault, contact_id: str, person: Person, *, channel: str, at: datetime) -> None:
    """Seal the person under a fresh key of their own, in the caller's transaction."""
    values = row_of(vault, contact_id, person, channel=channel, at=at)
    await conn.execute(_inserting(tuple(values)), values)


def row_of(vault: Vault, contact_id: str, person: Person, *, channel: str, at: datetime) -> dict[str, object]:
    """The vault's row of that person, sealed under a fresh key."""
    key, wrapped = vault.new_key(contact_id)
    return {
        "contact_id": contact_id,
        "channel": channel,
        "wrapped_key": wrapped.wrapped,
        "key_version": wrapped.version,
        "created_at": at,
        **_sealed(vault, key, contact_id, person),
        **_indexes(vault, person),
    }


@cache
def _inserting(columns: tuple[str, ...]) -> sql.Composed:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    values = sql.SQL(", ").join(map(sql.Placeholder, columns))
    return sql.SQL("INSERT INTO contacts ({}) VALUES ({})").format(names, values)


async def reveal(conn: Connection, vault: Vault, contact_id: str) -> Person:
    """The person in the clear, without the account; raises :class:`UnknownContact`.

    Whoever shows the result to a person needs the permission and leaves a trace (R21).
    """
    row = await _row(conn, contact_id)
    key = _key(vault, row)
    opened = {
        column: vault.open(key, bytes(row[column]), place("contacts", column, contact_id))
        for column in _SEALED
        if row[column] is not None
    }
    address = Address(**json.loads(opened.pop("address"))) if "address" in opened else None
    return Person(address=address, **opened)


@dataclass(frozen=True)
class Correction:
    """What a correction changed: the sealed columns before and after, to take it back."""

    contact_id: str
    before: Mapping[str, object] = field(repr=False)
    after: Mapping[str, object] = field(repr=False)


async def correct(conn: Connection, vault: Vault, contact_id: str, person: Person) -> Correction:
    """Overwrite what ``person`` gives (not None), under the contact's own key (R2).

    Raises :class:`UnknownContact`. The caller tells the order; if the order refuses,
    :func:`take_back` restores what stood there.
    """
    row = await _row(conn, contact_id, lock=True)
    after = {name: value for name, value in _changes(vault, row, person).items() if value is not None}
    await _write(conn, contact_id, after)
    return Correction(contact_id, {name: row[name] for name in after}, after)


async def take_back(conn: Connection, correction: Correction) -> None:
    """Undo a refused correction, unless somebody else has corrected the contact since."""
    row = await _row(conn, correction.contact_id, lock=True)
    if all(row[name] == value for name, value in correction.after.items()):
        await _write(conn, correction.contact_id, correction.before)


async def remove(conn: Connection, contact_id: str) -> None:
    """Forget a contact that no order came to use (a message that turned out a repeat)."""
    await conn.execute("DELETE FROM contacts WHERE contact_id = %s", (contact_id,))


async def seal_for(conn: Connection, vault: Vault, contact_id: str, text: str, where: str) -> bytes:
    """Seal another text about this person (a tracking event) under the person's own key."""
    return vault.seal(_key(vault, await _row(conn, contact_id)), text, where)


async def open_for(conn: Connection, vault: Vault, contact_id: str, sealed: Sequence[tuple[bytes, str]]) -> list[str]:
    """Open texts of :func:`seal_for`, (sealed, where) each; what is empty stays empty. Raises UnknownContact."""
    key = _key(vault, await _row(conn, contact_id))
    return [vault.open(key, content, where) if content else "" for content, where in sealed]


def _changes(vault: Vault, row: Row, person: Person) -> dict[str, object]:
    sealed = _sealed(vault, _key(vault, row), row["contact_id"], person)
    # A phone's normal form depends on the country, which a correction of the phone alone does not name.
    country = person.country or row["country"]
    return {**sealed, **_indexes(vault, person, country), "country": person.country}


async def _row(conn: Connection, contact_id: str, *, lock: bool = False) -> Row:
    cursor = await conn.execute(_LOCKED if lock else _READ, (contact_id,))
    row = await cursor.fetchone()
    if row is None or row["wrapped_key"] is None:
        raise UnknownContact(contact_id)
    return row


async def _write(conn: Connection, contact_id: str, columns: Mapping[str, object]) -> None:
    if not columns:
        return
    assignments = (sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in columns)
    await conn.execute(
        sql.SQL("UPDATE contacts SET {} WHERE contact_id = %(contact_id)s").format(sql.SQL(", ").join(assignments)),
        {**columns, "contact_id": contact_id},
    )


def _key(vault: Vault, row: Row) -> DataKey:
    return vault.unwrap(row["contact_id"], WrappedKey(bytes(row["wrapped_key"]), row["key_version"]))


def _sealed(vault: Vault, key: DataKey, contact_id: str, person: Person) -> dict[str, object]:
    texts = {
        "name": person.name,
        "phone": person.phone,
        "address": json.dumps(vars(person.address), ensure_ascii=False) if person.address else None,
        "remark": person.remark,
        "email": person.email,
    }
    return {
        column: None if text is None else vault.seal(key, text, place("contacts", column, contact_id))
        for column, text in texts.items()
    }


def _indexes(vault: Vault, person: Person, country: str | None = None) -> dict[str, object]:
    home = country or person.country or ""
    phone = (normal_phone(person.phone, home) or person.phone) if person.phone else None
    address = person.address.one_line if person.address else None
    return {
        "phone_index": vault.blind_index(Indexed.PHONE, phone) if phone else None,
        "account_index": vault.blind_index(Indexed.ACCOUNT, person.account) if person.account else None,
        "address_index": vault.blind_index(Indexed.ADDRESS, address) if address else None,
        "country": person.country,
    }

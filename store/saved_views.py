"""A person's views of a list, by desk and name: filters and columns (R22: each sees their own only)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from store.pool import Connection, Row

MOST = 100
"""Of one person at one desk; more are a mistake of a program."""


class TooManyViews(Exception):
    """The person keeps as many views at this desk as one may."""

    def __init__(self) -> None:
        super().__init__(f"at most {MOST} views at a desk: delete one first")


@dataclass(frozen=True)
class Place:
    """Whose view, at which desk, under which name."""

    owner: str
    desk: str
    name: str


async def of_desk(conn: Connection, owner: str, desk: str) -> list[Row]:
    """The person's views at a desk, by name."""
    cursor = await conn.execute(
        "SELECT desk, name, content, updated_at FROM saved_views WHERE owner = %s AND desk = %s ORDER BY name",
        (owner, desk),
    )
    return await cursor.fetchall()


async def read(conn: Connection, place: Place) -> Row | None:
    """One view; None if there is none."""
    cursor = await conn.execute(
        "SELECT desk, name, content, updated_at FROM saved_views WHERE owner = %s AND desk = %s AND name = %s",
        (place.owner, place.desk, place.name),
    )
    return await cursor.fetchone()


async def keep(conn: Connection, place: Place, content: Mapping[str, Any], at: datetime) -> bool:
    """Keep it under its name, over an older one; True if it is new. Raises :class:`TooManyViews`."""
    await conn.execute("SELECT pg_advisory_xact_lock(hashtext('saved_views'), hashtext(%s))", (place.owner,))
    new = await read(conn, place) is None
    if new and len(await of_desk(conn, place.owner, place.desk)) >= MOST:
        raise TooManyViews
    await conn.execute(
        "INSERT INTO saved_views (owner, desk, name, content, updated_at) VALUES (%s, %s, %s, %s, %s)"
        " ON CONFLICT (owner, desk, name) DO UPDATE SET content = excluded.content, updated_at = excluded.updated_at",
        (place.owner, place.desk, place.name, Jsonb(dict(content)), at),
    )
    return new


async def forget(conn: Connection, place: Place) -> bool:
    """Delete it; False if there was none."""
    cursor = await conn.execute(
        "DELETE FROM saved_views WHERE owner = %s AND desk = %s AND name = %s", (place.owner, place.desk, place.name)
    )
    return cursor.rowcount == 1

"""What a backup keeps apart from its dated sets: everything by which a buyer could be read or matched (R21, R29).

A dated set has these rows without these columns. The columns lie in the one file of persons that every
backup replaces. Restoring joins the two, so whoever is not in that file any more comes back erased.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from psycopg.sql import SQL, Composed, Identifier


@dataclass(frozen=True)
class Apart:
    """A table whose rows are split: ``key`` stands in both files.

    ``secret`` columns are in the file of persons alone; a set has NULL there, or an empty text for
    those of ``emptied``, as an erasure leaves it. ``along`` are no secret, but of the latest backup all the
    same, a NULL included; with ``every`` also of rows that hold no secret. A row ``of_persons`` that the
    file does not know is not restored at all: it would stand for nobody.
    """

    table: str
    key: tuple[str, ...]
    secret: tuple[str, ...]
    emptied: tuple[str, ...] = ()
    along: tuple[str, ...] = ()
    every: bool = False
    of_persons: bool = False

    @property
    def own(self) -> tuple[str, ...]:
        """The columns of the file of persons."""
        return (*self.key, *self.secret, *self.along)


APART: Sequence[Apart] = (
    Apart(
        "contacts",
        ("contact_id",),
        (
            "wrapped_key", "name", "phone", "address", "remark", "email", "phone_index", "account_index",
            "address_index",
        ),
        # The version belongs to the key, the country to the phone; when somebody was erased is known to the later one.
        along=("key_version", "country", "erased_at"),
        every=True,
    ),
    Apart("notes", ("note_id",), ("sealed", "wrapped_key"), emptied=("sealed",), along=("key_version",)),
    Apart("inbox", ("message_id",), ("sealed",), emptied=("sealed",)),
    Apart("tracking_events", ("parcel_no", "event_id"), ("text_sealed",), emptied=("text_sealed",)),
    Apart("risk_events", ("order_no", "event", "kind"), ("value_index",), emptied=("value_index",), of_persons=True),
    Apart("blacklist", ("entry_no",), ("value_index",), emptied=("value_index",), of_persons=True),
    Apart("second_factors", ("factor_id",), ("sealed",), emptied=("sealed",), of_persons=True),
    # Who was shut out, or may do less, after the set is not let in again by restoring it (R22).
    Apart(
        "accounts",
        ("staff_id",),
        ("password_hash", "known_address"),
        along=("role", "warehouses", "channels", "disabled_at", "password_set_at", "password_by_another"),
        every=True,
    ),
    Apart(
        "machine_tokens",
        ("token_id",),
        ("token_hash",),
        emptied=("token_hash",),
        along=("revoked_at", "revoked_by"),
        every=True,
        of_persons=True,
    ),
    Apart("recovery_codes", ("code_hash",), (), along=("used_at",), every=True, of_persons=True),
)  # fmt: skip
"""Every table with such columns; a test walks the database for one that is missing here."""

FLEETING: Sequence[str] = ("sessions", "sign_in_codes", "rate_counts")
"""Tables that no backup holds: who is signed in now is nobody's business later, and signs in again."""


def of_set(one: Apart, columns: Sequence[str]) -> Composed:
    """Copy the rows out without what is secret; ``columns`` are those of the table."""
    return SQL("COPY (SELECT {} FROM {}) TO STDOUT").format(
        SQL(", ").join(_hidden(one, column) for column in columns), Identifier(one.table)
    )


def of_persons(one: Apart) -> Composed:
    """Copy out what is secret, of rows that still hold something, or of every row where its news goes along."""
    holding = SQL(" OR ").join(SQL("length({}) > 0").format(Identifier(column)) for column in one.secret)
    filled = SQL("true").format() if one.every else holding
    return SQL("COPY (SELECT {} FROM {} WHERE {}) TO STDOUT").format(_names(one.own), Identifier(one.table), filled)


def staging(one: Apart, of: str, columns: Sequence[str], known: Collection[str]) -> Composed:
    """A table of this transaction for the rows of a file, with the types of the real one and none of its checks.

    The file of persons may be of a later revision than the set: a column that the table (``known``) has
    no room for yet is read over.
    """
    read = SQL(", ").join(
        SQL("{}" if name in known else "NULL::text AS {}").format(Identifier(name)) for name in columns
    )
    return SQL("CREATE TEMP TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA").format(
        Identifier(f"{of}_{one.table}"), read, Identifier(one.table)
    )


def into_staging(one: Apart, of: str, columns: Sequence[str]) -> Composed:
    """Copy a file's rows in."""
    return SQL("COPY {} ({}) FROM STDIN").format(Identifier(f"{of}_{one.table}"), _names(columns))


def joined(one: Apart, columns: Sequence[str], own: Collection[str]) -> Composed:
    """Put the rows of the set, with what the file of persons has for them, into the real table."""
    return SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {} s {} JOIN {} p USING ({})").format(
        Identifier(one.table),
        _names(columns),
        SQL(", ").join(_either(one, column, own) for column in columns),
        Identifier(f"set_{one.table}"),
        SQL("INNER" if one.of_persons else "LEFT"),
        Identifier(f"persons_{one.table}"),
        _names(one.key),
    )


def _hidden(one: Apart, column: str) -> Composed:
    if column not in one.secret:
        return SQL("{}").format(Identifier(column))
    if column in one.emptied:
        return SQL("CASE WHEN {} IS NOT NULL THEN ''::bytea END").format(Identifier(column))
    return SQL("NULL").format()


def _either(one: Apart, column: str, own: Collection[str]) -> Composed:
    if column not in own or column in one.key:
        return SQL("s.{}").format(Identifier(column))
    if column in one.along:
        # Also a NULL is news: who was disabled in the set may be let in again by now.
        known = Identifier(one.key[0])
        return SQL("CASE WHEN p.{1} IS NULL THEN s.{0} ELSE p.{0} END").format(Identifier(column), known)
    return SQL("coalesce(p.{0}, s.{0})").format(Identifier(column))


def _names(columns: Sequence[str]) -> Composed:
    return SQL(", ").join(map(Identifier, columns))

"""Where one audit chain is broken, and how: changed, removed, inserted or reordered (R23).

Pure: the rows come in as arguments. An entry's hash covers its number and the hash before
it, so an entry that was moved still says where it stood; that tells a moved entry from a
changed one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from store.audit import GENESIS, chain_hash
from store.pool import Row


class Fault(StrEnum):
    """How the record was tampered with."""

    CHANGED = "changed"
    REMOVED = "removed"
    INSERTED = "inserted"
    REORDERED = "reordered"
    UNLOCKED = "unlocked"
    UNSIGNED = "unsigned"


@dataclass(frozen=True)
class Finding:
    """The first broken place of a subject. ``number`` is the entry's number in its chain, from 1.

    ``entry_id`` is the row in ``audit_entries``; None where there is no row to show.
    """

    subject: str
    number: int
    fault: Fault
    detail: str
    entry_id: int | None = None


@dataclass(frozen=True)
class Chain:
    """A chain as it was read. ``length`` and ``head`` are None when its own row is gone.

    ``rows`` are the entries in order of number, each with ``anchored_head`` (what an anchor
    saw at that number, or None); ``anchored`` is the greatest length that an anchor saw.
    """

    subject: str
    rows: Sequence[Row]
    length: int | None
    head: bytes | None
    anchored: int


def diagnose(chain: Chain) -> Finding | None:
    """The first place at which the chain does not hold; None when it does."""
    head = GENESIS
    for number, row in enumerate(chain.rows, start=1):
        if not _follows(row, number, head):
            return _broken(chain, number)
        head = bytes(row["hash"])
    return _shown_otherwise(chain) or _rewritten(chain) or _end(chain, head)


def _follows(row: Row, number: int, head: bytes) -> bool:
    return row["chain_no"] == number and bytes(row["prev_hash"]) == head and bytes(row["hash"]) == chain_hash(head, row)


def _shown_otherwise(chain: Chain) -> Finding | None:
    """The ids, by which readers see entries in order, say another order than the chain: nobody wrote them so."""
    for number, (before, row) in enumerate(pairwise(chain.rows), start=2):
        if row["id"] < before["id"]:
            detail = "its row id is smaller than that of the entry before it: readers see them in another order"
            return _finding(chain, number, Fault.REORDERED, detail, row)
    return None


def _broken(chain: Chain, number: int) -> Finding:
    """Tell how the chain breaks at ``number``, the first place where it does."""
    row = chain.rows[number - 1]
    if row["chain_no"] > number:
        return _finding(chain, number, Fault.REMOVED, f"entry {number} is missing")
    if row["chain_no"] < number:
        return _finding(chain, row["chain_no"], Fault.INSERTED, "two entries bear this number", row)
    stood = _stood_at(chain, row)
    if stood == number:
        return _forged_before(chain, number)
    if stood is None:
        return _foreign(chain, number)
    return _moved(chain, number, stood)


def _forged_before(chain: Chain, number: int) -> Finding:
    """The entry is whole but follows another one than stands before it."""
    if number == 1:
        detail = "the first entry does not begin the chain: what stood before it is gone or it was made anew"
        return _finding(chain, 1, Fault.CHANGED, detail, chain.rows[0])
    row = chain.rows[number - 2]
    return _finding(chain, number - 1, Fault.CHANGED, "the entry was changed and its hash made anew", row)


def _foreign(chain: Chain, number: int) -> Finding:
    """The entry does not match its own hash: it was changed, or it never belonged here."""
    row = chain.rows[number - 1]
    after = chain.rows[number] if number < len(chain.rows) else None
    if after is not None and _stood_at(chain, after) == number:
        return _finding(chain, number, Fault.INSERTED, "an entry was put in here; those after it moved on", row)
    return _finding(chain, number, Fault.CHANGED, "the entry does not match its hash", row)


def _moved(chain: Chain, number: int, stood: int) -> Finding:
    if stood < number:
        row = chain.rows[stood - 1]
        return _finding(chain, stood, Fault.INSERTED, "an entry was put in here; those after it moved on", row)
    if any(_stood_at(chain, row) == number for row in chain.rows[number:]):
        detail = f"this entry stood at {stood}"
        return _finding(chain, number, Fault.REORDERED, detail, chain.rows[number - 1])
    return _finding(chain, number, Fault.REMOVED, f"entry {number} is missing; those after it moved up")


def _stood_at(chain: Chain, row: Row) -> int | None:
    """The number under which the entry's own hash holds: where it was written. None if nowhere."""
    previous, known = bytes(row["prev_hash"]), bytes(row["hash"])
    longest = max(len(chain.rows), chain.length or 0, chain.anchored) + 1
    for number in (row["chain_no"], *range(1, longest + 1)):
        if chain_hash(previous, row | {"chain_no": number}) == known:
            return int(number)
    return None


def _rewritten(chain: Chain) -> Finding | None:
    """The chain holds by itself, but an anchor saw another entry at this number."""
    agreed = 0
    for number, row in enumerate(chain.rows, start=1):
        if row["anchored_head"] is None:
            continue
        if bytes(row["anchored_head"]) != bytes(row["hash"]):
            first = agreed + 1
            where = f"entry {number}" if first == number else f"one of the entries {first} to {number}"
            detail = f"{where} was changed and the chain made anew: anchor {row['anchor_no']} saw it otherwise"
            return _finding(chain, first, Fault.CHANGED, detail, chain.rows[first - 1])
        agreed = number
    return None


def _end(chain: Chain, head: bytes) -> Finding | None:
    """Is the chain as long as its row and the anchors say, and does it end as they say?"""
    there = len(chain.rows)
    if there < max(chain.length or 0, chain.anchored):
        longest = max(chain.length or 0, chain.anchored)
        detail = f"the newest entries are missing: there were {longest}, now {there}"
        return _finding(chain, there + 1, Fault.REMOVED, detail)
    if chain.length is None:
        return _finding(chain, there, Fault.REMOVED, "the row that holds the chain's head is missing")
    if there > chain.length:
        row = chain.rows[chain.length]
        return _finding(chain, chain.length + 1, Fault.INSERTED, "an entry was put behind the chain's end", row)
    if chain.head != head:
        newest = chain.rows[-1] if chain.rows else None
        return _finding(chain, there, Fault.CHANGED, "the chain's head is another than its last entry", newest)
    return None


def _finding(chain: Chain, number: int, fault: Fault, detail: str, row: Row | None = None) -> Finding:
    return Finding(chain.subject, number, fault, detail, None if row is None else row["id"])

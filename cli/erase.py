"""``orderflow erase``: a buyer asks to be forgotten (R29)."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.keeping import with_database
from cli.output import WRONG_SETTINGS, AsJson, print_json, print_table, refuse, settings_or_exit

if TYPE_CHECKING:
    from runtime.settings import Settings
    from store.pool import Connection, Pool

NOT_ERASED = 1
_FROM_STDIN = "-"


@dataclass(frozen=True)
class Deed:
    """What was asked for; ``values`` are contact ids, order numbers, phones or accounts."""

    kind: str
    values: Sequence[str]
    country: str
    whole_buyer: bool
    dry_run: bool
    by: str
    reason: str


def erase(
    reason: Annotated[str, typer.Option(help="Why; goes on record. No personal data in it.")],
    contact: Annotated[str | None, typer.Option(help="A contact id.")] = None,
    order: Annotated[str | None, typer.Option(help="The contact of this order.")] = None,
    phone: Annotated[str | None, typer.Option(help="Every contact with this phone number.")] = None,
    account: Annotated[str | None, typer.Option(help="Every contact with this channel account.")] = None,
    country: Annotated[str, typer.Option(help="Whose numbering a phone without +… follows.")] = "CN",
    whole_buyer: Annotated[
        bool, typer.Option("--whole-buyer", help="Also the buyer's other contacts: same phone or account.")
    ] = False,
    by: Annotated[str, typer.Option(help="The staff id that goes on record.")] = "orderflow-cli",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be erased; change nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Erase a buyer: destroy their key, their indexes, notes, messages and tracking texts. Trade records stay.

    Backups follow with the next orderflow backup, or at once with its --persons-only.

    Give one of --contact, --order, --phone, --account; a value of - is read from standard
    input, line by line, so that it stands in no shell history. A contact whose order is not
    ended is not erased, and the order is named. Exit codes: 0 erased (or would be), 1 not
    all or nobody, 2 wrong settings or options, 4 no database.
    """
    given = {"contact": contact, "order": order, "phone": phone, "account": account}
    kind, values = _asked(given)
    settings = settings_or_exit()
    deed = Deed(kind, values, country, whole_buyer, dry_run, by, reason)
    outcomes = with_database(settings, lambda pool: _erase(pool, settings, deed))
    if as_json:
        print_json({"dry_run": dry_run, "contacts": outcomes})
    else:
        print_table([_readable(outcome) for outcome in outcomes])
        typer.echo("" if outcomes else "nobody was found")
    well = bool(outcomes) and all(one["outcome"] not in ("still_needed", "unknown") for one in outcomes)
    raise typer.Exit(0 if well else NOT_ERASED)


def _asked(given: Mapping[str, str | None]) -> tuple[str, list[str]]:
    asked = {kind: value for kind, value in given.items() if value is not None}
    if len(asked) != 1:
        refuse("give one of --contact, --order, --phone, --account", WRONG_SETTINGS)
    kind, value = next(iter(asked.items()))
    lines = sys.stdin.read().splitlines() if value == _FROM_STDIN else [value]
    values = [line.strip() for line in lines if line.strip()]
    if not values:
        refuse(f"no {kind} was given", WRONG_SETTINGS)
    return kind, values


async def _erase(pool: Pool, settings: Settings, deed: Deed) -> list[dict[str, Any]]:
    async with pool.connection() as conn:
        contacts = await _whom(conn, settings, deed)
    return [await _one(pool, contact_id, deed) for contact_id in contacts]


async def _whom(conn: Connection, settings: Settings, deed: Deed) -> list[str]:
    """The contact ids that are meant, each once."""
    from store import erasure

    found = [one for value in deed.values for one in await _found(conn, settings, deed, value)]
    if deed.whole_buyer:
        found += [one for known in list(found) for one in (await erasure.extent(conn, known)).same_buyer]
    return list(dict.fromkeys(found))


async def _found(conn: Connection, settings: Settings, deed: Deed, value: str) -> Sequence[str]:
    from runtime.crypto import Indexed, vault_of
    from runtime.postal import normal_phone
    from store import erasure

    if deed.kind == "contact":
        return [value]
    if deed.kind == "order":
        return await erasure.of_order(conn, value)
    kind = Indexed(deed.kind)
    written = (normal_phone(value, deed.country) or value) if kind is Indexed.PHONE else value
    index = vault_of(settings).blind_index(kind, written)
    return [] if index is None else await erasure.of_index(conn, kind, index)


async def _one(pool: Pool, contact_id: str, deed: Deed) -> dict[str, Any]:
    """Erase one contact, in a transaction of its own, and say what came of it."""
    from store import erasure

    try:
        async with pool.connection() as conn:
            there = await erasure.extent(conn, contact_id)
            outcome = await _outcome(conn, there, deed)
    except erasure.Nobody:
        return {"contact_id": contact_id, "outcome": "unknown"}
    erased_at = there.erased_at.isoformat() if there.erased_at else None
    return {**asdict(there), "erased_at": erased_at, "outcome": outcome}


async def _outcome(conn: Connection, there: Any, deed: Deed) -> str:
    from domain.permissions import Role
    from models.base import Actor
    from store import erasure

    if there.erased_at is not None:
        return "erased_before"
    if there.waiting:
        return "still_needed"
    if deed.dry_run:
        return "would_be_erased"
    actor = Actor(id=deed.by, role=Role.ADMINISTRATOR)
    await erasure.erase(conn, there.contact_id, at=datetime.now(UTC), by=actor, why=deed.reason)
    return "erased"


def _readable(outcome: Mapping[str, Any]) -> dict[str, Any]:
    there = {name: outcome.get(name, "") for name in ("notes", "messages", "tracking_texts")}
    return {
        "contact": outcome["contact_id"],
        "outcome": outcome["outcome"],
        "orders": ", ".join(outcome.get("orders", ())),
        **there,
        "still needed by": "; ".join(outcome.get("waiting", ())),
        "same buyer": ", ".join(outcome.get("same_buyer", ())),
    }

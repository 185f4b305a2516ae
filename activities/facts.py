"""The facts of the automatic review: persons are opened here, and only verdicts leave (R6, R21)."""

from __future__ import annotations

from models.steps import ReviewFacts
from runtime.crypto import Vault
from runtime.postal import address_faults, phone_faults
from store import contacts, orders, payments, peak, review, risk, rules
from store.pool import Connection


async def gather(conn: Connection, vault: Vault, order_no: str) -> ReviewFacts:
    """What the rules look at; an erased or unknown person is one whose core fields are missing (R19)."""
    order = await orders.row_of(conn, order_no)
    try:
        person = await contacts.reveal(conn, vault, order["contact_id"])
    except contacts.UnknownContact:
        person = contacts.Person()
    orders_before, cancelled_before = await review.history(conn, order_no)
    # The order's own time, so that a second look gives the verdict of the first (DESIGN 5).
    listed = await risk.listed(conn, order["contact_id"], order["updated_at"])
    return ReviewFacts(
        missing_fields=_missing(person),
        address_faults=_address_faults(person),
        phone_faults=_phone_faults(person),
        blacklisted=listed.blacklisted,
        marked=listed.marked,
        below_safety_stock=await review.below_safety_stock(conn, order_no),
        captured_currencies=await payments.currencies(conn, order_no),
        orders_before=orders_before,
        cancelled_before=cancelled_before,
        rules=rules.message_of(await rules.current(conn)),
        peak=await peak.in_force(conn),
    )


def _missing(person: contacts.Person) -> tuple[str, ...]:
    """The core fields without which an order does not go on (R2, R19)."""
    there = {
        "name": person.name,
        "phone": person.phone,
        "address": person.address and person.address.street,
    }
    return tuple(field for field, value in there.items() if not (value and value.strip()))


def _address_faults(person: contacts.Person) -> tuple[str, ...]:
    address = person.address
    if address is None or not address.street.strip():
        return ()
    return tuple(address_faults(address.country, address.region, address.city, address.postcode, address.street))


def _phone_faults(person: contacts.Person) -> tuple[str, ...]:
    if not person.phone or not person.phone.strip():
        return ()
    return tuple(phone_faults(person.phone, person.country or ""))

"""What of a buyer each permission shows, and in which form: role × permission × field, deny by default (R21, R22).

The one table that every view of a person is built from. A field that a permission does not name is
not shown by it; a role sees a field if one of its permissions (``domain.permissions``) names it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType

from domain.permissions import GRANTS, Permission, Role


class PersonField(StrEnum):
    """What is known of a buyer. The account at the channel can be matched, and is never shown."""

    NAME = "name"
    PHONE = "phone"
    CITY = "city"
    ADDRESS = "address"
    EMAIL = "email"
    REMARK = "remark"
    NOTE = "note"
    TRACE = "trace"
    HISTORY = "history"
    ACCOUNT = "account"


class Form(StrEnum):
    """How a field is shown: enough to recognise it, or whole."""

    MASKED = "masked"
    FULL = "full"


_P, _F = Permission, PersonField

# An address has no mask: the city is shown, the street is not. What the permission to print shows
# stands on the label; what the permission to reveal shows is asked for with a purpose. Both go on record.
SHOWS: Mapping[Permission, Mapping[PersonField, Form]] = MappingProxyType(
    {
        _P.CONTACT_MASKED: {
            _F.NAME: Form.MASKED,
            _F.PHONE: Form.MASKED,
            _F.CITY: Form.FULL,
            _F.TRACE: Form.MASKED,
            _F.HISTORY: Form.FULL,
        },
        _P.NOTE_KEEP: {_F.REMARK: Form.MASKED, _F.NOTE: Form.MASKED},
        _P.CONTACT_REVEAL: dict.fromkeys((_F.NAME, _F.PHONE, _F.ADDRESS, _F.EMAIL, _F.REMARK), Form.FULL),
        _P.LABEL_PRINT: dict.fromkeys((_F.NAME, _F.PHONE, _F.ADDRESS), Form.FULL),
    }
)


def form_of(field: PersonField, by: Permission, held: frozenset[Permission]) -> Form | None:
    """The form in which whoever holds these permissions sees a field by that one; None is not at all."""
    return SHOWS.get(by, {}).get(field) if by in held else None


def cells() -> Iterator[tuple[Permission, PersonField, Form, frozenset[Role]]]:
    """The whole table: each field that a permission shows, its form, and the roles that see it so."""
    for permission, fields in SHOWS.items():
        for field, form in fields.items():
            yield permission, field, form, frozenset(role for role, held in GRANTS.items() if permission in held)

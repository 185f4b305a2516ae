"""A buyer as authorised posts see one: enough to recognise, too little to misuse (R21).

Which field a post sees, and in which form, is asked of the table ``domain.personal`` for every value of a person
that leaves by any view; a field of a view that is about a person says so with :class:`Personal`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, Field

from domain.permissions import Permission
from domain.personal import Form, PersonField, form_of
from models.person import Person

HIDDEN = "****"

# Bounded, so that a long text without an @ costs no more than its length.
_MAIL = re.compile(r"[^\s@,;:()<>，；：（）]{1,64}@[^\s@,;:()<>，；：（）]{1,255}")
_NUMBER = re.compile(r"\+?\d[\d\s().-]{4,}\d")


@dataclass(frozen=True)
class Personal:
    """What of a buyer stands in this field of a view, and the permission that shows it there."""

    field: PersonField
    by: Permission


class MaskedContact(BaseModel):
    """``王*``, ``138****5678``, the city only. A full reveal has its own permission and is audited."""

    name: Annotated[str | None, Personal(PersonField.NAME, Permission.CONTACT_MASKED)] = Field(
        default=None, examples=["王*"]
    )
    phone: Annotated[str | None, Personal(PersonField.PHONE, Permission.CONTACT_MASKED)] = Field(
        default=None, examples=["138****5678"]
    )
    city: Annotated[str | None, Personal(PersonField.CITY, Permission.CONTACT_MASKED)] = Field(
        default=None, examples=["深圳市"]
    )


def masked(person: Person, held: frozenset[Permission]) -> MaskedContact:
    """The person, as whoever holds these permissions sees one on an order's page."""
    return MaskedContact(**of_person(MaskedContact, person, held))


def of_person(view: type[BaseModel], person: Person, held: frozenset[Permission]) -> dict[str, Any]:
    """The values of a view's fields about a person, each as the table says; None for what it does not show."""
    return {
        name: seen(mark.field, mark.by, held, _KNOWN[mark.field](person), person) for name, mark in personal_in(view)
    }


def personal_in(view: type[BaseModel]) -> Iterator[tuple[str, Personal]]:
    """The fields of a view that are about a person."""
    for name, info in view.model_fields.items():
        yield from ((name, mark) for mark in info.metadata if isinstance(mark, Personal))


def seen(field: PersonField, by: Permission, held: frozenset[Permission], value: Any, person: Person) -> Any:
    """A value of a person in the form in which it is shown by that permission, or None (R21, R22)."""
    form = form_of(field, by, held)
    if form is None or not value:
        return None
    return value if form is Form.FULL else _MASKS[field](value, person)


def masked_name(name: str) -> str:
    """The first sign of the name."""
    return f"{name.strip()[:1]}*"


def masked_phone(phone: str) -> str:
    """The first three and last four digits of a long number; of a short one only the last two."""
    signs = "".join(sign for sign in phone if sign.isdecimal() or sign == "+")
    if len(signs) >= 10:
        return f"{signs[:3]}{HIDDEN}{signs[-4:]}"
    return f"{HIDDEN}{signs[-2:]}" if len(signs) > 4 else HIDDEN


def masked_text(text: str, person: Person) -> str:
    """Free text without what leads to a person: numbers, mail addresses, the buyer's own name and street (R21)."""
    known = [(person.name, masked_name(person.name) if person.name else "")]
    known += [(person.phone, HIDDEN), (person.address.street if person.address else None, HIDDEN)]
    for value, mask in known:
        if value and value.strip():
            text = re.sub(re.escape(value.strip()), mask, text, flags=re.IGNORECASE)
    return _NUMBER.sub(lambda number: masked_phone(number[0]), _MAIL.sub(HIDDEN, text))


_KNOWN: Mapping[PersonField, Callable[[Person], Any]] = {
    PersonField.NAME: lambda person: person.name,
    PersonField.PHONE: lambda person: person.phone,
    PersonField.CITY: lambda person: person.address.city if person.address else None,
    PersonField.ADDRESS: lambda person: person.address,
    PersonField.EMAIL: lambda person: person.email,
    PersonField.REMARK: lambda person: person.remark,
}
# What has no mask here cannot be shown masked: a table that asks for it fails the tests.
_MASKS: Mapping[PersonField, Callable[[str, Person], str]] = {
    PersonField.NAME: lambda name, _: masked_name(name),
    PersonField.PHONE: lambda phone, _: masked_phone(phone),
    **dict.fromkeys((PersonField.REMARK, PersonField.NOTE, PersonField.TRACE), masked_text),
}

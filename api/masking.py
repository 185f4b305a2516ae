"""A buyer as authorised posts see one: enough to recognise, too little to misuse (R21)."""

from __future__ import annotations

import re

from pydantic import BaseModel, Field

from models.person import Person

HIDDEN = "****"

# Bounded, so that a long text without an @ costs no more than its length.
_MAIL = re.compile(r"[^\s@,;:()<>，；：（）]{1,64}@[^\s@,;:()<>，；：（）]{1,255}")
_NUMBER = re.compile(r"\+?\d[\d\s().-]{4,}\d")


class MaskedContact(BaseModel):
    """``王*``, ``138****5678``, the city only. A full reveal has its own permission and is audited."""

    name: str | None = Field(default=None, examples=["王*"])
    phone: str | None = Field(default=None, examples=["138****5678"])
    city: str | None = Field(default=None, examples=["深圳市"])


def masked(person: Person) -> MaskedContact:
    """The person, masked."""
    return MaskedContact(
        name=masked_name(person.name) if person.name else None,
        phone=masked_phone(person.phone) if person.phone else None,
        city=(person.address.city or None) if person.address else None,
    )


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

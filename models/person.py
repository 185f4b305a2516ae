"""A buyer in the clear, between a door and the vault: in memory only (R21)."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Address:
    """Where the parcel goes; ``country`` is ISO 3166 alpha-2. Empty text means unknown."""

    country: str = ""
    region: str = field(default="", repr=False)
    city: str = field(default="", repr=False)
    district: str = field(default="", repr=False)
    street: str = field(default="", repr=False)
    postcode: str = field(default="", repr=False)

    @property
    def one_line(self) -> str:
        """The address as one writes it on a parcel, largest part first."""
        parts = (self.region, self.city, self.district, self.street, self.postcode)
        return " ".join(part for part in parts if part)


@dataclass(frozen=True)
class Person:
    """A buyer in the clear: lives in memory only, never in a log, message or error.

    ``account`` is kept as a blind index alone: it can be matched, not read back.
    """

    name: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    address: Address | None = field(default=None, repr=False)
    remark: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    account: str | None = field(default=None, repr=False)

    @property
    def country(self) -> str | None:
        """The country of the address, upper case, if one is known."""
        code = self.address.country.upper() if self.address else ""
        return code if len(code) == 2 and code.isascii() and code.isalpha() else None

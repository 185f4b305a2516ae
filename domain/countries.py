"""Countries by the names that ledgers write, as ISO 3166 alpha-2 codes."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# A name that stands for several countries ("European Community", "Channel Islands") is not here.
_CODES: Mapping[str, str] = MappingProxyType(
    {
        "australia": "AU", "austria": "AT", "bahrain": "BH", "belgium": "BE", "brazil": "BR", "canada": "CA",
        "china": "CN", "cyprus": "CY", "czech republic": "CZ", "denmark": "DK", "eire": "IE", "finland": "FI",
        "france": "FR", "germany": "DE", "greece": "GR", "hong kong": "HK", "iceland": "IS", "ireland": "IE",
        "israel": "IL", "italy": "IT", "japan": "JP", "lebanon": "LB", "lithuania": "LT", "malta": "MT",
        "netherlands": "NL", "norway": "NO", "poland": "PL", "portugal": "PT", "rsa": "ZA", "saudi arabia": "SA",
        "singapore": "SG", "south africa": "ZA", "spain": "ES", "sweden": "SE", "switzerland": "CH", "taiwan": "TW",
        "uk": "GB", "united arab emirates": "AE", "united kingdom": "GB", "usa": "US", "中国": "CN",
    }
)  # fmt: skip


def alpha2(name: str) -> str:
    """The code of a country; a code stays itself, and a name nobody knows is empty: unknown, not wrong."""
    known = _CODES.get(name.casefold())
    if known is None and len(name) == 2 and name.isascii() and name.isalpha():
        return name.upper()
    return known or ""

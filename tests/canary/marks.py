"""The marked person, and every way in which a mark could be written down. All of it is invented."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from urllib.parse import quote

NAME, OTHER_NAME = "金絲雀甲", "金絲雀乙"
PHONE, OTHER_PHONE, COURIER = "15900001234", "15911112222", "15933334444"
STREET, OTHER_STREET = "金絲雀大街7788號", "金絲雀小巷99號"
REMARK, NOTE = "請放在金絲雀花盆旁", "金絲雀在電話裡說的話"
EMAIL, ACCOUNT = "canary7q@example.com", "canary-account-7q"
LATIN_NAME, LATIN_STREET = "Canaria Sevenque", "7788 Canary Lane"

TEXTS = ("金絲雀", "canary7q", "canary-account-7q", "Canaria", "Sevenque", "Canary Lane")
PHONES = (PHONE, OTHER_PHONE, COURIER)


def found_in(content: bytes) -> list[str]:
    """Which marks stand in these bytes, in whatever spelling."""
    return [f"{mark} as {how}" for mark, how, spelling in _SPELLINGS if spelling in content]


def _spellings() -> Iterator[tuple[str, str, bytes]]:
    for mark in TEXTS:
        yield from ((mark, how, spelling) for how, spelling in _written(mark))
    for phone in PHONES:
        for how, spelling in _written(phone):
            yield phone, how, spelling
        for gap in (" ", "-"):
            spaced = gap.join((phone[:3], phone[3:7], phone[7:]))
            yield phone, "groups", spaced.encode()


def _written(mark: str) -> Iterator[tuple[str, bytes]]:
    plain = mark.encode()
    yield "UTF-8", plain
    yield "JSON", json.dumps(mark)[1:-1].encode()
    yield "percent signs", quote(mark).encode()
    yield "GBK", mark.encode("gbk", errors="ignore") or plain
    yield "UTF-16", mark.encode("utf-16-le")
    yield "hex", plain.hex().encode()
    yield "HEX", plain.hex().upper().encode()
    for offset in range(3):
        yield "base64", _inner_base64(plain, offset)


def _inner_base64(plain: bytes, offset: int) -> bytes:
    """How base64 writes it when it begins ``offset`` bytes into a group, without the signs at either edge."""
    written = base64.b64encode(bytes(offset) + plain)
    first = (offset * 8 + 5) // 6
    return written[first : (offset + len(plain)) * 8 // 6]


_SPELLINGS = tuple(_spellings())

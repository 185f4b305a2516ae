"""How deep a JSON text is, how many values it holds and how long its numbers are, seen without parsing it.

A megabyte of brackets costs a parser far more than a megabyte of order.
"""

from __future__ import annotations

import re

DEEPEST, MOST_VALUES, LONGEST_NUMBER = 32, 100_000, 400
"""Providers' largest messages are about ten deep and hold some thousand values; 400 digits are beyond any number."""

_LONG = re.compile(rb"[0-9]{%d}" % (LONGEST_NUMBER + 1))
_NO_BRACKETS = bytes(set(range(256)) - set(b"[{]}"))


def too_much(body: bytes) -> bool:
    """Whether a body is deeper or wider than any message of ours, or holds a longer number.

    What is no JSON is none of our business.
    """
    if body.lstrip()[:1] not in (b"[", b"{"):
        return False
    bare = _without_texts(body)
    return bare.count(b",") > MOST_VALUES or _LONG.search(bare) is not None or _is_too_deep(bare)


def _without_texts(body: bytes) -> bytes:
    """What stands between the texts: once no quote is part of a text, every other piece is one."""
    return b'"'.join(body.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')[::2])


def _is_too_deep(bare: bytes) -> bool:
    depth = 0
    for sign in bare.translate(None, _NO_BRACKETS):
        depth += 1 if sign in b"[{" else -1
        if depth > DEEPEST:
            return True
    return False

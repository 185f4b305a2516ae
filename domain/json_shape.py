"""How deep a JSON text is, how many values it holds and how long its numbers are, seen without parsing it.

A megabyte of brackets costs a parser far more than a megabyte of order.
"""

from __future__ import annotations

import re

DEEPEST, MOST_VALUES, LONGEST_NUMBER = 32, 100_000, 400
"""Providers' largest messages are about ten deep and hold some thousand values; 400 digits are beyond any number."""

_SIGNS = re.compile(rb'"(?:[^"\\]|\\.)*"?|[\[{\]},]|[0-9]{%d}' % (LONGEST_NUMBER + 1), re.DOTALL)
_DOWN, _UP = (b"[", b"{"), (b"]", b"}")


def too_much(body: bytes) -> bool:
    """Whether a body is deeper or wider than any message of ours, or holds a longer number.

    What is no JSON is none of our business.
    """
    if body.lstrip()[:1] not in _DOWN:
        return False
    depth = values = 0
    for found in _SIGNS.finditer(body):
        sign = found[0]
        if sign in _DOWN:
            depth += 1
        elif sign in _UP:
            depth -= 1
        elif sign == b",":
            values += 1
        if depth > DEEPEST or values > MOST_VALUES or sign[:1].isdigit():
            return True
    return False

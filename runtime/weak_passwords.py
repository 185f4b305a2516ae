"""Passwords that others have chosen before: easily guessed, or found in a breach (ASVS 6.2.4, 6.2.12).

The list of breached ones is a file held here: lines of ``SHA-1[:count]`` in upper-case hex, sorted, as Have I
Been Pwned publishes them. It is some 40 GB and never read whole: a binary search looks at some 40 places.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import BinaryIO

from domain.sign_in import password_fault

_GUESSES_LOG10 = 10
"""So many tries, as a power of ten, a guesser who knows words, names, keyboards and habits must need."""
_LOOKED_AT = 72
_LINE = re.compile(rb"[0-9A-F]{40}(:\d+)?\r?\n?")
_HASH, _LONGEST_LINE = 40, 64


def fault(password: str, username: str, breached: Path | None) -> str | None:
    """What is wrong with a new password, if anything; the text never holds it. Takes some milliseconds."""
    if said := password_fault(password, username):
        return said
    # Its lists of words are read for each start of each process, and few ever choose a password.
    from zxcvbn import zxcvbn

    if zxcvbn(password[:_LOOKED_AT], user_inputs=[username, "orderflow"])["guesses_log10"] < _GUESSES_LOG10:
        return "is too easy to guess"
    if breached is not None and is_breached(password, breached):
        return "stands in a list of passwords that were stolen elsewhere: choose one that you use nowhere else"
    return None


def is_breached(password: str, breached: Path) -> bool:
    """Whether the list has it; raises OSError when the list cannot be read."""
    wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    with breached.open("rb") as lines:
        return _found(lines, wanted)


def is_such_a_list(path: Path) -> bool:
    """Whether the file begins and ends as a sorted list of hashes does."""
    with path.open("rb") as lines:
        first = lines.readline(_LONGEST_LINE)
        lines.seek(max(0, lines.seek(0, os.SEEK_END) - _LONGEST_LINE))
        last = lines.readlines()[-1:] or [b""]
    known = [_LINE.fullmatch(line) for line in (first, last[0])]
    return all(known) and first[:_HASH] <= last[0][:_HASH]


def _found(lines: BinaryIO, wanted: bytes) -> bool:
    """Between two places in the file, halved until they meet: the line that begins at or after the first."""
    low, high = 0, lines.seek(0, os.SEEK_END)
    while low < high:
        middle = (low + high) // 2
        if _line_after(lines, middle) < wanted:
            low = middle + 1
        else:
            high = middle
    return _line_after(lines, low) == wanted


def _line_after(lines: BinaryIO, place: int) -> bytes:
    """The hash of the first line that begins at this place or later; greater than any where there is none."""
    lines.seek(max(0, place - 1))
    if place:
        lines.readline()
    return lines.readline()[:_HASH] or b"~"

"""Telling everybody: how urgent it is, how long it stands, and what may not stand in it (R21, R25)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType


class Severity(StrEnum):
    """How urgent a broadcast is."""

    NOTICE = "notice"
    WARNING = "warning"
    EMERGENCY = "emergency"


CHINESE: Mapping[Severity, str] = MappingProxyType(
    {Severity.NOTICE: "通知", Severity.WARNING: "預警", Severity.EMERGENCY: "緊急"}
)

STANDS_FOR = timedelta(days=3)
"""A broadcast that nobody ended stands before its departments so long **(ours)**: no forgotten one stays for ever."""

_MAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_PHONE = re.compile(r"(?<![\w-])(?:\+?\d[ -]?){10,14}\d(?!\d)")


def personal_words(text: str) -> str | None:
    """What in the text looks like a person's: an e-mail address or a telephone number; None if nothing does.

    A broadcast leaves the house and cannot be taken back, so doubt is enough to refuse it.
    """
    if _MAIL.search(text):
        return "an e-mail address"
    return "a telephone number" if _PHONE.search(text) else None

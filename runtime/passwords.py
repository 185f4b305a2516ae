"""Passwords as they are kept: Argon2id, at the parameters of RFC 9106 for little memory. Takes some 50 ms of a core."""

from __future__ import annotations

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

_HASHER = PasswordHasher()


def hash_password(password: str) -> str:
    """What is stored in place of the password."""
    return _HASHER.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether it is this password; as slow when there is none, so that nobody learns by the clock who exists."""
    try:
        _HASHER.verify(stored or _nobodys(), password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return stored is not None


@cache
def _nobodys() -> str:
    return hash_password(secrets.token_hex(16))

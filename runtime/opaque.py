"""Opaque tokens: 256 random bits with a prefix that says what they are; only their SHA-256 is ever stored.

Nothing can be guessed of so many bits, so a fast hash is enough, and looking the hash up by
its index tells nobody anything by how long it takes.
"""

from __future__ import annotations

import hashlib
import secrets

SESSION, MACHINE, CODE = "ofs_", "ofm_", "ofc_"
"""What a token is, in sight: a scanner for leaked secrets finds it by this."""


def new_token(kind: str) -> str:
    """A fresh token of that kind."""
    return kind + secrets.token_urlsafe(32)


def digest(token: str) -> bytes:
    """What is stored of a token: 32 bytes."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()

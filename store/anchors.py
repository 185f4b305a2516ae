"""Signed roots over the heads of all audit chains: what a database administrator cannot make again (R23).

The hash chain shows a change by someone who cannot recompute it. Someone with the whole
database in hand can; so every hour a root over all heads is signed with a key that is not
in the database. An anchor holds the heads that are new since the one before, and that
one's root: the newest root stands for all heads there ever were.

AnchorError
└── UnfitAnchorKey   the signing key of the settings is not 32 bytes in base64
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from runtime.settings import Settings
from store.pool import Connection, Row

NO_ROOT = bytes(32)
"""What the first anchor follows."""

# Any number will do, as long as every process that anchors takes the same.
_ONE_AT_A_TIME = 0x0D0E7A2C
_KEY = 32


class AnchorError(Exception):
    """The record cannot be anchored."""


class UnfitAnchorKey(AnchorError):
    """The signing key is not 32 bytes in base64; the text never holds it."""

    def __init__(self) -> None:
        super().__init__("the key that signs audit anchors must be 32 bytes in base64")


@dataclass(frozen=True)
class AnchorKey:
    """The Ed25519 key that signs roots; whoever verifies needs its public half only."""

    secret: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def from_base64(cls, text: str) -> AnchorKey:
        """From the setting's text; raises :class:`UnfitAnchorKey`."""
        try:
            seed = base64.b64decode(text, validate=True)
        except binascii.Error:
            raise UnfitAnchorKey from None
        if len(seed) != _KEY:
            raise UnfitAnchorKey
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def public(self) -> bytes:
        """The public half, 32 bytes."""
        return self.secret.public_key().public_bytes_raw()


def key_of(settings: Settings) -> AnchorKey:
    """The key of the settings; raises :class:`UnfitAnchorKey`."""
    return AnchorKey.from_base64(settings.audit_anchor_key.get_secret_value())


@dataclass(frozen=True)
class Anchor:
    """An anchor that was made: ``root`` is 32 bytes, ``chains`` how many heads are new in it."""

    anchor_no: int
    root: bytes
    chains: int


async def anchor(conn: Connection, key: AnchorKey, at: datetime) -> Anchor:
    """Sign the heads of all chains, in the caller's transaction; ``at`` is workflow time.

    A chain at a length that was anchored before is not anchored again, so a second run
    costs little and contradicts nothing.
    """
    await conn.execute("SET LOCAL statement_timeout = '10min'")
    await conn.execute("SELECT pg_advisory_xact_lock(%s)", (_ONE_AT_A_TIME,))
    before = await last(conn)
    number = before["anchor_no"] + 1 if before else 1
    await conn.execute(_NEW_HEADS, {"anchor_no": number})
    digest = await heads_digest(conn, number)
    row = {
        "anchor_no": number,
        "at": at,
        "wall_at": datetime.now(UTC),
        "chains": digest.chains,
        "heads": digest.hash,
        "previous": bytes(before["root"]) if before else NO_ROOT,
    }
    root = root_hash(row)
    await conn.execute(_WRITE, row | {"root": root, "public_key": key.public, "signature": key.secret.sign(root)})
    return Anchor(number, root, digest.chains)


async def last(conn: Connection) -> Row | None:
    """The newest anchor, if there is any."""
    cursor = await conn.execute("SELECT * FROM audit_anchors ORDER BY anchor_no DESC LIMIT 1")
    return await cursor.fetchone()


@dataclass(frozen=True)
class HeadsDigest:
    """The hash over an anchor's heads, and how many there are."""

    chains: int
    hash: bytes


async def heads_digest(conn: Connection, anchor_no: int) -> HeadsDigest:
    """SHA-256 over the heads of an anchor in order of their subjects; must run inside a transaction."""
    running, chains = sha256(), 0
    async with conn.cursor("anchor_heads") as rows:
        await rows.execute(
            'SELECT subject, length, head FROM audit_anchor_heads WHERE anchor_no = %s ORDER BY subject COLLATE "C"',
            (anchor_no,),
        )
        async for row in rows:
            running.update(_line(row))
            chains += 1
    return HeadsDigest(chains, running.digest())


def root_hash(row: Mapping[str, Any]) -> bytes:
    """The root of an anchor: 32 bytes over all that it says, the root before it included."""
    said = {
        "anchor_no": row["anchor_no"],
        "at": _plain(row["at"]),
        "wall_at": _plain(row["wall_at"]),
        "chains": row["chains"],
        "heads": bytes(row["heads"]).hex(),
        "previous": bytes(row["previous"]).hex(),
    }
    return sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).digest()


def is_signed(row: Mapping[str, Any]) -> bool:
    """Whether the signature of an anchor holds under the public key it names."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes(row["public_key"])).verify(bytes(row["signature"]), bytes(row["root"]))
    except (InvalidSignature, ValueError):
        return False
    return True


def _line(row: Row) -> bytes:
    return json.dumps([row["subject"], row["length"], bytes(row["head"]).hex()], ensure_ascii=False).encode() + b"\n"


def _plain(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="microseconds")


_NEW_HEADS = """
INSERT INTO audit_anchor_heads (subject, length, head, anchor_no)
SELECT c.subject, c.length, c.head, %(anchor_no)s FROM audit_chains c
WHERE c.length > 0
  AND NOT EXISTS (SELECT FROM audit_anchor_heads h WHERE h.subject = c.subject AND h.length = c.length)
"""
_WRITE = """
INSERT INTO audit_anchors (anchor_no, at, wall_at, chains, heads, previous, root, public_key, signature)
VALUES (%(anchor_no)s, %(at)s, %(wall_at)s, %(chains)s, %(heads)s, %(previous)s, %(root)s, %(public_key)s,
        %(signature)s)
"""

"""The one signature algorithm of Taobao's open platform, for what comes and for what we ask (docId 101617)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from types import MappingProxyType


def _md5(secret: bytes, text: bytes) -> str:
    return hashlib.md5(secret + text + secret, usedforsecurity=False).hexdigest()


def _hmac_md5(secret: bytes, text: bytes) -> str:
    return hmac.new(secret, text, hashlib.md5).hexdigest()


def _hmac_sha256(secret: bytes, text: bytes) -> str:
    return hmac.new(secret, text, hashlib.sha256).hexdigest()


# The platform's to choose; md5 is what it uses where nothing is said.
_DIGESTS: Mapping[str, Callable[[bytes, bytes], str]] = MappingProxyType(
    {"md5": _md5, "hmac": _hmac_md5, "hmac-sha256": _hmac_sha256}
)


def signature(secret: str, fields: Mapping[str, str]) -> str | None:
    """Upper-case hex over all fields but ``sign`` and empty ones; None for an unknown ``sign_method``."""
    digest = _DIGESTS.get(fields.get("sign_method", "md5"))
    if digest is None:
        return None
    signed = "".join(f"{name}{fields[name]}" for name in sorted(fields) if fields[name] and name != "sign")
    return digest(secret.encode(), signed.encode()).upper()

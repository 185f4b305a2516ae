"""Codes of an authenticator (TOTP, RFC 6238: SHA-1, six digits, 30 s) and recovery codes; no state is kept here."""

from __future__ import annotations

import base64
import io
import secrets
from datetime import datetime

import pyotp
import segno
from pyotp.utils import strings_equal

from domain.second_factor import RECOVERY_CODES, STEP_S
from runtime import opaque

_RECOVERY_BYTES = 15
"""120 bits: so many need no slow hash (ASVS 6.5.2)."""


def new_secret() -> str:
    """160 random bits in base32, as authenticators take them."""
    return pyotp.random_base32()


def step_of(secret: str, code: str, at: datetime) -> int | None:
    """The half minute that this code belongs to; None when it is not the code of now."""
    step = int(at.timestamp()) // STEP_S
    return step if strings_equal(plain(code), pyotp.TOTP(secret).at(step * STEP_S)) else None


def plain(code: str) -> str:
    """A code without the spaces and hyphens that people put between its parts."""
    return "".join(sign for sign in code if sign not in " -").upper()


def address_of(secret: str, username: str, issuer: str) -> str:
    """What an authenticator reads: an ``otpauth`` address. It holds the secret."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=issuer)


def picture_of(address: str) -> str:
    """The address as a QR code, an SVG of dark squares on white."""
    drawn = io.BytesIO()
    segno.make(address, error="m").save(
        drawn, kind="svg", scale=4, dark="#000", light="#fff", xmldecl=False, omitsize=True
    )
    return drawn.getvalue().decode()


def new_recovery_codes() -> list[str]:
    """Fresh codes for whoever loses the authenticator, in groups of four."""
    texts = [base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode() for _ in range(RECOVERY_CODES)]
    return ["-".join(text[at : at + 4] for at in range(0, len(text), 4)) for text in texts]


def recovery_digest(code: str) -> bytes:
    """What is stored of a recovery code."""
    return opaque.digest(plain(code))

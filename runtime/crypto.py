"""The vault's locks: AES-256-GCM under a key per person, wrapped by a versioned master key (R21).

Every ciphertext is bound to the place it belongs to (table, column, row): moved
anywhere else it does not open. Erasing a person's wrapped key erases the person, also
from backups (R29). A blind index (HMAC) finds an equal value without opening any (R27).
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from runtime.postal import digits_of
from runtime.settings import Settings

_NONCE = 12
_KEY = 32
_LAYOUT = b"\x01"


class CryptoError(Exception):
    """A sealed value does not open, or a key is missing. The text never holds the value."""


class UnknownKeyVersion(CryptoError):
    """No master key of that version is configured."""

    def __init__(self, version: str) -> None:
        super().__init__(f"no master key of version {version} is configured")


class NotOpened(CryptoError):
    """Tampered with, moved to another place, or sealed under another key."""

    def __init__(self, place: str) -> None:
        super().__init__(f"the sealed value at {place} does not open here")


class Indexed(StrEnum):
    """What can be matched without being opened (R27)."""

    PHONE = "phone"
    ADDRESS = "address"
    ACCOUNT = "account"


@dataclass(frozen=True)
class WrappedKey:
    """A person's data key as it is stored: useless without the master key of that version."""

    wrapped: bytes
    version: str


@dataclass(frozen=True)
class DataKey:
    """A person's data key, open: never stored, never logged."""

    secret: bytes = field(repr=False)


def vault_of(settings: Settings) -> Vault:
    """The vault with the keys of the settings; raises :class:`CryptoError` when a key is unfit."""
    masters = {version: key.get_secret_value() for version, key in settings.vault_master_keys.items()}
    return Vault.from_base64(masters, settings.vault_active_key_version, settings.blind_index_key.get_secret_value())


def place(table: str, column: str, row_id: str) -> str:
    """Where a sealed value belongs; it opens nowhere else."""
    return f"{table}:{column}:{row_id}"


class Vault:
    """Seals and opens; holds the master keys by version, and the key of the blind index."""

    def __init__(self, master_keys: Mapping[str, bytes], active: str, index_key: bytes) -> None:
        """Raises :class:`CryptoError` for a key that is not 32 bytes, or an active version that is missing."""
        if active not in master_keys:
            raise UnknownKeyVersion(active)
        if any(len(key) != _KEY for key in (*master_keys.values(), index_key)):
            raise CryptoError("every key of the vault must be 32 bytes")
        self._masters = {version: AESGCM(key) for version, key in master_keys.items()}
        self._messages = {version: AESGCM(_derived(key, b"messages")) for version, key in master_keys.items()}
        self._active = active
        self._index_key = index_key

    @classmethod
    def from_base64(cls, master_keys: Mapping[str, str], active: str, index_key: str) -> Vault:
        """Build it from the settings' base64 texts."""
        try:
            keys = {version: base64.b64decode(text, validate=True) for version, text in master_keys.items()}
            return cls(keys, active, base64.b64decode(index_key, validate=True))
        except binascii.Error as error:
            raise CryptoError("a key of the vault is not base64") from error

    def new_key(self, owner_id: str) -> tuple[DataKey, WrappedKey]:
        """A fresh data key for ``owner_id`` (a contact or note id), open and wrapped."""
        secret = secrets.token_bytes(_KEY)
        wrapped = _seal(self._masters[self._active], secret, f"key:{owner_id}")
        return DataKey(secret), WrappedKey(wrapped, self._active)

    def unwrap(self, owner_id: str, key: WrappedKey) -> DataKey:
        """Open a stored data key; it opens for its owner only."""
        if key.version not in self._masters:
            raise UnknownKeyVersion(key.version)
        return DataKey(_open(self._masters[key.version], key.wrapped, f"key:{owner_id}"))

    def rewrap(self, owner_id: str, key: WrappedKey) -> WrappedKey:
        """The same data key under the active master key: how a master key is retired."""
        secret = self.unwrap(owner_id, key).secret
        return WrappedKey(_seal(self._masters[self._active], secret, f"key:{owner_id}"), self._active)

    def seal(self, key: DataKey, plaintext: str, place: str) -> bytes:
        """Seal a person's value for its place."""
        return _seal(AESGCM(key.secret), plaintext.encode(), place)

    def open(self, key: DataKey, sealed: bytes, place: str) -> str:
        """Open a person's value at its place; raises :class:`NotOpened`."""
        return _open(AESGCM(key.secret), sealed, place).decode()

    def seal_message(self, plaintext: bytes, place: str) -> bytes:
        """Seal what belongs to no single person yet (a raw webhook body) under the active version."""
        version = self._active.encode()
        return bytes([len(version)]) + version + _seal(self._messages[self._active], plaintext, place)

    def open_message(self, sealed: bytes, place: str) -> bytes:
        """Open a sealed message; it carries the version of its key."""
        if not sealed:
            raise NotOpened(place)
        end = 1 + sealed[0]
        version = sealed[1:end].decode(errors="replace")
        if version not in self._messages:
            raise UnknownKeyVersion(version)
        return _open(self._messages[version], sealed[end:], place)

    def blind_index(self, kind: Indexed | str, value: str) -> bytes | None:
        """HMAC-SHA256 of the normalised value, 32 bytes; None when nothing is left to match (R27)."""
        if not (normal := normalised(Indexed(kind), value)):
            return None
        return hmac.digest(self._index_key, f"{Indexed(kind)}\0{normal}".encode(), "sha256")


def normalised(kind: Indexed, value: str) -> str:
    """The form in which two spellings of one value are equal.

    A phone is its digits in E.164 form (give it through ``runtime.postal.normal_phone``
    so that the country code is there); an address loses case, spaces and punctuation;
    an account loses case and outer spaces.
    """
    if kind is Indexed.PHONE:
        return digits_of(value)
    if kind is Indexed.ADDRESS:
        return "".join(sign for sign in value.casefold() if sign.isalnum())
    return value.strip().casefold()


def _derived(master: bytes, purpose: bytes) -> bytes:
    # One key, one purpose: a wrapped data key and a message never share a key.
    return HKDF(algorithm=SHA256(), length=_KEY, salt=None, info=b"orderflow:" + purpose).derive(master)


def _seal(cipher: AESGCM, plaintext: bytes, place: str) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    return _LAYOUT + nonce + cipher.encrypt(nonce, plaintext, place.encode())


def _open(cipher: AESGCM, sealed: bytes, place: str) -> bytes:
    if len(sealed) <= 1 + _NONCE or sealed[:1] != _LAYOUT:
        raise NotOpened(place)
    try:
        return cipher.decrypt(sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :], place.encode())
    except InvalidTag:
        # The chain would add nothing but a second traceback; the place says which row.
        raise NotOpened(place) from None

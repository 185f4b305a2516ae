"""What production refuses in a setting: secrets that anybody could guess, and plain HTTP."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pydantic import SecretStr

from runtime.dev_secrets import DEV_MARK

_GUESSABLE = re.compile(r"change.?me|^secret$|password|example|placeholder|^(.)\1*$", re.IGNORECASE)
_SHORTEST_SECRET = 16
_SHORTEST_TOKEN_SECRET = 32
_KEY_BYTES = 32
_WIDEST_PROXIES = 8
_SAID_SSLMODES = frozenset({"verify-full", "verify-ca", "require", "disable"})


def check(field: str, value: Any) -> None:
    """Raise ValueError saying what is wrong; the text never holds the value."""
    if (rule := _RULES.get(field)) is not None:
        rule(value)
    elif isinstance(value, SecretStr):
        _secret(value)


def _secret(value: SecretStr, shortest: int = _SHORTEST_SECRET) -> None:
    text = value.get_secret_value()
    if len(text) < shortest:
        raise ValueError(f"is too short: at least {shortest} characters are needed")
    if DEV_MARK in text or _GUESSABLE.search(text):
        raise ValueError("is a development or placeholder secret")


def _database(value: str) -> None:
    if f":{DEV_MARK}" in value:
        raise ValueError("holds a development password")
    # What libpq does when nothing is said falls back to plain without a word (ASVS 12.3.1).
    if parse_qs(urlsplit(value).query).get("sslmode", [""])[-1] not in _SAID_SSLMODES:
        raise ValueError("must say sslmode: verify-full, or disable where one closed network is all there is between")


def _key(value: SecretStr) -> None:
    try:
        key = base64.b64decode(value.get_secret_value(), validate=True)
    except binascii.Error as error:
        raise ValueError("is not base64") from error
    if len(key) != _KEY_BYTES:
        raise ValueError(f"must be {_KEY_BYTES} bytes in base64, not {len(key)}")
    if len(set(key)) == 1:
        raise ValueError("is a placeholder key")


def _keys(value: Mapping[str, SecretStr]) -> None:
    if not value:
        raise ValueError("holds no key")
    for key in value.values():
        _key(key)


def _https(value: str | None) -> None:
    if value is not None and not value.startswith("https://"):
        raise ValueError("must begin with https://")


def encrypted_or_near(value: str | None) -> None:
    """Raise ValueError for plain http to another machine."""
    if value is not None and urlsplit(value).hostname not in ("127.0.0.1", "::1", "localhost"):
        _https(value)


def _all_https(value: Mapping[str, str]) -> None:
    for url in value.values():
        _https(url)


def _all_https_origins(value: Sequence[str]) -> None:
    for url in value:
        _https(url)


def _near(value: Sequence[IPv4Network | IPv6Network]) -> None:
    # Whoever is believed may say to come from anywhere, and so try passwords without end.
    if any(network.prefixlen < _WIDEST_PROXIES for network in value):
        raise ValueError(f"trusts a network wider than /{_WIDEST_PROXIES}")


def _said(value: object, choices: str) -> None:
    # What is open by default is opened by nobody's decision.
    if value is None:
        raise ValueError(f"must be said: {choices}")


def _not_debug(value: str) -> None:
    # Libraries say whole requests at this level, and with them persons and secrets.
    if value == "DEBUG":
        raise ValueError("is DEBUG, which tells too much")


def _all_secrets(value: Mapping[str, SecretStr]) -> None:
    for secret in value.values():
        _secret(secret, _SHORTEST_TOKEN_SECRET)


def _webhook_secret(value: SecretStr | None) -> None:
    if value is None:
        return
    if not value.get_secret_value().startswith("whsec_"):
        raise ValueError("a Standard Webhooks secret begins with whsec_")
    _secret(value, _SHORTEST_TOKEN_SECRET)


def _notice_secrets(value: Mapping[str, SecretStr]) -> None:
    for secret in value.values():
        _webhook_secret(secret)


_RULES: Mapping[str, Callable[[Any], None]] = {
    "log_level": _not_debug,
    "temporal_tls": lambda value: _said(value, "tls, or plain where one closed network is all there is between"),
    "breached_passwords": lambda value: _said(value, "a file of breached passwords, or none"),
    "trusted_proxies": _near,
    "oidc_issuer": _https,
    "oidc_return_origins": _all_https_origins,
    "database_url": _database,
    "public_url": _https,
    "console_public_url": _https,
    "temporal_ui_url": _https,
    "stripe_api_base": _https,
    "shopify_api_base": _https,
    "woocommerce_api_base": _https,
    "taobao_api_base": _https,
    "youzan_api_base": _https,
    "stock_feed_secrets": _all_secrets,
    "carrier_api_base": _https,
    "carrier_poll_base": _https,
    "coupon_api_base": _https,
    "notice_urls": _all_https,
    "notice_secrets": _notice_secrets,
    "coupon_secret": _webhook_secret,
    "vault_master_keys": _keys,
    "blind_index_key": _key,
    "audit_anchor_key": _key,
    "token_secret": lambda value: _secret(value, _SHORTEST_TOKEN_SECRET),
}

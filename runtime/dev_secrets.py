"""Secrets for development: made once per data directory, never constants in code.

Every process of one embedded stack reads the same file, so they agree without being told.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import tempfile
from pathlib import Path

FILE_NAME = "dev-secrets.json"
DEV_MARK = "dev-"
"""Textual secrets made here begin with it, so that production can refuse them on sight."""


def load_or_make(data_dir: Path) -> dict[str, str]:
    """The secrets of this data directory by name; whatever is missing is made and kept (mode 600)."""
    path = data_dir / FILE_NAME
    known = read(data_dir)
    fresh = {name: value for name, value in _make().items() if name not in known}
    if not fresh:
        return known
    _write(path, known | fresh, replace=bool(known))
    return read(data_dir)


def read(data_dir: Path) -> dict[str, str]:
    """The secrets kept in this data directory; empty when none were ever made."""
    try:
        content: dict[str, str] = json.loads((data_dir / FILE_NAME).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return content


def _make() -> dict[str, str]:
    return {
        "database_password": _text(),
        "vault_master_key": _key(),
        "blind_index_key": _key(),
        "audit_anchor_key": _key(),
        "token_secret": _text(),
        "console_secret": _text(),
        "stripe_api_key": f"sk_test_{_text()}",
        "stripe_webhook_secret": f"whsec_{_text()}",
        "shopify_access_token": f"shpat_{_text()}",
        "shopify_webhook_secret": _text(),
        "woocommerce_webhook_secret": _text(),
        "taobao_app_secret": _text(),
        "youzan_client_id": _text(),
        "youzan_client_secret": _text(),
        "woocommerce_consumer_key": _text(),
        "woocommerce_consumer_secret": _text(),
        "taobao_app_key": _text(),
        "taobao_session": _text(),
        "youzan_access_token": _text(),
        "stock_feed_secret": _text(),
        "carrier_api_key": _text(),
        "carrier_api_secret": _text(),
        "kuaidi100_salt": _text(),
        "account_password": DEV_MARK + secrets.token_hex(8),
        "wecom_robot_key": _text(),
        "coupon_secret": f"whsec_{_key()}",
        "notice_secret": f"whsec_{_key()}",
    }


def _text() -> str:
    return DEV_MARK + secrets.token_hex(24)


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _write(path: Path, content: dict[str, str], *, replace: bool) -> None:
    """Put the whole file in place at once; of two processes making it, the first wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    fresh = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(content, file, indent=2)
        if replace:
            fresh.replace(path)
        else:
            _link(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)


def _link(fresh: Path, path: Path) -> None:
    try:
        path.hardlink_to(fresh)
    except FileExistsError:
        return

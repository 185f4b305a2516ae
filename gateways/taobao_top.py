"""Taobao's open platform (TOP): one address, the method in a field, every call signed with the app secret.

An error comes with HTTP 200, as ``error_response``; its ``sub_code`` begins with ``isp`` where
the platform itself is to blame and asking again can help.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlencode

import httpx

from gateways.errors import Refused, Unavailable
from gateways.http import TIMEOUT, ask, reading, safe_code, whole_json
from gateways.platforms import PlatformAccess
from runtime.taobao_sign import signature

PARTY = "taobao"
BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")
# 7: too many calls; the rest of the small codes are the platform's own troubles.
_PASSING = frozenset({"-1", "7", "10", "15"})
_FORM = {"Content-Type": "application/x-www-form-urlencoded;charset=utf-8"}


class Top:
    """One shop's session. Raises Unavailable or Refused; a refusal's code is the platform's ``sub_code``."""

    def __init__(self, client: httpx.AsyncClient, access: PlatformAccess) -> None:
        self._client = client
        self._access = access

    async def call(self, method: str, **params: str) -> dict[str, Any]:
        """What stands under ``<method>_response``, amounts as they are written."""
        content = urlencode(self._signed(method, params)).encode()
        request = self._client.build_request("POST", self._access.base, content=content, headers=_FORM, timeout=TIMEOUT)
        answer = whole_json(PARTY, await ask(self._client, PARTY, request))
        if "error_response" in answer:
            raise _error(answer["error_response"])
        with reading(PARTY):
            return dict(answer[f"{method.removeprefix('taobao.').replace('.', '_')}_response"])

    def _signed(self, method: str, params: Mapping[str, str]) -> dict[str, str]:
        fields = {
            "method": method,
            "app_key": self._access.user,
            "session": self._access.session,
            "timestamp": beijing(datetime.now(UTC)),
            "format": "json",
            "v": "2.0",
            "sign_method": "hmac-sha256",
            **params,
        }
        return fields | {"sign": signature(self._access.secret, fields) or ""}


def beijing(at: datetime) -> str:
    """The instant as the platform writes it: Beijing's clock, no zone."""
    return at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def _error(told: object) -> Unavailable | Refused:
    error = told if isinstance(told, Mapping) else {}
    code, sub_code = str(error.get("code")), str(error.get("sub_code") or "")
    named = safe_code(sub_code) or safe_code(code) or "error"
    if code in _PASSING or sub_code.startswith("isp"):
        return Unavailable(PARTY, named)
    return Refused(PARTY, named)

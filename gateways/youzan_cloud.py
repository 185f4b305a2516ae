"""Youzan's open platform: ``POST /<method>/<version>``, the shop's access token in the query, JSON both ways.

An error comes with HTTP 200: ``gw_err_resp`` from its gateway, else ``success`` false with a code.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import httpx

from gateways.errors import Refused, Unavailable
from gateways.http import TIMEOUT, ask, reading, safe_code, whole_json
from gateways.platforms import PlatformAccess

PARTY = "youzan"
# The gateway's 4xxx are ours to mend (token, parameters); 5xxx and its limits pass.
_LIMITED = frozenset({"4202", "4206", "4207"})


class YouzanCloud:
    """One shop. Raises Unavailable or Refused; a refusal's code is the platform's."""

    def __init__(self, client: httpx.AsyncClient, access: PlatformAccess) -> None:
        self._client = client
        self._access = access

    async def call(self, method: str, version: str, **params: Any) -> dict[str, Any]:
        """What stands under ``data``, amounts as they are written."""
        request = self._client.build_request(
            "POST",
            f"{self._access.base.rstrip('/')}/{method}/{version}",
            params={"access_token": self._access.secret},
            content=json.dumps(params, ensure_ascii=False, separators=(",", ":")).encode(),
            headers={"Content-Type": "application/json"},
            timeout=TIMEOUT,
        )
        answer = whole_json(PARTY, await ask(self._client, PARTY, request))
        if isinstance(refused := answer.get("gw_err_resp"), Mapping):
            raise _error(refused.get("err_code"))
        if answer.get("success") is not True:
            raise _error(answer.get("code"))
        with reading(PARTY):
            return dict(answer["data"])


def _error(code: object) -> Unavailable | Refused:
    written = safe_code(code) or "error"
    passing = written in _LIMITED or written.startswith("5")
    return Unavailable(PARTY, written) if passing else Refused(PARTY, written)

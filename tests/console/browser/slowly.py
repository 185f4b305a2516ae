"""A console whose line to the API is slow: ``python -m tests.console.browser.slowly PORT``."""

from __future__ import annotations

import asyncio
import runpy
from typing import Any

import httpx

from console import calls

_EACH_TAKES_S = 0.6
_quickly = calls.reach


async def _slowly(http: httpx.AsyncClient, method: str, path: str, **rest: Any) -> httpx.Response:
    await asyncio.sleep(_EACH_TAKES_S)
    return await _quickly(http, method, path, **rest)


if __name__ == "__main__":
    calls.reach = _slowly
    runpy.run_module("tests.console.browser.serve", run_name="__main__")

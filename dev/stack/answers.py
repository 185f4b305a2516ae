"""How the supervisor asks a part whether it is ready."""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Callable, Sequence

import httpx

_PATIENCE_SECONDS = 2.0
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""It trusts nobody. httpx's own reads the world's certificates for each question, at ten times the question's cost."""


def http(url: str) -> Callable[[], Awaitable[bool]]:
    """Ready when this address answers with a success."""

    async def ask() -> bool:
        answer = await _get(url)
        return answer is not None and answer.is_success

    return ask


def polling(temporal_http: str, namespace: str, queues: Sequence[str]) -> Callable[[], Awaitable[bool]]:
    """Ready when every one of these task queues has a worker that asks for work."""

    async def ask() -> bool:
        for queue in queues:
            answer = await _get(
                f"{temporal_http}/api/v1/namespaces/{namespace}/task-queues/{queue}?taskQueueType=TASK_QUEUE_TYPE_ACTIVITY"
            )
            if answer is None or not answer.is_success or not answer.json().get("pollers"):
                return False
        return True

    return ask


async def _get(url: str) -> httpx.Response | None:
    try:
        # A proxy named in the environment has no business between parts on one machine.
        async with httpx.AsyncClient(timeout=_PATIENCE_SECONDS, trust_env=False, verify=_NO_TLS) as client:
            return await client.get(url)
    except httpx.HTTPError:
        return None

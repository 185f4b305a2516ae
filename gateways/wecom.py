"""The WeCom group robot 企業微信群機器人: a message posted to the company's group chat (R25).

POST {base}/cgi-bin/webhook/send?key=… with {"msgtype": "markdown", "markdown": {"content": …}}.
The answer is always HTTP 200; ``errcode`` says what it means: 0 posted, -1 busy, 45009 more than
twenty messages a minute, everything else a refusal (93000 wrong key, 40058 wrong shape).
"""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable
from datetime import timedelta

import httpx

from gateways.errors import Refused, Unavailable
from gateways.http import TIMEOUT, ask, json_object, reading, safe_code

PARTY = "wecom"
LONGEST_BYTES = 4_096
"""A robot's markdown in UTF-8; WeCom refuses more."""

PER_MINUTE = 20
"""Messages that a robot takes in a minute; the next one is not even sent."""

_MINUTE_S = 60.0
_POSTED, _BUSY, _TOO_MANY = 0, -1, 45009


class GroupRobot:
    """One robot of one group. Its key is a secret: whoever has it can post.

    It counts its own messages of the last minute. Where several workers together send more, WeCom
    says so (45009), and Temporal comes back a minute later.
    """

    def __init__(
        self, client: httpx.AsyncClient, base: str, key: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._url = f"{base.rstrip('/')}/cgi-bin/webhook/send"
        self._key = key
        self._clock = clock
        self._sent: deque[float] = deque(maxlen=PER_MINUTE)

    async def post(self, markdown: str) -> None:
        """Post it, cut to what a robot takes. Raises Unavailable or Refused like every gateway."""
        self._take_a_turn()
        body = {"msgtype": "markdown", "markdown": {"content": cut(markdown)}}
        request = self._client.build_request(
            "POST",
            self._url,
            params={"key": self._key},
            content=json.dumps(body, ensure_ascii=False).encode(),
            headers={"Content-Type": "application/json"},
            timeout=TIMEOUT,
        )
        answer = json_object(PARTY, await ask(self._client, PARTY, request))
        with reading(PARTY):
            code = int(answer["errcode"])
        if code in {_BUSY, _TOO_MANY}:
            raise Unavailable(PARTY, str(code), retry_after=timedelta(minutes=1) if code == _TOO_MANY else None)
        if code != _POSTED:
            raise Refused(PARTY, safe_code(code) or "refused")

    def _take_a_turn(self) -> None:
        """Raises Unavailable, with when to come back, for the twenty-first within a minute."""
        now = self._clock()
        if len(self._sent) == PER_MINUTE and now - self._sent[0] < _MINUTE_S:
            wait = timedelta(seconds=_MINUTE_S - (now - self._sent[0]))
            raise Unavailable(PARTY, "twenty_a_minute", retry_after=wait)
        self._sent.append(now)


def cut(markdown: str) -> str:
    """At most :data:`LONGEST_BYTES` of UTF-8, never through the middle of a sign."""
    raw = markdown.encode()
    if len(raw) <= LONGEST_BYTES:
        return markdown
    return raw[: LONGEST_BYTES - 3].decode(errors="ignore") + "…"

"""A wire that answers from a script and keeps what was asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import httpx

Answer: TypeAlias = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


class Wire:
    """Answers in the order given; fails if it is asked more often."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self.asked: list[httpx.Request] = []
        self.client = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer(request) if callable(answer) else answer

    @property
    def last(self) -> httpx.Request:
        """The latest request."""
        return self.asked[-1]


def says(status: int = 200, body: Any = None, **headers: str) -> httpx.Response:
    """An answer with a JSON body."""
    return httpx.Response(status, json={} if body is None else body, headers=headers)

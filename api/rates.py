"""How often one may ask: by principal and class of route, counted in this process (ASVS 2.4, 11.1).

Several API processes each count for themselves, so the shop's whole allowance is as many times
as large. Every answer says what is left (``RateLimit``, draft-ietf-httpapi-ratelimit-headers).
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from limits import RateLimitItem, RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from api.problems import TooMany
from runtime.rate import Allowance
from runtime.settings import Settings


class RouteClass(StrEnum):
    """What is counted together."""

    READS = "reads"
    WRITES = "writes"
    REVEALS = "reveals"
    SIGN_IN = "sign-in"


@dataclass(frozen=True)
class Standing:
    """What is left of an allowance; ``reset_s`` seconds until it is whole again."""

    of: RouteClass
    allowance: Allowance
    remaining: int
    reset_s: int

    def headers(self) -> dict[str, str]:
        """As an answer says it."""
        return {
            "RateLimit-Policy": f'"{self.of}";q={self.allowance.number};w={int(self.allowance.per.total_seconds())}',
            "RateLimit": f'"{self.of}";r={self.remaining};t={self.reset_s}',
        }


class Rates:
    """The counters of one process. Open it inside an event loop: its storage clears itself there."""

    def __init__(self, allowances: Mapping[RouteClass, Allowance]) -> None:
        self._allowances = allowances
        self._items = {one: _item(allowance) for one, allowance in allowances.items()}
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    @classmethod
    def of(cls, settings: Settings) -> Rates:
        """The allowances of the settings."""
        return cls(
            {
                RouteClass.READS: settings.rate_reads,
                RouteClass.WRITES: settings.rate_writes,
                RouteClass.REVEALS: settings.rate_reveals,
                RouteClass.SIGN_IN: settings.rate_sign_in,
            }
        )

    async def spend(self, what: RouteClass, principal: str) -> Standing:
        """Count one; raises :class:`TooMany` when nothing is left."""
        item = self._items[what]
        granted = await self._limiter.hit(item, what, principal)
        window = await self._limiter.get_window_stats(item, what, principal)
        reset_s = max(1, math.ceil(window.reset_time - time.time()))
        standing = Standing(what, self._allowances[what], max(0, int(window.remaining)), reset_s)
        if not granted:
            raise TooMany("too many requests of this kind", timedelta(seconds=reset_s), standing.headers())
        return standing


def _item(allowance: Allowance) -> RateLimitItem:
    return RateLimitItemPerSecond(allowance.number, int(allowance.per.total_seconds()))

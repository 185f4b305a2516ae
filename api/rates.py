"""How often one may ask: by principal and class of route, over all API processes (ASVS 2.4, 6.3).

The allowance stands in the database; a process takes a fiftieth of it at a time and spends that by
itself. So a large allowance costs one short write for fifty requests or more, a small one (signing
in, revealing) is counted exactly, and what nobody signs in for, a webhook, costs nothing. A block that
a process took and did not use is lost to the others until its window has passed: with ten processes
a person may find a fifth of the allowance gone, never more than the whole.

Every answer says what is left (``RateLimit``, draft-ietf-httpapi-ratelimit-headers).
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from api.problems import TooMany
from runtime.crypto import Vault
from runtime.rate import Allowance, Window, window_at
from runtime.settings import Settings
from store import rate_counts
from store.idempotency import fingerprint
from store.pool import Connection, Pool

_BLOCKS = 50
_MOST_REMEMBERED = 50_000
_CLEARED_EVERY = timedelta(hours=1)


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


@dataclass
class _Held:
    """What this process may still spend for one principal in this window, and what was left for all.

    ``shut_until``: before that instant nothing can be left, so nobody asks the database. ``asking`` keeps
    requests that come at once from taking a block each.
    """

    window: int
    own: int = 0
    beyond: int = 0
    shut_until: datetime | None = None
    asking: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)


class Rates:
    """The allowances of all principals."""

    def __init__(self, allowances: Mapping[RouteClass, Allowance], pool: Pool, vault: Vault) -> None:
        self._allowances, self._pool, self._vault = allowances, pool, vault
        self._held: dict[tuple[RouteClass, str], _Held] = {}
        self._cleared_at: datetime | None = None

    @classmethod
    def of(cls, settings: Settings, pool: Pool, vault: Vault) -> Rates:
        """The allowances of the settings."""
        allowances = {
            RouteClass.READS: settings.rate_reads,
            RouteClass.WRITES: settings.rate_writes,
            RouteClass.REVEALS: settings.rate_reveals,
            RouteClass.SIGN_IN: settings.rate_sign_in,
        }
        return cls(allowances, pool, vault)

    async def spend(self, what: RouteClass, principal: str, at: datetime) -> Standing:
        """Count one; raises :class:`TooMany` when nothing is left."""
        allowance = self._allowances[what]
        window = window_at(allowance, at)
        held = self._held_in(what, principal, window.number)
        async with held.asking:
            if held.own == 0 and (held.shut_until is None or at >= held.shut_until):
                await self._take(what, principal, held, at)
            if held.own == 0:
                raise self._refusal(what, held, window, at)
            held.own -= 1
        return self._standing(what, held.own + held.beyond, window)

    def _held_in(self, what: RouteClass, principal: str, window: int) -> _Held:
        held = self._held.get((what, principal))
        if held is None or held.window != window:
            if len(self._held) >= _MOST_REMEMBERED:
                self._held.clear()
            held = self._held[what, principal] = _Held(window)
        return held

    async def _take(self, what: RouteClass, principal: str, held: _Held, at: datetime) -> None:
        allowance = self._allowances[what]
        counted = fingerprint(self._vault, f"rate\0{what}\0{principal}")
        async with self._pool.connection() as conn:
            await self._clear(conn, at)
            block = await rate_counts.take(conn, counted, allowance, max(1, allowance.number // _BLOCKS), at)
        held.own = block.size
        gone = window_at(allowance, at).gone
        held.beyond = max(0, block.spent.left(allowance, gone) - block.size)
        held.shut_until = None if block.size else at + block.spent.again_in(allowance, gone)

    async def _clear(self, conn: Connection, at: datetime) -> None:
        if self._cleared_at is None or at - self._cleared_at >= _CLEARED_EVERY:
            self._cleared_at = at
            await rate_counts.forget(conn, at)

    def _standing(self, what: RouteClass, remaining: int, window: Window) -> Standing:
        allowance = self._allowances[what]
        return Standing(what, allowance, remaining, math.ceil((2 - window.gone) * allowance.per.total_seconds()))

    def _refusal(self, what: RouteClass, held: _Held, window: Window, at: datetime) -> TooMany:
        again_in = timedelta(0) if held.shut_until is None else held.shut_until - at
        return TooMany("too many requests of this kind", again_in, self._standing(what, 0, window).headers())

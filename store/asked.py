"""Temporal is asked to do something, and that it was asked is on record (R23)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from temporalio.service import RPCError, RPCStatusCode

from store import audit
from store.audit import Entry
from store.pool import Pool
from store.reaching import TemporalAway, reaching_temporal

_NOTHING_DONE = frozenset(
    {
        RPCStatusCode.INVALID_ARGUMENT,
        RPCStatusCode.NOT_FOUND,
        RPCStatusCode.PERMISSION_DENIED,
        RPCStatusCode.UNAUTHENTICATED,
        RPCStatusCode.FAILED_PRECONDITION,
        RPCStatusCode.RESOURCE_EXHAUSTED,
        RPCStatusCode.UNIMPLEMENTED,
    }
)
"""Refused before anything was done. After any other error it may have been: UNAVAILABLE is also a line cut later."""


class Unanswered(Exception):
    """Temporal was asked and gave no answer: it may have done it. That is on record."""


async def ask_on_record(pool: Pool, entry: Entry, ask: Callable[[], Awaitable[object]]) -> None:
    """Ask, and write the entry, unless it is certain that nothing was done.

    Raises :class:`Unanswered` once the entry says so; ``TemporalAway`` (it could not be asked) and
    ``RPCError`` (it refused) leave no entry.
    """
    async with pool.connection() as conn:
        # First, so that whoever cannot write the record does not ask either.
        chain = await audit.lock(conn, entry.subject)
        silence = await _silence(ask)
        told = {**entry.details, "answer": "none"} if silence else entry.details
        await audit.append(conn, replace(entry, details=told), chain)
    if silence:
        raise Unanswered(silence.status.name) from silence


async def _silence(ask: Callable[[], Awaitable[object]]) -> RPCError | None:
    """The error that leaves open whether it was done; raises those that do not."""
    try:
        with reaching_temporal():
            await ask()
    except (TemporalAway, RPCError) as error:
        cause = error if isinstance(error, RPCError) else error.__cause__
        if isinstance(cause, RPCError) and cause.status not in _NOTHING_DONE:
            return cause
        raise
    return None

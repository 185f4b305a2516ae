"""From the inbox to the order: what is tried, how often, and what becomes of it (DESIGN, idea 3).

Forwarding twice is harmless (store.courier). So a message is forwarded by the door at once,
and again by a Schedule until Temporal has taken it.
"""

from __future__ import annotations

from datetime import UTC, datetime

import structlog
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from runtime.crypto import Vault
from store import inbox, parking
from store.courier import Courier
from store.inbox import Taken, Unreadable
from store.parking import GivenUp
from store.pool import Pool, by_itself
from store.reaching import ForwardingFailed, NobodyYet

_GIVEN_UP_AFTER = 10
"""After so many attempts people are told that a message finds no order; it is still tried, until it is parked."""

log = structlog.get_logger(__name__)


async def forward(client: Client, pool: Pool, vault: Vault, message_id: str) -> bool:
    """Forward one message; True when it needs no further attempt. Never raises for Temporal's absence."""
    try:
        async with pool.connection() as conn:
            taken = await inbox.take(conn, vault, message_id, datetime.now(UTC))
    except Unreadable as error:
        await _note_unreadable(pool, message_id, error)
        return False
    return True if taken is None else await forward_taken(client, pool, vault, taken)


async def forward_taken(client: Client, pool: Pool, vault: Vault, taken: Taken) -> bool:
    """The same with a message in hand: the door that has just kept it goes first, nobody else takes it meanwhile."""
    try:
        order_no = await Courier(client, pool, vault).deliver(taken)
    except (ForwardingFailed, RPCError) as error:
        await _note_failure(pool, taken, error)
        return False
    early: list[str] = []
    async with by_itself(pool) as conn:
        await inbox.forwarded(conn, taken.message_id, datetime.now(UTC), order_no)
        if taken.envelope.start is not None:
            early = await inbox.of_order(conn, taken.envelope.start.order_no)
    # News that came before the order itself need not wait for the Schedule any longer.
    for message_id in early:
        await forward(client, pool, vault, message_id)
    return True


async def forward_due(client: Client, pool: Pool, vault: Vault, at: datetime, limit: int) -> int:
    """Forward what is due; returns how many messages need no further attempt."""
    async with pool.connection() as conn:
        due = await inbox.due(conn, at, limit)
    return sum([await forward(client, pool, vault, message_id) for message_id in due])


async def _note_failure(pool: Pool, taken: Taken, error: Exception) -> None:
    name = type(error).__name__
    log.warning("message_not_forwarded", message_id=taken.message_id, topic=taken.topic, error=name)
    async with pool.connection() as conn:
        if not taken.attempts:
            # The door's own attempt, which is counted only now that another has to follow.
            await inbox.attempt(conn, taken.message_id, datetime.now(UTC))
        await inbox.failed(conn, taken.message_id, name)
        if taken.attempts == _GIVEN_UP_AFTER and isinstance(error, NobodyYet):
            await parking.warn(conn, taken, datetime.now(UTC))
        if _is_its_own_fault(error):
            await parking.park(conn, GivenUp(taken.message_id, name, taken.department), datetime.now(UTC))


async def _note_unreadable(pool: Pool, message_id: str, error: Unreadable) -> None:
    """It waits like any other, so that no other message waits for it."""
    name, now = type(error).__name__, datetime.now(UTC)
    log.error("message_unreadable", message_id=message_id)
    async with pool.connection() as conn:
        await inbox.attempt(conn, message_id, now)
        await inbox.failed(conn, message_id, name)
        await parking.park(conn, GivenUp(message_id, name, "operations"), now)


def _is_its_own_fault(error: Exception) -> bool:
    """Temporal's absence is not the message's: however long it lasts, it parks nothing."""
    return isinstance(error, NobodyYet) or (
        isinstance(error, RPCError) and error.status is RPCStatusCode.INVALID_ARGUMENT
    )

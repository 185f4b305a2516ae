"""Asking many orders for the same thing: a bounded number at a time, each under a key of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from temporalio import activity
from temporalio.client import Client, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

from models.commands import Command, Done
from models.order import workflow_id
from store import reaching

AT_ONCE = 10
"""Orders asked at the same time: enough to fill the worker, too few to crowd out buyers."""

_PATIENCE = timedelta(seconds=10)


class Said(StrEnum):
    """What came back."""

    DONE = "done"
    REFUSED = "refused"
    UNANSWERED = "unanswered"


@dataclass(frozen=True)
class Reply:
    """One order's answer; ``why`` is the rule's text, which holds no personal data."""

    order_no: str
    said: Said
    why: str = ""


async def ask_all(
    client: Client, orders: Sequence[str], update: str, command_for: Callable[[str], Command]
) -> list[Reply]:
    """Every order's reply. One that does not answer in time may have done it: the same key asks again."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(order_no: str) -> Reply:
        async with gate:
            reply = await _ask(client, order_no, update, command_for(order_no))
            activity.heartbeat(order_no)
            return reply

    return await asyncio.gather(*(one(order_no) for order_no in orders))


async def _ask(client: Client, order_no: str, update: str, command: Command) -> Reply:
    handle = client.get_workflow_handle(workflow_id(order_no))
    try:
        await handle.execute_update(update, command, id=command.key, result_type=Done, rpc_timeout=_PATIENCE)
    except WorkflowUpdateFailedError as error:
        return Reply(order_no, Said.REFUSED, str(error.cause) if isinstance(error.cause, ApplicationError) else "")
    except WorkflowUpdateRPCTimeoutOrCancelledError:
        return Reply(order_no, Said.UNANSWERED, "did not answer in time")
    except RPCError as error:
        if reaching.no_such_workflow(error):
            return Reply(order_no, Said.REFUSED, "the order has ended, or there is none of that number")
        return Reply(order_no, Said.UNANSWERED, f"Temporal: {error.status.name.lower()}")
    return Reply(order_no, Said.DONE)

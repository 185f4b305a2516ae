"""Reaching Temporal: its absence has one type, however the client shows it (DESIGN, idea 3).

ForwardingFailed
├── NobodyYet      no order is there to hear this; it may still come
└── TemporalAway   Temporal cannot be reached
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from temporalio.api.errordetails.v1 import NamespaceNotFoundFailure
from temporalio.service import RPCError, RPCStatusCode

RPC_TIMEOUT = timedelta(seconds=2)


class ForwardingFailed(Exception):
    """The message stays in the inbox and is tried again."""


class NobodyYet(ForwardingFailed):
    """No order is there to hear this."""


class TemporalAway(ForwardingFailed):
    """Temporal cannot be reached at the moment; asking again can help.

    ``unheard`` if it surely was not even asked; otherwise it may have done it, and its answer was lost.
    """

    def __init__(self, why: str, *, unheard: bool = False) -> None:
        super().__init__(why)
        self.unheard = unheard


@contextmanager
def reaching_temporal() -> Iterator[None]:
    """Give Temporal's absence one type, however the client shows it."""
    try:
        yield
    except RPCError as error:
        if error.status in _AWAY:
            raise TemporalAway(error.status.name, unheard=error.status is RPCStatusCode.RESOURCE_EXHAUSTED) from error
        raise
    except RuntimeError as error:
        # A client that connects at its first call reports a refused connection this way.
        raise TemporalAway("not connected", unheard=True) from error


_AWAY = frozenset(
    {
        RPCStatusCode.UNAVAILABLE,
        RPCStatusCode.DEADLINE_EXCEEDED,
        RPCStatusCode.CANCELLED,
        RPCStatusCode.RESOURCE_EXHAUSTED,
        RPCStatusCode.UNKNOWN,
    }
)


def no_such_workflow(error: RPCError) -> bool:
    """Whether Temporal says that nobody of that id is running, and not that its namespace is missing."""
    if error.status is not RPCStatusCode.NOT_FOUND:
        return False
    return not any(detail.Is(NamespaceNotFoundFailure.DESCRIPTOR) for detail in error.grpc_status.details)

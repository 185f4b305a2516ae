"""The one place where a broken rule becomes a refusal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import ValidationError
from temporalio.exceptions import ApplicationError

from domain.errors import NotWhatItSays, OrderRuleError

UNSIGNED = "a signal past the API that does not say who asks, or not all that it takes"
"""Why such a signal is refused, as it goes on record (R23)."""

UNHEARD = "a signal past the API of a name that nobody here listens to"
"""Why it is refused, as it goes on record: who sent it would else believe that it was heard (R23)."""


@contextmanager
def refusing() -> Iterator[None]:
    """Answer a broken rule with a refusal; never let it jam the order.

    An ordinary exception in a handler would have the task retried for ever.
    """
    try:
        yield
    except OrderRuleError as error:
        raise ApplicationError(str(error), type=type(error).__name__, non_retryable=True) from error


@contextmanager
def reading_input() -> Iterator[None]:
    """Refuse an input that is not what the workflow lives on, naming every faulty field (R2).

    Only here may a wrong shape end a workflow: anywhere else it is a fault of ours, and a jammed
    task can be mended. The values stay out of the failure, because one of them may be a person's.
    """
    try:
        yield
    except ValidationError as error:
        faults = (f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors(include_input=False))
        raise NotWhatItSays("; ".join(faults)) from None

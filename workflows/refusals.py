"""The one place where a broken rule becomes a refusal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from temporalio.exceptions import ApplicationError

from domain.errors import OrderRuleError


@contextmanager
def refusing() -> Iterator[None]:
    """Answer a broken rule with a refusal; never let it jam the order.

    An ordinary exception in a handler would have the task retried for ever.
    """
    try:
        yield
    except OrderRuleError as error:
        raise ApplicationError(str(error), type=type(error).__name__, non_retryable=True) from error

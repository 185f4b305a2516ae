"""How an activity says that asking again cannot help (STYLE 7).

The type decides, never the words: rows that forbid it, a party that refused, a rule of
the shop. Everything else is retried by Temporal.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from temporalio.exceptions import ApplicationError

from domain.errors import OrderRuleError
from gateways.errors import Refused, Unavailable
from store.contacts import UnknownContact
from store.errors import StoreError


@contextmanager
def final_refusals() -> Iterator[None]:
    """Turn what asking again cannot change into a non-retryable error of the same type's name.

    Its text holds numbers and codes only: it goes into the workflow's history (R21). When a
    party named a time to come back, Temporal keeps it.
    """
    try:
        yield
    except (StoreError, OrderRuleError, Refused) as error:
        raise ApplicationError(str(error), type=type(error).__name__, non_retryable=True) from error
    except UnknownContact as error:
        # The lookup's own text is the id alone; say what is missing.
        raise ApplicationError(f"no contact {error} in the vault", type="UnknownContact", non_retryable=True) from error
    except Unavailable as error:
        raise ApplicationError(str(error), type="Unavailable", next_retry_delay=error.retry_after) from error

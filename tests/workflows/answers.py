"""What the shop may answer: done, refused by one of its rules, or all is over. Nothing else is an answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from domain.errors import OrderRuleError

DONE, OVER = "done", "over"

# The workflow was just ending, or going on in another run: the API asks again, and a random life lets it be.
_NOT_NOW = frozenset({RPCStatusCode.FAILED_PRECONDITION, RPCStatusCode.ABORTED})


def rules(root: type[Exception] = OrderRuleError) -> Iterator[str]:
    """The name of every rule that an act can break."""
    yield root.__name__
    for rule in root.__subclasses__():
        yield from rules(rule)


@contextmanager
def answered() -> Iterator[None]:
    """It is done, refused by a rule of the shop, or the order is over: no other answer is one."""
    try:
        yield
    except WorkflowUpdateFailedError as error:
        if not isinstance(error.cause, ApplicationError) or str(error.cause.type) not in rules():
            raise
    except RPCError as error:
        if error.status not in _NOT_NOW:
            over(error)


def over(error: RPCError) -> None:
    """The workflow has ended; anything else goes on as it was."""
    if error.status is not RPCStatusCode.NOT_FOUND:
        raise error


def told(answer: object) -> str:
    """Of a gathered answer: DONE, the rule that refused it, or OVER. Raises whatever is no answer."""
    if not isinstance(answer, BaseException):
        return DONE
    if isinstance(answer, WorkflowUpdateFailedError) and isinstance(answer.cause, ApplicationError):
        return str(answer.cause.type)
    if not isinstance(answer, RPCError):
        raise answer
    over(answer)
    return OVER

"""Rules an act can break.

OrderRuleError
├── IllegalMove          the table of moves has no such step
├── NotWaitingForThis    the order is not at a point where this act has a meaning
├── AlreadyClaimed       another person has the task in hand
├── NotAllowed           this person's role lacks the permission
├── IncompleteOrder      a core field is missing, so the order may not go on (R19)
├── NothingToExtend      no such deadline is running
├── MoreThanLeft         that much money, or so many pieces, are not left to give back
├── SamePerson           the act needs a second person, and this is the first
├── MissingReason        the act needs a reason code or a note
├── NotWhatItSays        the input of the workflow is no order, or no case
├── NotWhole             the adjusted status could not be made whole; the text says what to do instead (R22)
├── ConsentNeeded        a second person must agree to this adjustment (R22)
└── WorkflowIdMismatch   the workflow's id does not name the order in its input

A broken rule is an answer to the person who asked, never a fault of the system:
asking the same again does not help.
"""

from __future__ import annotations


class OrderRuleError(Exception):
    """A rule of the shop forbids the act; the text says what to do instead."""


class IllegalMove(OrderRuleError):
    """The order cannot go from one status to the other."""

    def __init__(self, state: str, target: str) -> None:
        super().__init__(f"an order that is {state} cannot become {target}")


class NotWaitingForThis(OrderRuleError):
    """The act has no meaning at this point of the order's life."""


class AlreadyClaimed(OrderRuleError):
    """Another person has claimed the task; ask them, or operations, to release it."""

    def __init__(self, holder: str) -> None:
        super().__init__(f"this order is already claimed by {holder}")


class NotAllowed(OrderRuleError):
    """The role of the person does not carry the permission (R22)."""


class IncompleteOrder(OrderRuleError):
    """A core field is missing or malformed (R2, R19)."""


class NothingToExtend(OrderRuleError):
    """No deadline of that number is running for this order."""


class MissingReason(OrderRuleError):
    """Say why: the act is recorded with its reason (R23)."""


class NotWhatItSays(OrderRuleError):
    """The input of a workflow is no order, or no case; the text names every fault (R2)."""


class MoreThanLeft(OrderRuleError):
    """Neither more money nor more pieces than were paid for are ever given back (accident 6)."""


class SamePerson(OrderRuleError):
    """Four eyes: another person has to approve this."""


class NotWhole(OrderRuleError):
    """The status would be half true: goods, money or parcels would not fit it (R22)."""


class ConsentNeeded(OrderRuleError):
    """Ask with force: a second person then consents (R22)."""


class WorkflowIdMismatch(OrderRuleError):
    """The workflow id must be order-<order_no>: it is what keeps an order single (R5)."""

"""The one lifecycle of every case, and the rules that acts on a case can break.

A case is opened, claimed, settled and closed; its stages are met on the way. Which stages,
clocks and settlements there are is the business of its kind (domain.case_kinds).

OrderRuleError
└── CaseRuleError
    ├── CaseStandsElsewhere   the act has no meaning where the case stands
    ├── CaseHeldByAnother     another person has the case in hand
    ├── NoSuchStage           this kind of case has no such stage
    ├── NoSuchSettlement      this kind of case is not settled that way
    └── NotYetComplete        something that closing needs has not been done
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from domain.errors import OrderRuleError


class CaseState(StrEnum):
    """Where a case stands; the value is what the API, events and rows carry."""

    OPENED = "opened"
    CLAIMED = "claimed"
    SETTLED = "settled"
    CLOSED = "closed"


class CaseRuleError(OrderRuleError):
    """A rule of the shop forbids the act on this case; the text says what to do instead."""


class CaseStandsElsewhere(CaseRuleError):
    """The act has no meaning at this point of the case's life."""


class CaseHeldByAnother(CaseRuleError):
    """Another person has the case in hand; ask them, or operations, to release it."""

    def __init__(self, holder: str) -> None:
        super().__init__(f"this case is in the hands of {holder}")


class NoSuchStage(CaseRuleError):
    """This kind of case has no stage of that name."""


class NoSuchSettlement(CaseRuleError):
    """This kind of case is not settled that way, or not without what is missing."""


class NotYetComplete(CaseRuleError):
    """What closing needs is not there yet (R17, R24, R26)."""


_S = CaseState

CHINESE: Mapping[CaseState, str] = MappingProxyType(
    {_S.OPENED: "待領取", _S.CLAIMED: "處理中", _S.SETTLED: "已定案", _S.CLOSED: "已結案"}
)

# From settled a case goes back when its settlement could not be carried out (the stock is still
# short at the agreed date) or when the complaint is raised after all.
NEXT: Mapping[CaseState, frozenset[CaseState]] = MappingProxyType(
    {
        _S.OPENED: frozenset({_S.CLAIMED, _S.SETTLED}),
        _S.CLAIMED: frozenset({_S.OPENED, _S.SETTLED}),
        _S.SETTLED: frozenset({_S.OPENED, _S.CLAIMED, _S.CLOSED}),
        _S.CLOSED: frozenset(),
    }
)

UNSETTLED = frozenset({_S.OPENED, _S.CLAIMED})
"""Where a case still waits for its settlement."""


def advance(state: CaseState, target: CaseState) -> CaseState:
    """Return ``target`` if the table allows the move, else raise :class:`CaseStandsElsewhere`."""
    if target not in NEXT[state]:
        raise CaseStandsElsewhere(f"a case that is {both_names(state)} cannot become {both_names(target)}")
    return target


def both_names(state: CaseState) -> str:
    """``待領取 opened``: states are always shown in both languages."""
    return f"{CHINESE[state]} {state}"

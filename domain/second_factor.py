"""Who must show a second factor, and what must be done before anything else after signing in (R22, ASVS 6.3.3)."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from domain.permissions import GRANTS, Permission, Role


class Wanted(StrEnum):
    """Of which local accounts a second factor is wanted; the company's identity provider asks for its own."""

    EVERYBODY = "everybody"
    MONEY_AND_RIGHTS = "money_and_rights"
    OFFERED = "offered"


class Owed(StrEnum):
    """What whoever is signed in has to do first; until then every other door is shut to them."""

    OWN_PASSWORD = "own_password"  # nosec B105 - the name of a duty
    SECOND_FACTOR = "second_factor"


MONEY_AND_RIGHTS = frozenset(
    {
        Permission.REFUND_ORDER,
        Permission.REFUND_APPROVE,
        Permission.PAYMENT_BOOK,
        Permission.DIFFERENCE_SETTLE,
        Permission.RETURN_DECIDE,
        Permission.ORDER_FORCE,
        Permission.ACCOUNT_MANAGE,
        Permission.TOKEN_MANAGE,
        Permission.RIGHTS_REVIEW,
    }
)
"""What moves money or rights."""

STEP_S = 30
"""A code is good for the half minute that it is made for, and once (ASVS 6.5.1, 6.5.5)."""
RECOVERY_CODES = 10
BEGUN_HOLDS = timedelta(minutes=10)
"""How long a second factor may wait for its first code."""
GIVEN_PASSWORD_HOLDS = timedelta(days=7)
"""How long a password that somebody else chose lets its owner in, to choose another."""


def is_wanted(role: Role, wanted: Wanted) -> bool:
    """Whether a local account of this role must have a second factor."""
    return wanted is Wanted.EVERYBODY or (wanted is Wanted.MONEY_AND_RIGHTS and bool(GRANTS[role] & MONEY_AND_RIGHTS))


def owed(role: Role, wanted: Wanted, *, own_password: bool, second_factor: bool) -> tuple[Owed, ...]:
    """What is still to be done by whoever came in with a password, in this order."""
    duties = {
        Owed.OWN_PASSWORD: not own_password,
        Owed.SECOND_FACTOR: not second_factor and is_wanted(role, wanted),
    }
    return tuple(duty for duty, open_still in duties.items() if open_still)

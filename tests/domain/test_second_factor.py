"""Of whom a second factor is wanted, and what is owed first (R22)."""

from __future__ import annotations

import pytest

from domain.permissions import GRANTS, Permission, Role
from domain.second_factor import MONEY_AND_RIGHTS, Owed, Wanted, is_wanted, owed

READS = {Role.WAREHOUSE, Role.LOGISTICS, Role.SALES, Role.AUDITOR, Role.REVIEWER}


def test_everybody_who_moves_money_or_rights_is_asked_for_one_and_nobody_else_where_that_is_the_rule() -> None:
    asked = {role for role in Role if is_wanted(role, Wanted.MONEY_AND_RIGHTS)}
    assert asked == set(Role) - READS - {Role.INTEGRATOR}
    assert all(is_wanted(role, Wanted.EVERYBODY) and not is_wanted(role, Wanted.OFFERED) for role in Role)


def test_every_right_by_which_money_or_rights_move_is_among_them() -> None:
    moving = {right for right in Permission if right.value.split(".")[0] in {"refund", "account", "token"}}
    assert moving | {Permission.RIGHTS_REVIEW, Permission.PAYMENT_BOOK, Permission.ORDER_FORCE} <= MONEY_AND_RIGHTS
    assert not MONEY_AND_RIGHTS & GRANTS[Role.INTEGRATOR]


@pytest.mark.parametrize(
    ("own_password", "second_factor", "duties"),
    [
        (True, True, ()),
        (False, True, (Owed.OWN_PASSWORD,)),
        (True, False, (Owed.SECOND_FACTOR,)),
        (False, False, (Owed.OWN_PASSWORD, Owed.SECOND_FACTOR)),
    ],
)
def test_a_password_of_ones_own_comes_before_the_second_factor(
    own_password: bool, second_factor: bool, duties: tuple[Owed, ...]
) -> None:
    found = owed(Role.FINANCE, Wanted.EVERYBODY, own_password=own_password, second_factor=second_factor)
    assert found == duties

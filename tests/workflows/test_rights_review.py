"""The monthly review of rights lives on in later runs, and T16 falls at its instant there (R22)."""

from __future__ import annotations

from datetime import timedelta

from domain.deadlines import DeadlineId
from models import workflow_names as names
from models.commands import ChangeDeadline
from models.upkeep import RightsDeadline
from tests.workflows import clock_table
from tests.workflows.case_desk import CaseDesk
from tests.workflows.clock_table import BUSY, TABLE, Clock, Living, rights_up_for_review
from tests.workflows.shop import OPERATIONS, Shop

SECOND = timedelta(seconds=1)
AT_MOST = 12


def an_hour_longer(turn: int) -> ChangeDeadline:
    """Operations give one hour more."""
    hour = timedelta(hours=1)
    return ChangeDeadline(
        by=OPERATIONS, deadline=DeadlineId.T16, extend_by=hour, reason="half the house is ill", key=f"longer-{turn}"
    )


async def extended(review: Living, command: ChangeDeadline) -> RightsDeadline:
    """T16 as it stands after this."""
    answer: RightsDeadline = await review.execute_update(
        names.CHANGE_DEADLINE, command, id=command.key, result_type=RightsDeadline
    )
    return answer


async def extended_into_a_later_run(review: Living) -> RightsDeadline:
    """An hour longer, again and again, until its history has grown too long for it."""
    first = (await review.describe()).run_id
    for turn in range(AT_MOST):
        stands = await extended(review, an_hour_longer(turn))
        if (await review.describe()).run_id != first:
            return stands
    raise AssertionError("the review never continued as new")


async def test_t16_falls_once_at_its_instant_in_a_later_run_which_knows_what_was_extended_before(
    impatient_shop: Shop,
) -> None:
    shop = impatient_shop
    clocked = await rights_up_for_review(CaseDesk(shop))
    stands = await extended_into_a_later_run(clocked.living)
    due = await clock_table.due(shop, clocked, "T16")
    assert stands.due == due
    assert (await extended(clocked.living, an_hour_longer(0))).due == due, "a key of an earlier run moves nothing"
    [seen] = [row.seen["T16"] for row in TABLE if "T16" in row.seen]
    clock = Clock(clocked, "T16", due, seen, last=True)
    await clock_table.move_to(shop, clocked.living, due - SECOND)
    await clock_table.nothing_yet(shop, clock)
    await clock_table.move_to(shop, clocked.living, due + SECOND)
    await clock_table.has_passed(shop, clock, BUSY)
    assert (await clocked.living.result()).open == 1

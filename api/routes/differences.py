"""The list of differences: what order, workflow, money and stock do not agree on (accident 9)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from api.auth import Staff, allowed, denied_outside
from api.house import House, InHouse
from api.once import Answer, Asking, Key, once
from api.problems import REFUSALS, Conflicting, NotThere, among
from api.schemas.differences import Differences, DifferenceSettled, DifferenceVerdict, DifferenceView
from api.scope import within
from domain.permissions import Permission
from domain.sweep import MEANINGS, Difference
from store import sweep
from store.pool import Row
from store.sweep import UnknownDifference
from store.sweep_repairs import Bench, NoLongerDiffers, NoSafeRepair, Order, RepairDidNotHelp, repair

router = APIRouter(prefix="/v1/differences", tags=["differences"])

Number = Annotated[int, Path(ge=1, lt=2**63, examples=[4])]


@router.get("", responses=REFUSALS, summary="What the nightly sweep found to disagree, the oldest first")
async def list_differences(
    house: InHouse, by: Annotated[Staff, Depends(allowed(Permission.DIFFERENCE_READ))]
) -> Differences:
    """Every open difference, with what it means and a suggested repair."""
    async with house.pool.connection() as conn:
        rows = await sweep.open_differences(conn, within(by))
    return Differences(items=[_view(row) for row in rows])


@router.post(
    "/{number}", response_model=DifferenceSettled, responses=REFUSALS | among(404, 409),
    summary="Repair a difference, or let it stand",
)  # fmt: skip
async def settle_difference(
    request: Request, number: Number, body: DifferenceVerdict, key: Key, house: InHouse,
    by: Annotated[Staff, Depends(allowed(Permission.DIFFERENCE_SETTLE))],
) -> Response:  # fmt: skip
    """A repair makes one record say what the others prove, and is on record (R23); money is never moved by it."""
    async with denied_outside(request, house, by) as conn:
        own = within(by)
        if own is not None and number not in {row["id"] for row in await sweep.open_differences(conn, own)}:
            raise NotThere(f"there is no open difference {number}")
    return await once(house, Asking.by(by.id, key, request, body), lambda: _settled(house, number, body, by))


async def _settled(house: House, number: int, verdict: DifferenceVerdict, by: Staff) -> Answer:
    try:
        return Answer.of(DifferenceSettled(id=number, done=await _done(house, number, verdict, by)))
    except UnknownDifference as error:
        raise NotThere(str(error)) from None
    except (NoSafeRepair, NoLongerDiffers, RepairDidNotHelp) as error:
        raise Conflicting(str(error)) from None


async def _done(house: House, number: int, verdict: DifferenceVerdict, by: Staff) -> str:
    if verdict.decision == "repair":
        bench = Bench(house.pool, house.client, house.vault)
        return await repair(bench, Order(number, by.actor, verdict.reason, house.now()))
    async with house.pool.connection() as conn:
        await sweep.accept(conn, number, by=by.actor, why=verdict.reason, at=house.now())
    return "accepted"


def _view(row: Row) -> DifferenceView:
    meaning = MEANINGS[Difference(row["kind"])]
    told = {name: row[name] for name in ("id", "kind", "subject", "order_no", "evidence", "first_seen", "last_seen")}
    return DifferenceView(
        **told,
        says=meaning.says,
        says_zh=meaning.chinese,
        suggestion=meaning.suggestion,
        repair=meaning.repair,
        department=meaning.department,
    )

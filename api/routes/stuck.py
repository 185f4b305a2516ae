"""Stuck work on one page, and having it tried again (R22)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response

from api import stuck as work
from api.auth import Staff, allowed
from api.house import House, InHouse
from api.once import Answer, Asking, Key, once
from api.paths import OrderNo
from api.problems import NO_ANSWER, REFUSALS, Away, NoAnswer, NotThere, among
from api.schemas.stuck import StuckWork, TriedAgain, TryAgain
from api.temporal_ui import temporal_ui
from domain.permissions import Permission
from store import stuck
from store.asked import Unanswered
from store.reaching import TemporalAway
from store.stuck import Again, NotWaiting

router = APIRouter(prefix="/v1/stuck", tags=["stuck"])

MessageId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$", examples=["0190d8a1-7c11-7d3e-8f8a-2f6f4a1f2b3c"])]
WorkflowId = Annotated[str, Path(pattern=r"^[A-Za-z0-9._:-]{1,200}$", examples=["order-site-20240611-0042"])]
ActivityName = Annotated[str, Path(pattern=r"^[a-z_]{1,60}$", examples=["book_carrier"])]
Retrier = Annotated[Staff, Depends(allowed(Permission.STUCK_RETRY))]
_LOOK = "look at GET /v1/stuck, whether it still waits, before you ask again"
_ANSWERS: dict[str, Any] = {"response_model": TriedAgain, "responses": REFUSALS | among(404)}


@router.get("", responses=REFUSALS, summary="Work that does not go on by itself")
async def read_stuck(house: InHouse, by: Annotated[Staff, Depends(allowed(Permission.STUCK_READ))]) -> StuckWork:
    """Failing workflow tasks, activities retrying, refusals from outside, messages and notices not delivered.

    A message that nobody could be told of for two weeks is `parked`: `retry` tries it once more.
    """
    return await work.everything(house, temporal_ui(house, by))


@router.post("/messages/{message_id}/retry", summary="Forward a message now", **_ANSWERS)
async def retry_message(
    request: Request, message_id: MessageId, body: TryAgain, key: Key, house: InHouse, by: Retrier
) -> Response:
    """Harmless to repeat: an order knows which news it has heard."""
    return await _again(
        house, Asking.by(by.id, key, request, body), f"message {message_id}",
        lambda: work.try_message(house, message_id, _as(house, by, body)),
    )  # fmt: skip


@router.post("/notices/{order_no}/retry", summary="Tell the channel of an order now", **_ANSWERS)
async def retry_notices(
    request: Request, order_no: OrderNo, body: TryAgain, key: Key, house: InHouse, by: Retrier
) -> Response:
    """Only the newest status is told, never an old one over it (R20)."""

    async def act() -> None:
        async with house.pool.connection() as conn:
            await stuck.try_notices(conn, order_no, _as(house, by, body))

    return await _again(house, Asking.by(by.id, key, request, body), f"notices of {order_no}", act)


@router.post(
    "/activities/{workflow_id}/{activity}/retry", response_model=TriedAgain,
    responses=REFUSALS | among(404, 503) | NO_ANSWER, summary="Run a retrying activity now",
)  # fmt: skip
async def retry_activity(
    request: Request, workflow_id: WorkflowId, activity: ActivityName, body: TryAgain, key: Key, house: InHouse,
    by: Retrier,
) -> Response:  # fmt: skip
    """It counts from one again. Every activity has an idempotency key, so that twice is once."""
    return await _again(
        house, Asking.by(by.id, key, request, body), f"{activity} of {workflow_id}",
        lambda: work.try_activity(house, workflow_id, activity, _as(house, by, body)),
    )  # fmt: skip


async def _again(house: House, asking: Asking, what: str, act: Callable[[], Awaitable[None]]) -> Response:
    async def answer() -> Answer:
        try:
            await act()
        except NotWaiting as error:
            raise NotThere(str(error)) from None
        except TemporalAway:
            raise Away("Temporal cannot be reached; ask again with the same key") from None
        except Unanswered:
            raise NoAnswer(f"Temporal did not say whether it tries {what}: {_LOOK}") from None
        return Answer.of(TriedAgain(what=what))

    return await once(house, asking, answer)


def _as(house: House, by: Staff, body: TryAgain) -> Again:
    return Again(by.actor, body.reason, house.now())

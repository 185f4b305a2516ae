"""The monthly review of rights: read, and answered account by account, token by token (R22, T16)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Path, Request, Response

from api.auth import Staff, allowed
from api.house import House, InHouse
from api.once import Answer, Asking, Key, once
from api.pages import Cursor, Limit, cursor_of, key_of
from api.problems import REFUSALS, Conflicting, Forbidden, NotThere, among
from api.routes.accounts import StaffId
from api.routes.tokens import TokenId
from api.schemas.rights import (
    ReviewedAccount,
    ReviewedToken,
    RightsReviewPage,
    RightsReviewReport,
    RightsReviewView,
    RightsVerdict,
    TokenVerdict,
)
from api.sign_in import act_of
from domain.errors import SamePerson
from domain.permissions import Permission
from store import reviewed_tokens, rights_reviews
from store.accounts import AccountError
from store.pool import Connection, Row
from store.rights_reviews import DecidedAlready, NoSuchReview, Verdict

router = APIRouter(prefix="/v1/rights-reviews", tags=["accounts"])

Reader = Annotated[Staff, Depends(allowed(Permission.RIGHTS_READ))]
Reviewer = Annotated[Staff, Depends(allowed(Permission.RIGHTS_REVIEW))]
Month = Annotated[str, Path(pattern=r"^\d{4}-\d{2}$", examples=["2026-11"])]


@router.get("", responses=REFUSALS, summary="List the reviews of rights, the newest first")
async def list_reviews(house: InHouse, by: Reader, limit: Limit = 50, cursor: Cursor = None) -> RightsReviewPage:
    """A keyset page; one review a month (T16)."""
    del by
    before = cast("tuple[str] | None", key_of(cursor, str)) or (None,)
    async with house.pool.connection() as conn:
        rows = await rights_reviews.page(conn, before=before[0], limit=limit + 1)
    shown = [RightsReviewView(**row) for row in rows[:limit]]
    return RightsReviewPage(items=shown, next_cursor=cursor_of(shown[-1].review_id) if len(rows) > limit else None)


@router.get("/{month}", responses=REFUSALS | among(404), summary="One review of rights")
async def read_review(month: Month, house: InHouse, by: Reader) -> RightsReviewReport:
    """Each account and machine's token with its rights, the last use of each, and who decided what."""
    del by
    try:
        async with house.pool.connection() as conn:
            review, items = await rights_reviews.read(conn, month)
            tokens = await reviewed_tokens.of_review(conn, month)
    except NoSuchReview:
        raise NotThere(f"there is no review of {month}") from None
    return RightsReviewReport(
        **review, items=[_account(row) for row in items], machines=[_token(row) for row in tokens]
    )


@router.post(
    "/{month}/accounts/{staff_id}", response_model=ReviewedAccount, responses=REFUSALS | among(404, 409),
    summary="Confirm, change or revoke the rights of an account",
)  # fmt: skip
async def decide(
    request: Request, month: Month, staff_id: StaffId, body: RightsVerdict, key: Key, house: InHouse, by: Reviewer
) -> Response:
    """Under the name of whoever decides; nobody reviews their own rights. It takes effect at the next request."""
    verdict = Verdict(month, staff_id, body.decision, body.role, act_of(house, request, by, body.why))

    async def decided(conn: Connection) -> Answer:
        return Answer.of(_account(await rights_reviews.decide(conn, verdict)))

    return await once(house, Asking.by(by.id, key, request, body), lambda: _refusing(house, decided))


@router.post(
    "/{month}/tokens/{token_id}", response_model=ReviewedToken, responses=REFUSALS | among(404, 409),
    summary="Confirm or revoke a machine's token",
)  # fmt: skip
async def decide_token(
    request: Request, month: Month, token_id: TokenId, body: TokenVerdict, key: Key, house: InHouse, by: Reviewer
) -> Response:
    """Under the name of whoever decides; whoever issued a token may revoke it, but not confirm it.

    A revoked one opens nothing from the next request on.
    """
    verdict = reviewed_tokens.TokenVerdict(month, token_id, body.decision, act_of(house, request, by, body.why))

    async def decided(conn: Connection) -> Answer:
        return Answer.of(_token(await reviewed_tokens.decide(conn, verdict)))

    return await once(house, Asking.by(by.id, key, request, body), lambda: _refusing(house, decided))


async def _refusing(house: House, decide: Callable[[Connection], Awaitable[Answer]]) -> Answer:
    try:
        async with house.pool.connection() as conn:
            return await decide(conn)
    except NoSuchReview as error:
        raise NotThere(str(error)) from None
    except SamePerson as error:
        raise Forbidden(str(error)) from None
    except (DecidedAlready, AccountError) as error:
        raise Conflicting(str(error)) from None


def _account(row: Row) -> ReviewedAccount:
    return ReviewedAccount(**row, unused=_unused(row))


def _token(row: Row) -> ReviewedToken:
    return ReviewedToken(**row, unused=_unused(row))


def _unused(row: Row) -> list[str]:
    return [right["permission"] for right in row["rights"] if right["used_at"] is None]

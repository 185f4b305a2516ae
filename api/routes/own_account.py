"""One's own second factor and sessions (R22): about whoever is signed in, and nobody else.

What answers with a secret takes no Idempotency-Key: no key may keep it. Asked again, it answers with another.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from api import own_sessions, second_factor
from api.auth import SIGNED_IN
from api.house import InHouse
from api.once import Answer, Asking, Key, once
from api.problems import REFUSALS, Conflicting, Forbidden, among, documented
from api.schemas.own_account import (
    SESSION_ID,
    BegunFactor,
    EndSessions,
    FirstCode,
    OpenSessions,
    RecoveryCodes,
    SecondFactorView,
    SessionsEnded,
    ShowAgain,
)
from api.staff import Staff

router = APIRouter(prefix="/v1", tags=["session"])

Myself = Annotated[Staff, Depends(SIGNED_IN)]
SessionId = Annotated[str, Path(pattern=SESSION_ID, examples=["session-0123456789abcdef"])]
_OWN = (
    REFUSALS
    | documented(403, "the password or the code is another one, or the sign-in is too long ago", Forbidden)
    | documented(409, "the token is no session, or there is nothing to do this with", Conflicting)
)
_FACTOR = "/session/second-factor"


@router.get(_FACTOR, responses=_OWN, summary="How it stands with one's second factor")
async def factor(house: InHouse, by: Myself) -> SecondFactorView:
    """Whether there is one, whether the shop asks for one, how many recovery codes are left."""
    return await second_factor.standing(house, by)


@router.post(_FACTOR, status_code=201, responses=_OWN, summary="Begin a second factor")
async def begin_factor(request: Request, body: ShowAgain, house: InHouse, by: Myself) -> BegunFactor:
    """A secret for an authenticator (TOTP), shown this once. What stands now goes on until a code of it was seen."""
    return await second_factor.begin(house, request, by, body.password.get_secret_value(), body.code.get_secret_value())


@router.post(f"{_FACTOR}/confirm", status_code=201, responses=_OWN, summary="Send the first code of a second factor")
async def confirm_factor(request: Request, body: FirstCode, house: InHouse, by: Myself) -> RecoveryCodes:
    """From now on it is asked for at each sign-in. Every other session ends; the recovery codes are shown this once."""
    return await second_factor.confirm(house, request, by, body.code.get_secret_value())


@router.post(f"{_FACTOR}/recovery-codes", status_code=201, responses=_OWN, summary="Renew the recovery codes")
async def renew_codes(request: Request, body: ShowAgain, house: InHouse, by: Myself) -> RecoveryCodes:
    """Fresh recovery codes, shown this once; those given before are good no more."""
    return await second_factor.renew_recovery_codes(
        house, request, by, body.password.get_secret_value(), body.code.get_secret_value()
    )


@router.get("/sessions", responses=_OWN, summary="List one's own sessions")
async def list_sessions(request: Request, house: InHouse, by: Myself) -> OpenSessions:
    """Each sign-in of one's own that still holds."""
    return await own_sessions.own(house, request, by)


@router.post(
    "/sessions/end-others", response_model=SessionsEnded, responses=_OWN, summary="End all one's other sessions"
)
async def end_others(request: Request, body: EndSessions, key: Key, house: InHouse, by: Myself) -> Response:
    """Every session of the account but this one opens nothing from now on."""

    async def act() -> Answer:
        return Answer.of(await own_sessions.end_others(house, request, by, _password(body)))

    return await once(house, Asking.by(by.id, key, request, body), act)


@router.post(
    "/sessions/{session_id}/end", response_model=SessionsEnded, responses=_OWN | among(404),
    summary="End one of one's own sessions",
)  # fmt: skip
async def end_session(
    request: Request, session_id: SessionId, body: EndSessions, key: Key, house: InHouse, by: Myself
) -> Response:
    """That session opens nothing from now on."""

    async def act() -> Answer:
        return Answer.of(await own_sessions.end_one(house, request, by, session_id, _password(body)))

    return await once(house, Asking.by(by.id, key, request, body), act)


def _password(body: EndSessions) -> str | None:
    return None if body.password is None else body.password.get_secret_value()

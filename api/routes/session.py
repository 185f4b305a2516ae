"""Signing in, who am I, signing out (R22). No cookie opens anything here: the token is sent by whoever holds it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from api import provider_sign_in, sign_in
from api.auth import SIGNED_IN, SIGNING_IN, Staff
from api.house import House, InHouse
from api.once import Answer, Asking, Key, once
from api.problems import (
    REFUSALS,
    Away,
    Conflicting,
    NotSignedIn,
    NotThere,
    Responses,
    TooMany,
    among,
    documented,
)
from api.schemas.sign_in import ExchangeCode, OwnPassword, SessionView, SignedOut, SignIn, WhoAmI
from runtime.identity_provider import CALLBACK, MAY_TAKE, Attempt, IdentityRefused

router = APIRouter(prefix="/v1/session", tags=["session"])

COOKIE = "orderflow_oidc"
"""Binds a sign-in at the provider to the browser that began it; it is good for that and nothing else."""

Myself = Annotated[Staff, Depends(SIGNED_IN)]
_ENTERING: Responses = {
    **documented(401, "username, password or code is wrong, or the account is disabled", NotSignedIn),
    **documented(429, "tried too often: Retry-After says when to come back; nobody is locked out for good", TooMany),
    422: REFUSALS[422],
}
_NO_SESSION = documented(409, "the token is no session, but a machine's or development's", Conflicting)


@router.post("", status_code=201, dependencies=[Depends(SIGNING_IN)], responses=_ENTERING, summary="Sign in")
async def begin(request: Request, body: SignIn, house: InHouse) -> SessionView:
    """A session for a username and a password. Each request opens a new one, so it takes no Idempotency-Key."""
    return await sign_in.by_password(
        house, request, body.username, body.password.get_secret_value(), body.code.get_secret_value()
    )


@router.get("", responses=REFUSALS, summary="Who am I?")
async def who_am_i(by: Myself) -> WhoAmI:
    """Role, permissions and scope of whoever sends the token, as they stand now."""
    return sign_in.view_of(by)


@router.delete("", responses=REFUSALS | _NO_SESSION, summary="Sign out")
async def end(request: Request, house: InHouse, by: Myself) -> SignedOut:
    """End this session: its token opens nothing from now on."""
    await sign_in.out(house, request, by)
    return SignedOut()


@router.post("/password", response_model=SignedOut, responses=REFUSALS | _NO_SESSION, summary="Change one's password")
async def change_password(request: Request, body: OwnPassword, key: Key, house: InHouse, by: Myself) -> Response:
    """Change one's own password. Every session of the account ends, this one too: sign in again."""

    async def act() -> Answer:
        old, new = body.password.get_secret_value(), body.new_password.get_secret_value()
        await sign_in.change_own_password(house, request, by, old, new, body.code.get_secret_value())
        return Answer.of(SignedOut())

    return await once(house, Asking.by(by.id, key, request, body), act)


@router.post(
    "/exchange", status_code=201, dependencies=[Depends(SIGNING_IN)], responses=_ENTERING, summary="Come in by code"
)
async def exchange(request: Request, body: ExchangeCode, house: InHouse) -> SessionView:
    """A session for the code with which the browser came back from the identity provider: once, within a minute."""
    return await sign_in.by_code(house, request, body.code.get_secret_value())


@router.get(
    "/oidc/start",
    status_code=303,
    response_class=RedirectResponse,
    dependencies=[Depends(SIGNING_IN)],
    responses=among(422)
    | documented(404, "no identity provider is set up here", NotThere)
    | documented(503, "the identity provider cannot be reached", Away),
    summary="Sign in at the company's identity provider",
)
async def start(
    house: InHouse,
    return_to: Annotated[
        str, Query(max_length=500, description="An address at one of the allowed origins; it gets `code` or `error`")
    ],
) -> RedirectResponse:
    """Send the browser to the provider; it comes back to `return_to` with a one-time code."""
    address, remembered = await provider_sign_in.start(house, return_to)
    answer = RedirectResponse(address, 303)
    answer.set_cookie(
        _cookie_of(house), remembered, max_age=int(MAY_TAKE.total_seconds()), httponly=True, samesite="lax",
        secure=house.settings.environment == "production",
    )  # fmt: skip
    return answer


@router.get(
    CALLBACK.removeprefix("/v1/session"),
    status_code=303,
    response_class=RedirectResponse,
    dependencies=[Depends(SIGNING_IN)],
    responses=among(422)
    | documented(401, "this browser began no sign-in that this would be the answer to", NotSignedIn)
    | documented(404, "no identity provider is set up here", NotThere),
    summary="The identity provider sends the browser back",
)
async def callback(
    request: Request,
    house: InHouse,
    state: Annotated[str, Query(max_length=500)] = "",
    code: Annotated[str, Query(max_length=4_000)] = "",
) -> RedirectResponse:
    """Back to where the sign-in began: with `code`, or with `error`, which says in a word why not."""
    cookie = request.cookies.get(_cookie_of(house), "")
    try:
        attempt = provider_sign_in.provider(house).remembered(cookie, state)
    except IdentityRefused:
        raise NotSignedIn("this browser began no sign-in here, or too long ago: begin again") from None
    address = await _onwards(house, request, attempt, code)
    answer = RedirectResponse(address, 303)
    secure = house.settings.environment == "production"
    answer.delete_cookie(_cookie_of(house), secure=secure, httponly=True, samesite="lax")
    return answer


def _cookie_of(house: House) -> str:
    # Browsers take a cookie of this name over TLS, from this very host and for all of it, or not at all (ASVS 3.3.3).
    return f"__Host-{COOKIE}" if house.settings.environment == "production" else COOKIE


async def _onwards(house: House, request: Request, attempt: Attempt, code: str) -> str:
    if not code:
        return provider_sign_in.refused(attempt, "provider-refused")
    return await provider_sign_in.come_back(house, request, attempt, code)

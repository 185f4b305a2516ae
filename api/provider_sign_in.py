"""Signing in at the company's identity provider: there, back, and who comes back (R22)."""

from __future__ import annotations

import hashlib
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import structlog
from fastapi import Request

from api.house import House
from api.problems import Away, Faulty, NotThere
from domain.intake import Fault
from domain.sign_in import username_fault, username_of
from models.base import SYSTEM
from runtime.identity_provider import Attempt, Identity, IdentityProvider, IdentityRefused, ProviderAway
from store import accounts, sessions
from store.accounts import Act, LastAdministrator, NewAccount, UsernameTaken
from store.pool import Connection, Row

log = structlog.get_logger(__name__)


def provider(house: House) -> IdentityProvider:
    """The house's provider; raises NotThere when there is none."""
    if house.provider is None:
        raise NotThere("no identity provider is set up here: sign in with a password")
    return house.provider


async def start(house: House, return_to: str) -> tuple[str, str]:
    """Where the browser goes, and the cookie it carries; raises NotThere, Faulty, Away."""
    chosen = provider(house)
    asked = urlsplit(return_to)
    if f"{asked.scheme}://{asked.netloc}" not in house.settings.oidc_return_origins:
        raise Faulty([Fault("query.return_to", "is not at an origin of ORDERFLOW_OIDC_RETURN_ORIGINS")])
    try:
        return await chosen.begin(return_to)
    except ProviderAway as away:
        raise Away(str(away)) from None


async def come_back(house: House, request: Request, attempt: Attempt, code: str) -> str:
    """Where the browser goes on to: with a one-time code, or with the reason why there is none."""
    try:
        identity = await provider(house).identify(code, attempt)
        async with house.pool.connection() as conn:
            account = await _account_of(conn, identity, Act(SYSTEM, house.now(), "provider", request.state.request_id))
            if account["disabled_at"] is not None:
                raise IdentityRefused("account-disabled")
            given = await sessions.give_code(conn, account["staff_id"], house.now())
    except IdentityRefused as refusal:
        return refused(attempt, refusal.slug)
    except ProviderAway:
        return refused(attempt, "provider-away")
    except LastAdministrator:
        return refused(attempt, "last-administrator")
    return _with(attempt.return_to, code=given)


def refused(attempt: Attempt, slug: str) -> str:
    """Back to where it began, with the reason in a word."""
    log.warning("sign_in_refused", how="provider", why=slug)
    return _with(attempt.return_to, error=slug)


async def _account_of(conn: Connection, identity: Identity, act: Act) -> Row:
    """Whoever the provider named, opened at the first sign-in; their role is the provider's word each time."""
    known = await accounts.of_subject(conn, identity.subject)
    if known is None:
        return await _open(conn, identity, act)
    if known["role"] != identity.role.value:
        return await accounts.change_role(conn, known["staff_id"], identity.role, act)
    return known


async def _open(conn: Connection, identity: Identity, act: Act) -> Row:
    wished = username_of(identity.username)
    own = "sso-" + hashlib.sha256(identity.subject.encode()).hexdigest()[:12]
    # A name that is taken belongs to somebody else: the provider's word never opens another's account.
    for username in ([] if username_fault(wished) else [wished]) + [own]:
        try:
            return await accounts.create(conn, NewAccount(username, identity.role, subject=identity.subject), act)
        except UsernameTaken:
            continue
    raise IdentityRefused("username-taken")


def _with(address: str, **more: str) -> str:
    parts = urlsplit(address)
    return urlunsplit(parts._replace(query=urlencode([*parse_qsl(parts.query, keep_blank_values=True), *more.items()])))

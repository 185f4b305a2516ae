"""The company's own identity provider: OpenID Connect, authorization code flow with PKCE, state and nonce.

It stands here and not among the gateways, for it is no party of an order: it is asked while
somebody signs in, by the API alone. What a sign-in has to remember travels in the browser's
own signed cookie, so a start costs us no row.

IdentityError
├── ProviderAway       it cannot be reached, or answers with nothing that could be used
└── IdentityRefused    its answer does not prove who somebody is; ``slug`` says in a word why
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri  # type: ignore[import-untyped]
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]
from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]
from itsdangerous import BadSignature, URLSafeTimedSerializer
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import KeySet

from domain.permissions import Role
from runtime.settings import Settings

CALLBACK = "/v1/session/oidc/callback"
MAY_TAKE = timedelta(minutes=10)
"""How long somebody may take at the provider's own pages."""

_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
_PATIENCE = httpx.Timeout(10)
_KNOWN_FOR_S = 600.0
_LEEWAY_S = 60


class IdentityError(Exception):
    """Nobody can be signed in by this road now; the text holds no token and no person."""


class ProviderAway(IdentityError):
    """The provider cannot be reached, or makes no sense."""

    def __init__(self) -> None:
        super().__init__("the identity provider cannot be reached")


class IdentityRefused(IdentityError):
    """The answer proves nothing; ``slug`` says why."""

    def __init__(self, slug: str) -> None:
        super().__init__(slug)
        self.slug = slug


@dataclass(frozen=True)
class Attempt:
    """What a sign-in under way has to remember."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    return_to: str


@dataclass(frozen=True)
class Identity:
    """Who somebody is: ``subject`` for ever, ``username`` as they call themselves, and the role of their claim."""

    subject: str = field(repr=False)
    username: str = field(repr=False)
    role: Role


class IdentityProvider:
    """One provider, as the settings name it. Nothing is asked of it before somebody signs in."""

    def __init__(self, settings: Settings, issuer: str) -> None:
        self._settings, self._issuer = settings, issuer
        self._redirect_uri = settings.public_url.rstrip("/") + CALLBACK
        self._remembering = URLSafeTimedSerializer(settings.token_secret.get_secret_value(), salt="oidc-attempt")
        self._known: tuple[float, dict[str, Any]] | None = None

    async def begin(self, return_to: str) -> tuple[str, str]:
        """Where to send the browser, and the cookie it carries; raises :class:`ProviderAway`."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        attempt = Attempt(state, nonce, verifier, return_to)
        address: str = prepare_grant_uri(
            (await self._endpoints())["authorization_endpoint"],
            client_id=self._settings.oidc_client_id,
            response_type="code",
            redirect_uri=self._redirect_uri,
            scope=self._settings.oidc_scopes,
            state=attempt.state,
            nonce=attempt.nonce,
            code_challenge=create_s256_code_challenge(attempt.verifier),
            code_challenge_method="S256",
        )
        return address, self._remembering.dumps(asdict(attempt))

    def remembered(self, cookie: str, state: str) -> Attempt:
        """The attempt that this browser began and the provider answers; raises :class:`IdentityRefused`."""
        try:
            attempt = Attempt(**self._remembering.loads(cookie, max_age=int(MAY_TAKE.total_seconds())))
        except (BadSignature, TypeError):
            raise IdentityRefused("not-begun-here") from None
        if not hmac.compare_digest(attempt.state.encode(), state.encode("utf-8", "replace")):
            raise IdentityRefused("not-begun-here")
        return attempt

    async def identify(self, code: str, attempt: Attempt) -> Identity:
        """Who the provider says it is; raises ProviderAway, IdentityRefused."""
        answer = await self._exchange(code, attempt)
        claims = await self._claims(str(answer.get("id_token", "")), attempt, str(answer.get("access_token", "")))
        named = claims.get("preferred_username") or claims.get("email") or ""
        return Identity(f"{self._issuer} {claims['sub']}", str(named), self._role(claims))

    async def _exchange(self, code: str, attempt: Attempt) -> dict[str, Any]:
        secret = self._settings.oidc_client_secret
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": self._redirect_uri,
            "client_id": self._settings.oidc_client_id, "code_verifier": attempt.verifier,
        }  # fmt: skip
        auth = httpx.BasicAuth(self._settings.oidc_client_id, secret.get_secret_value()) if secret else None
        endpoint = (await self._endpoints())["token_endpoint"]
        answer = await _ask("POST", endpoint, data=form, auth=auth)
        if answer.status_code in (400, 401):
            raise IdentityRefused("code-refused")
        return _object(answer)

    async def _claims(self, id_token: str, attempt: Attempt, access_token: str) -> Mapping[str, Any]:
        """The claims of a token that is signed by the provider, for us, now, and for this very attempt."""
        keys = _object(await _ask("GET", (await self._endpoints())["jwks_uri"]))
        client_id = self._settings.oidc_client_id
        options = {"iss": {"essential": True, "value": self._issuer}, "aud": {"essential": True, "value": client_id}}
        params = {"nonce": attempt.nonce, "client_id": client_id, "access_token": access_token}
        try:
            token = jwt.decode(id_token, KeySet.import_key_set(keys), algorithms=_ALGORITHMS)  # type: ignore[arg-type]
            claims: Mapping[str, Any] = CodeIDToken(token.claims, token.header, options, params)
            claims.validate(int(time.time()), _LEEWAY_S)  # type: ignore[attr-defined]
        except ExpiredTokenError:
            raise IdentityRefused("token-expired") from None
        except (JoseError, ValueError, KeyError, TypeError):
            raise IdentityRefused("token-does-not-hold") from None
        return claims

    def _role(self, claims: Mapping[str, Any]) -> Role:
        """The first role of the settings' table that somebody has; nobody is let in without one (R22)."""
        found: Any = claims
        for step in self._settings.oidc_role_claim.split("."):
            found = found.get(step) if isinstance(found, Mapping) else None
        has = {found} if isinstance(found, str) else set(map(str, found)) if isinstance(found, list) else set()
        for value, role in self._settings.oidc_roles.items():
            if value in has:
                return role
        raise IdentityRefused("no-role")

    async def _endpoints(self) -> dict[str, Any]:
        if self._known is None or time.monotonic() - self._known[0] > _KNOWN_FOR_S:
            where = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
            told = _object(await _ask("GET", where))
            needed = {"authorization_endpoint", "token_endpoint", "jwks_uri"}
            # Another issuer in the document would be another provider's word in this one's name.
            if told.get("issuer") != self._issuer or not needed <= set(told):
                raise ProviderAway
            self._known = (time.monotonic(), told)
        return self._known[1]


def provider_of(settings: Settings) -> IdentityProvider | None:
    """The provider of the settings, if there is one."""
    return None if settings.oidc_issuer is None else IdentityProvider(settings, settings.oidc_issuer)


async def _ask(method: str, address: str, **request: Any) -> httpx.Response:
    try:
        async with httpx.AsyncClient(timeout=_PATIENCE) as client:
            answer = await client.request(method, address, **request)
    except httpx.HTTPError:
        raise ProviderAway from None
    if answer.status_code >= 500:
        raise ProviderAway
    return answer


def _object(answer: httpx.Response) -> dict[str, Any]:
    try:
        told = answer.json()
    except ValueError:
        raise ProviderAway from None
    if answer.status_code != 200 or not isinstance(told, dict):
        raise ProviderAway
    return told

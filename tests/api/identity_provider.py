"""A small real OpenID Connect provider: discovery, code flow with PKCE, signed tokens, over real HTTP.

Whoever tests says beforehand who signs in (``person``) and what is wrong with the token (``wrong``).
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any
from urllib.parse import urlencode

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse
from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID, CLIENT_SECRET = "orderflow-tests", "invented-client-secret-of-the-tests"


@cache
def a_key(whose: str) -> RSAKey:
    """A signing key, made once for each name: that takes its time."""
    del whose
    return RSAKey.generate_key(2048, {"kid": "1", "use": "sig", "alg": "RS256"})


class Provider:
    """Its state: keys, codes that were given, and who is at the screen."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.key = a_key("its own")
        self.published = self.key
        self.person: dict[str, Any] = {"sub": "invented-1", "preferred_username": "Wang.Sso", "roles": ["oms-reviewer"]}
        self.wrong: dict[str, Any] = {}
        self.told_issuer = issuer
        self._codes: dict[str, dict[str, str]] = {}
        self.app = FastAPI()
        self.app.get("/.well-known/openid-configuration")(self.discovery)
        self.app.get("/keys")(self.keys)
        self.app.get("/authorize")(self.authorize)
        self.app.post("/token")(self.token)

    async def discovery(self) -> dict[str, Any]:
        """Where everything is."""
        return {
            "issuer": self.told_issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    async def keys(self) -> dict[str, Any]:
        """The public half of the key."""
        return {"keys": [self.published.as_dict(private=False)]}

    async def authorize(self, request: Request) -> RedirectResponse:
        """The person at the screen has signed in already; back with a code."""
        asked = dict(request.query_params)
        assert asked["client_id"] == CLIENT_ID
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}", 302)

    async def token(self, request: Request) -> JSONResponse:
        """The code for a token: once, for the client with its secret, and for the verifier of the challenge."""
        form = await request.form()
        credentials = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {credentials}":
            return JSONResponse({"error": "invalid_client"}, 401)
        asked = self._codes.pop(str(form.get("code")), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(str(form.get("code_verifier")).encode()).digest())
        if asked is None or challenge.rstrip(b"=").decode() != asked["code_challenge"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        if form.get("redirect_uri") != asked["redirect_uri"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse({"access_token": "invented", "token_type": "Bearer", "id_token": self._id_token(asked)})

    def _id_token(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        claims |= self.person | self.wrong
        return jwt.encode({"alg": "RS256", "kid": "1"}, claims, self.key)


@asynccontextmanager
async def running_provider() -> AsyncIterator[Provider]:
    """A provider on a free port of this machine."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    # Whoever comes before the server is up waits in the queue.
    listening.listen()
    provider = Provider(f"http://127.0.0.1:{listening.getsockname()[1]}")
    server = uvicorn.Server(uvicorn.Config(provider.app, log_config=None, lifespan="off"))
    serving = asyncio.create_task(server.serve([listening]))
    try:
        yield provider
    finally:
        server.should_exit = True
        await serving

"""Signing in, and who is signed in.

The API's token stays in this process's memory: the browser holds only a signed cookie with a
random id, so nothing that a page or a disk could give away opens the API (R21, R22).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

import httpx
from pydantic import AwareDatetime, BaseModel, Field

from console.calls import Api, checked, reach
from console.errors import DeskError


class StaffCard(BaseModel):
    """Who somebody is at the desks: an id, never a name."""

    id: str
    role: str
    permissions: frozenset[str]
    warehouses: list[str] = []
    channels: list[str] = []
    owes: list[str] = []
    """What they have to do first, at their own account."""


class Session(BaseModel):
    """What ``POST /v1/session`` answers with."""

    access_token: str = Field(repr=False)
    expires_at: AwareDatetime
    staff: StaffCard

    def holds(self) -> bool:
        """Whether it has not ended by its own clock; the API asks again at every call."""
        return self.expires_at > datetime.now(UTC)


class Entrance(Protocol):
    """How somebody comes in, and leaves."""

    async def sign_in(self, username: str, password: str, code: str, address: str) -> Session:
        """``address`` is the browser's. Raises Refused, SignedOut (they do not match) or Away."""

    async def sign_out(self, session: Session) -> None:
        """End it at once."""


@dataclass(frozen=True)
class ApiEntrance:
    """The API's own sign-in."""

    http: httpx.AsyncClient

    async def sign_in(self, username: str, password: str, code: str, address: str) -> Session:
        """``POST /v1/session``, saying whose browser it is: or all who sign in here would share one allowance."""
        body = {"username": username, "password": password, "code": code}
        forwarded = {"X-Forwarded-For": address}
        answer = checked(await reach(self.http, "POST", "/v1/session", json=body, headers=forwarded))
        return Session.model_validate_json(answer.content)

    async def sign_out(self, session: Session) -> None:
        """``DELETE /v1/session``; a session that cannot be reached ends by its own clock."""
        try:
            await Api(self.http, session.access_token).delete("/v1/session")
        except DeskError:
            return


@dataclass
class Sessions:
    """Who is signed in at which browser."""

    _by_browser: dict[str, Session] = field(default_factory=dict, repr=False)

    def put(self, browser: str, session: Session) -> None:
        """Somebody came in; whoever has gone is forgotten."""
        self._by_browser = {known: one for known, one in self._by_browser.items() if one.holds()}
        self._by_browser[browser] = session

    def of(self, browser: str) -> Session | None:
        """Whoever is signed in there."""
        session = self._by_browser.get(browser)
        return session if session is not None and session.holds() else None

    def drop(self, browser: str) -> Session | None:
        """They leave."""
        return self._by_browser.pop(browser, None)

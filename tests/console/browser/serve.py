"""The console as its tests run it: ``python -m tests.console.browser.serve [production] PORT``.

Whoever signs in as ROLE or ROLE/STAFF-ID gets a development token of that role, so the tests of the
desks need no accounts; everything behind the sign-in is the product.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import uvicorn

from api.auth import issue_token
from cli.console import console_config
from console.app import create_app
from console.entrance import Session, StaffCard
from console.errors import SignedOut
from domain.permissions import GRANTS, Role
from runtime import garbage
from runtime.settings import Settings, load_settings

PASSWORD = "invented-password"


@dataclass(frozen=True)
class TokenEntrance:
    """Signs in by role."""

    settings: Settings

    async def sign_in(self, username: str, password: str, code: str, address: str) -> Session:
        """A session of that role."""
        name, _, staff_id = username.partition("/")
        if password != PASSWORD or name not in set(Role):
            raise SignedOut("they do not match")
        card = StaffCard(id=staff_id or f"{name}-1", role=name, permissions=frozenset(map(str, GRANTS[Role(name)])))
        token = issue_token(self.settings, name, card.id)
        return Session(access_token=token, expires_at=datetime.now(UTC) + timedelta(hours=1), staff=card)

    async def sign_out(self, session: Session) -> None:
        """Nothing is kept."""


if __name__ == "__main__":
    garbage.look_seldom()
    known = load_settings()
    *environment, port = sys.argv[1:]
    config = replace(console_config(known), environment=environment[0]) if environment else console_config(known)
    uvicorn.run(
        create_app(config, TokenEntrance(known)),
        port=int(port),
        log_level="warning",
        access_log=False,
    )

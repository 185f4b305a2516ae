"""Messages from the simulated parties to the shop, carried until they are accepted.

As with the real providers, a message that is not accepted comes again, signed afresh each
time; what is still undelivered when the process stops is delivered after the next start.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias

import httpx
import structlog

from dev.simulators.shelf import Document, Shelf

log = structlog.get_logger()

_KIND = "letter"
_LONGEST_WAIT = 15.0
_TRIES = 200


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is sent this time: the body and its headers, signature included."""

    content: bytes
    headers: Mapping[str, str]


Sealer: TypeAlias = Callable[[Document], Envelope]
Accepted: TypeAlias = Callable[[httpx.Response], bool]


@dataclass(frozen=True, slots=True)
class Sender:
    """How one party signs its messages and what it takes for "accepted"."""

    seal: Sealer
    accepted: Accepted


class Postman:
    """``client`` is how the shop is reached; each party registers how it signs before it posts."""

    def __init__(self, shelf: Shelf, client: httpx.AsyncClient, first_wait: timedelta) -> None:
        self._shelf = shelf
        self._client = client
        self._first_wait = first_wait.total_seconds()
        self._senders: dict[str, Sender] = {}
        self._walking: set[asyncio.Task[None]] = set()

    def register(self, party: str, sender: Sender) -> None:
        """Say how a party's messages are signed."""
        self._senders[party] = sender

    def post(self, party: str, url: str, message: Document) -> None:
        """Take a message and carry it in the background."""
        letter: Document = {"id": uuid.uuid4().hex, "party": party, "url": url, "message": message, "tries": 0}
        self._shelf.put(_KIND, letter["id"], letter)
        self._set_out(letter)

    def resume(self) -> None:
        """Carry on with what an earlier process left undelivered."""
        for letter in self._shelf.all(_KIND):
            self._set_out(letter)

    def undelivered(self) -> list[Document]:
        """What is still on its way, without the messages themselves."""
        return [{name: one[name] for name in ("id", "party", "url", "tries")} for one in self._shelf.all(_KIND)]

    async def settled(self) -> None:
        """Wait until everything taken so far is delivered or given up."""
        while self._walking:
            await asyncio.gather(*self._walking)

    async def close(self) -> None:
        """Stop walking; undelivered messages stay on the shelf."""
        for task in self._walking:
            task.cancel()
        await asyncio.gather(*self._walking, return_exceptions=True)
        await self._client.aclose()

    def _set_out(self, letter: Document) -> None:
        task = asyncio.create_task(self._deliver(letter))
        self._walking.add(task)
        task.add_done_callback(self._walking.discard)

    async def _deliver(self, letter: Document) -> None:
        wait = self._first_wait
        while not await self._try(letter) and letter["tries"] < _TRIES:
            await asyncio.sleep(wait)
            wait = min(_LONGEST_WAIT, wait * 2)
        self._shelf.drop(_KIND, letter["id"])

    async def _try(self, letter: Document) -> bool:
        """One attempt; True if the shop accepted."""
        sender = self._senders[letter["party"]]
        envelope = sender.seal(letter["message"])
        letter["tries"] += 1
        self._shelf.put(_KIND, letter["id"], letter)
        try:
            answer = await self._client.post(letter["url"], content=envelope.content, headers=dict(envelope.headers))
        except httpx.TransportError as error:
            log.info("simulator_message_not_delivered", party=letter["party"], error=type(error).__name__)
            return False
        if not sender.accepted(answer):
            log.info("simulator_message_not_accepted", party=letter["party"], status=answer.status_code)
            return False
        return True


def success(answer: httpx.Response) -> bool:
    """Any 2xx: what Stripe and Shopify take for accepted."""
    return answer.is_success

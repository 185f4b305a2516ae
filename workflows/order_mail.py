"""How every door of an order puts what it hears into the order's mail."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from temporalio import workflow
from temporalio.common import RawValue

from models.commands import Command, Done, Unheard, Unsigned
from workflows import decisions
from workflows.life import Letter, Life, News
from workflows.refusals import refusing


class OrderMail:
    """What the doors of an order share; ``OrderWorkflow`` is made of them."""

    order: Life

    async def obey(self, command: Command) -> Done:
        """Put the command into the mail and wait for the loop's answer."""
        letter = Letter(command, asyncio.get_running_loop().create_future())
        self.order.mail.append(letter)
        assert letter.answer is not None
        with refusing():
            return await letter.answer

    def refuse_at_once(self, command: Command) -> None:
        """A validator's refusal: the caller is told why, and the history never knows."""
        if command.key in self.order.state.handled or self.order.mail:
            # Carried out already; or letters lie before it, and only the loop can tell what they lead to.
            return
        with refusing():
            decisions.check(self.order.state, command)

    def tell(self, letter: Command | News | Unsigned | None) -> None:
        """Put news, or a decision sent as a signal, into the mail; a signal that brings nothing is no less refused."""
        self.order.mail.append(Letter(letter or Unsigned()))

    @workflow.signal(dynamic=True)
    def unheard(self, _name: str, _said: Sequence[RawValue]) -> None:
        """A signal of any other name: refused on record, where the server would drop it without a word (R23)."""
        self.order.mail.append(Letter(Unheard()))

"""Refunds in the database: local activities, one transaction each (FIELD_NOTES)."""

from __future__ import annotations

from collections.abc import Mapping

from temporalio import activity

from activities.refusals import final_refusals
from models.payments import Sums
from models.refunds import AskRefund, MoveRefund, RefundAsked
from store import refunds, steps
from store.pool import Pool


class Refunds:
    """``limits`` are the amounts above which a second person has to approve, in minor units by currency.

    They are not part of the policy an order begins with: a control of the shop over its own
    people is in force at once.
    """

    def __init__(self, pool: Pool, limits: Mapping[str, int]) -> None:
        self._pool = pool
        self._limits = limits

    @activity.defn
    async def ask_refund(self, request: AskRefund) -> RefundAsked:
        """Keep a refund, and order it in the ledger if nobody else has to approve it (R16)."""
        with final_refusals():
            async with self._pool.connection() as conn:
                return await steps.once(
                    conn, request.step, RefundAsked, lambda: refunds.ask(conn, request, self._limits)
                )

    @activity.defn
    async def move_refund(self, request: MoveRefund) -> Sums:
        """Take a refund on by one step."""
        with final_refusals():
            async with self._pool.connection() as conn:
                return await steps.once(
                    conn, request.step, Sums, lambda: refunds.move(conn, request), tell=bool(request.reference)
                )

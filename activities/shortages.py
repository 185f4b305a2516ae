"""What settling a shortage does to an order's rows: local activities, one transaction each (R9)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from temporalio import activity

from activities.refusals import final_refusals
from models.steps import AmendLines, LetGo, LetGoParcel, Reserved
from store import orders, parcels, put_back, steps, stock_again, stock_out
from store.pool import Connection, Pool


class _StillShort(Exception):
    """Undoes the transaction: an amendment whose goods are not there changes nothing."""

    def __init__(self, result: Reserved) -> None:
        super().__init__("still short")
        self.result = result


class ShortageSteps:
    """The order's lines and single parcels, when goods are missing."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @activity.defn
    async def amend_lines(self, request: AmendLines) -> Reserved:
        """Write the lines anew and reserve what they lack; if that is not there, nothing has happened (R9)."""
        step = request.step
        async with self._connection() as conn:

            async def amend() -> Reserved:
                await orders.amend(conn, request.order)
                result = await stock_again.reserve(conn, step.order_no, step.at, step.step_key, later=request.later)
                if result.short:
                    raise _StillShort(result)
                return result

            try:
                return await steps.once(conn, step, Reserved, amend, tell=True)
            except _StillShort as short:
                return short.result

    @activity.defn
    async def let_go_parcel(self, request: LetGoParcel) -> LetGo:
        """Give up the parcel of a task that fell short: its goods are free, what was not there is written off (R9)."""
        step = request.step
        async with self._connection() as conn:

            async def let_go() -> LetGo:
                await put_back.tell(conn, step.order_no, step.at, task_no=request.task_no)
                given_up = await parcels.give_up(conn, request.task_no)
                if given_up is None:
                    return LetGo()
                parcel_no, pieces = given_up
                await stock_out.let_go(conn, parcel_no, step.at)
                await stock_out.write_off_shorts(conn, step.order_no, step.at)
                return LetGo(parcel_no=parcel_no, pieces=pieces)

            return await steps.once(conn, step, LetGo, let_go, tell=True)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        """A connection in whose block what cannot be helped by asking again is said to be final."""
        with final_refusals():
            async with self._pool.connection() as conn:
                yield conn

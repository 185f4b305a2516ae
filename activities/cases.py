"""A case's steps in the database: a local activity, one transaction each (FIELD_NOTES)."""

from __future__ import annotations

from temporalio import activity

from activities.refusals import final_refusals
from models.cases import CaseStep
from store import cases
from store.pool import Pool


class CaseSteps:
    """What a case does to its own rows."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @activity.defn
    async def take_case_step(self, step: CaseStep) -> None:
        """Record one step of a case: row, deadlines, alerts and audit entry, exactly once (R23)."""
        with final_refusals():
            async with self._pool.connection() as conn:
                await cases.take(conn, step)

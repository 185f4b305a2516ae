"""The house's own upkeep by the clock: the signed root (R23), erasure (R29, T21), the board's sums (R33)."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

from models import upkeep as messages

with workflow.unsafe.imports_passed_through():
    from activities.upkeep import Upkeep
    from models.upkeep import Anchored, Expired, Folded

# So many batches leave the history small; whoever is left is due tomorrow as well.
_MOST_BATCHES = 200


@workflow.defn(name=messages.ANCHOR_WORKFLOW)
class AnchorAudit:
    """Signs the heads of all audit chains; its result keeps the root outside the database."""

    @workflow.run
    async def run(self) -> Anchored:
        """Make one anchor."""
        return await workflow.execute_activity_method(
            Upkeep.anchor_audit,
            messages.AnchorAudit(at=workflow.now()),
            start_to_close_timeout=timedelta(minutes=15),
            summary="sign the record of acts (R23)",
        )


@workflow.defn(name=messages.FOLD_WORKFLOW)
class FoldBoard:
    """Folds what the board counted, so that looking at it stays quick."""

    @workflow.run
    async def run(self) -> Folded:
        """Fold once."""
        return await workflow.execute_activity_method(
            Upkeep.fold_board,
            start_to_close_timeout=timedelta(minutes=5),
            summary="fold the board's sums (R33)",
        )


@workflow.defn(name=messages.ERASE_WORKFLOW)
class EraseExpired:
    """Erases every person whose retention has ended; the clock T21 is the actor."""

    @workflow.run
    async def run(self) -> Expired:
        """Go through them batch by batch; returns the sums."""
        at, total = workflow.now(), Expired()
        after = ""
        for _ in range(_MOST_BATCHES):
            batch = await self._batch(messages.EraseExpired(at=at, after=after))
            total = _sum(total, batch)
            if batch.last is None:
                break
            after = batch.last
        return total

    async def _batch(self, request: messages.EraseExpired) -> Expired:
        return await workflow.execute_activity_method(
            Upkeep.erase_expired,
            request,
            start_to_close_timeout=timedelta(minutes=30),
            heartbeat_timeout=timedelta(minutes=11),
            summary="erase persons whose time has come (T21)",
        )


def _sum(one: Expired, other: Expired) -> Expired:
    return Expired(
        erased=one.erased + other.erased,
        held_back=one.held_back + other.held_back,
        refused_bodies=one.refused_bodies + other.refused_bodies,
        last=other.last,
    )

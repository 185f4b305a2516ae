"""The house's own upkeep, run by Temporal Schedules: the signed record, and erasure on time (R23, R29)."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from temporalio import activity

from models.base import clock_actor
from models.upkeep import AnchorAudit, Anchored, EraseExpired, Expired, Folded
from store import anchors, board, erasure
from store.anchors import AnchorKey
from store.pool import Pool

log = structlog.get_logger(__name__)

_WHY = "the time for which it is kept has passed (T21)"


class Upkeep:
    """Holds the key that signs, and ``kept``: the shop's T21."""

    def __init__(self, pool: Pool, key: AnchorKey, kept: timedelta) -> None:
        self._pool = pool
        self._key = key
        self._kept = kept

    @activity.defn
    async def anchor_audit(self, request: AnchorAudit) -> Anchored:
        """Sign the heads of all chains; the log and the result carry the root out of the database (R23)."""
        async with self._pool.connection() as conn:
            made = await anchors.anchor(conn, self._key, request.at)
        log.info("audit_anchored", anchor_no=made.anchor_no, root=made.root.hex(), chains=made.chains)
        return Anchored(anchor_no=made.anchor_no, root=made.root.hex(), chains=made.chains)

    @activity.defn
    async def fold_board(self) -> Folded:
        """Fold what the board counted since the last time (R33)."""
        async with self._pool.connection() as conn:
            return Folded(shares=await board.fold(conn))

    @activity.defn
    async def erase_expired(self, request: EraseExpired) -> Expired:
        """Erase the next persons whose T21 has passed, each in a transaction of its own (R29)."""
        async with self._pool.connection() as conn:
            refused = await erasure.empty_ownerless(conn, request.at)
            due = await erasure.due(conn, request.at, self._kept, after=request.after, limit=request.limit)
        outcomes = [await self._erase(contact_id, request.at) for contact_id in due]
        return Expired(
            erased=outcomes.count(True),
            held_back=outcomes.count(False),
            refused_bodies=refused,
            last=due[-1] if due else None,
        )

    async def _erase(self, contact_id: str, at: datetime) -> bool:
        """True when the person is gone; one who is still needed is looked at again tomorrow."""
        activity.heartbeat(contact_id)
        try:
            async with self._pool.connection() as conn:
                await erasure.erase(conn, contact_id, at=at, by=clock_actor("T21"), why=_WHY)
        except erasure.NotEnded as refused:
            log.warning("erasure_held_back", contact_id=contact_id, waiting=list(refused.waiting))
            return False
        return True

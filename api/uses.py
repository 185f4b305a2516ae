"""That a right was used, noted at most once an hour: the review of rights needs the day, not each click (R22, T16)."""

from __future__ import annotations

from datetime import datetime, timedelta

NOTED_AGAIN_AFTER = timedelta(hours=1)
_MOST_REMEMBERED = 50_000


class Uses:
    """What this process has noted lately; losing it costs one more statement for each pair."""

    def __init__(self) -> None:
        self._noted: dict[tuple[str, str], datetime] = {}

    def is_due(self, staff_id: str, permission: str, now: datetime) -> bool:
        """Whether this use is to be noted; asking counts as noting."""
        last = self._noted.get((staff_id, permission))
        if last is not None and now - last < NOTED_AGAIN_AFTER:
            return False
        if len(self._noted) >= _MOST_REMEMBERED:
            self._noted.clear()
        self._noted[staff_id, permission] = now
        return True

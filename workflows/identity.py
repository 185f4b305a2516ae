"""What makes a step the same step when a worker died in the middle of it.

A local activity commits before Temporal knows of it. If the worker dies in between, the
workflow task is run again, and it may find more signals than the first time: then the
loop takes other steps, or the same ones in another order. So a number alone cannot say
which step it is; what was done, from where to where and why, can.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from temporalio import workflow

_PER_TASK = 100
_PER_RUN = 10_000_000


def cause_of(act: str, nth: int, *facts: object) -> str:
    """The n-th time of this act with these facts: the same again is the same effect."""
    digest = hashlib.sha256("\x1f".join(str(fact) for fact in facts).encode()).hexdigest()
    return f"{act}:{nth}:{digest[:12]}"


@dataclass
class Sequence:
    """Numbers that rise through the whole life, also over a worker's death and continue-as-new.

    A task that is run again stands later in the history than its dead twin: whatever the
    twin still writes is older, and turns no row back.
    """

    runs: int
    length: int = 0
    within: int = 0

    def next(self) -> int:
        """The next number; at most a hundred are taken in one workflow task."""
        length = workflow.info().get_current_history_length()
        if length != self.length:
            self.length, self.within = length, 0
        self.within += 1
        return self.runs * _PER_RUN + length * _PER_TASK + self.within

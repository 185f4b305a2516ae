"""Breached deadlines as the group chat is told of them: one message for all that passed since the last one (R25)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

LINES = 10
"""So many breaches are told one by one; of the rest the message says how many there are."""


@dataclass(frozen=True)
class Breach:
    """A deadline (``T3``) that passed, which department was told, and in which words: no personal data (R21)."""

    deadline: str
    department: str
    text: str


def markdown(breaches: Sequence[Breach]) -> str:
    """What passed, in both languages; one that several departments were told of is one line."""
    told: dict[tuple[str, str], list[str]] = {}
    for one in breaches:
        told.setdefault((one.deadline, one.text), []).append(one.department)
    counts = Counter(deadline for deadline, _ in told)
    among = ", ".join(f"{deadline} {count}" for deadline, count in sorted(counts.items()))
    lines = [f"> {text} → {', '.join(departments)}" for (_, text), departments in told.items()]
    rest = [f"> 另有 {len(lines) - LINES} 項 and {len(lines) - LINES} more"] if len(lines) > LINES else []
    return "\n".join([f"**【超時 Deadlines passed】** {len(told)} ({among})", *lines[:LINES], *rest])

"""``orderflow deadlines``: the table of SPEC.md with the values in force."""

from __future__ import annotations

from datetime import timedelta

from cli.output import AsJson, print_json, print_table, settings_or_exit
from domain.deadlines import DEADLINES, Deadline, DeadlinePolicy, as_told


def deadlines(as_json: AsJson = False) -> None:
    """Show every deadline T: what it promises, its default and the duration in force."""
    policy = settings_or_exit().deadline_policy()
    if as_json:
        print_json([as_told(deadline, policy) for deadline in DEADLINES.values()])
    else:
        print_table([_readable(deadline, policy) for deadline in DEADLINES.values()])


def _readable(deadline: Deadline, policy: DeadlinePolicy) -> dict[str, str]:
    return {
        "id": str(deadline.id),
        "promise": deadline.promise,
        "default": _text(deadline.default),
        "in force": _text(_in_force(deadline, policy)),
        "starts": deadline.starts,
        "when it passes": deadline.action,
    }


def _in_force(deadline: Deadline, policy: DeadlinePolicy) -> timedelta | None:
    return None if deadline.default is None else policy.duration(deadline.id)


def _text(duration: timedelta | None) -> str:
    return "-" if duration is None else str(duration)

"""What the cards of a review of rights have in common: rights with their last use, and what was decided (R22)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from api.schemas.rights import ReviewedAccount, ReviewedToken, RightView
from console.bench import Bench
from console.kit import box, button, chip, moment, text

Reviewed = ReviewedAccount | ReviewedToken
Choose = Callable[[str], Awaitable[None]]
Decide = Callable[[str, dict[str, Any]], Awaitable[None]]
"""Given where under the month's address it is answered, and the verdict."""
_COLOURS = {"confirmed": "green", "changed": "blue", "revoked": "red"}


def draw_unused(bench: Bench, one: Reviewed) -> None:
    """How many rights, and how many of them were never used."""
    t = bench.t
    with box("bar"):
        text(t("rights.count", number=len(one.rights)), classes="small soft num")
        if one.unused:
            chip(t("rights.unused", number=len(one.unused)), "amber")
        else:
            chip(t("rights.all_used"), "green")


def draw_decided(bench: Bench, one: Reviewed, *, new_role: str | None = None) -> None:
    """What was decided, by whom, when and why; nothing while nobody has."""
    if one.decision is None:
        return
    t = bench.t
    with box("bar small"):
        role = t.code("role", new_role or "")
        chip(t(f"rights.decision.{one.decision}", role=role), _COLOURS[one.decision])
        text(f"{bench.who(one.decided_by)} · {moment(one.decided_at, bench.zone)}", classes="soft")
        text(one.why or "", classes="soft wrap")


def draw_unfolding(bench: Bench, choose: Choose, what: str, name: str, *, is_open: bool) -> None:
    """The way to its rights, and to the decision where this person has it."""
    words = bench.t("rights.review" if is_open else "rights.look")
    with box("bar"):
        button(words, lambda: choose(what), aria_label=f"{words} {name}")


def draw_folding(bench: Bench, choose: Choose) -> None:
    """The way back from rights that were only looked at."""
    with box("bar"):
        button(bench.t("rights.fold"), lambda: choose(""))


def draw_rights(bench: Bench, one: Reviewed) -> None:
    """Every right with its last use; those never used stand first and are marked."""
    with box("rights-grid", "ul", aria_label=bench.t("rights.right")):
        for right in sorted(one.rights, key=lambda one: (one.used_at is not None, one.permission)):
            _draw_right(bench, right)


def _draw_right(bench: Bench, right: RightView) -> None:
    t = bench.t
    with box("spread", "li"):
        with box("stack tight"):
            text(t.code("right", right.permission))
            text(right.permission, classes="mono small soft")
        if right.used_at is None:
            chip(t("rights.never"), "amber")
        else:
            text(moment(right.used_at, bench.zone), classes="small soft num")

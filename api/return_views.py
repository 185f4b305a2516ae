"""From rows to what readers see of a return."""

from __future__ import annotations

from collections.abc import Sequence

from api.schemas.returns import ReplacementView, ReturnView
from domain.returns import RULES, ReturnReason
from store.pool import Row


def return_view(row: Row | None) -> ReturnView | None:
    """A return; None where there is none."""
    if row is None:
        return None
    words = RULES[ReturnReason(row["reason"])].chinese
    return ReturnView.model_validate({name: row[name] for name in row} | {"reason_zh": words})


def replacement_views(rows: Sequence[Row]) -> list[ReplacementView]:
    """The orders sent in place of one."""
    return [ReplacementView.model_validate(dict(row)) for row in rows]

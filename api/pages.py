"""Keyset pages: a cursor is the last row's key, opaque to the caller."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime
from typing import Annotated

from fastapi import Query

from api.problems import Faulty
from domain.intake import Fault

Limit = Annotated[int, Query(ge=1, le=200, description="Rows of a page")]
Cursor = Annotated[str | None, Query(max_length=500, description="next_cursor of the page before")]


def cursor_of(*key: str | int | datetime) -> str:
    """The cursor that stands for this key."""
    parts = [part.isoformat() if isinstance(part, datetime) else part for part in key]
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def key_of(cursor: str | None, *kinds: type) -> tuple[object, ...] | None:
    """The key within a cursor, of these kinds; raises :class:`Faulty` for one that is not ours."""
    if cursor is None:
        return None
    try:
        parts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(parts, list) or len(parts) != len(kinds):
            raise ValueError("another list's cursor")
        return tuple(_part(part, kind) for part, kind in zip(parts, kinds, strict=True))
    except (ValueError, binascii.Error, RecursionError):
        raise Faulty([Fault("query.cursor", "is not a cursor of this list")]) from None


def _part(part: object, kind: type) -> object:
    if kind is datetime:
        moment = datetime.fromisoformat(str(part))
        if moment.tzinfo is None:
            raise ValueError("a moment without a zone")
        return moment
    if not isinstance(part, kind) or isinstance(part, bool) or (isinstance(part, int) and abs(part) >= 2**63):
        raise ValueError("a part of another kind")
    if isinstance(part, str) and "\0" in part:
        raise ValueError("no text of ours")
    return part

"""The orders that a simulated platform keeps, and the part of its list that was asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from dev.simulators.shelf import Document, Shelf


class Books:
    """One platform's orders, as it would send them; ``changed_at`` reads an order's time of change."""

    def __init__(self, shelf: Shelf, kind: str, changed_at: Callable[[Document], datetime]) -> None:
        self._shelf = shelf
        self._kind = kind
        self._changed_at = changed_at

    def keep(self, number: str, order: Document) -> Document:
        """Write or replace an order."""
        self._shelf.put(self._kind, number, order)
        return order

    def order(self, number: str) -> Document | None:
        """One order, None if the platform does not know it."""
        return self._shelf.get(self._kind, number)

    def changed(self, since: datetime, until: datetime) -> list[Document]:
        """What changed between the two, the oldest change first."""
        found = [one for one in self._shelf.all(self._kind) if since <= self._changed_at(one) <= until]
        return sorted(found, key=self._changed_at)


def page(found: Sequence[Document], number: int, size: int) -> list[Document]:
    """Page ``number``, from 1."""
    return list(found[(number - 1) * size : number * size])

"""Parts of a page of which only what differs is drawn anew: the rest keeps its focus, and a click on its way."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from nicegui import ui

from console.kit import box

Row = TypeVar("Row")


@dataclass
class _Drawn(Generic[Row]):
    """A row as it stands on the page."""

    row: Row
    elements: list[ui.element]


class Rows(Generic[Row]):
    """A list whose rows are known by ``key``; of two hundred of which one moved, one is drawn."""

    def __init__(self, key: Callable[[Row], str], draw: Callable[[Row], None], classes: str = "rows") -> None:
        self._key, self._draw = key, draw
        self.place = box(classes)
        self._drawn: dict[str, _Drawn[Row]] = {}

    def forget(self) -> None:
        """Draw all of them next time, also those that do not differ."""
        self._drawn.clear()
        self.place.clear()

    def show(self, rows: Iterable[Row], held: str = "") -> None:
        """These rows, in this order; the row ``held`` stays as it is, for somebody is writing in it."""
        wanted = {self._key(row): row for row in rows}
        before, self._drawn = self._drawn, {}
        stood = list(before)
        for key, row in wanted.items():
            self._drawn[key] = self._row(before.pop(key, None), row, held=key == held)
        if held in before:
            at, shown = stood.index(held), list(self._drawn.items())
            self._drawn = dict([*shown[:at], (held, before.pop(held)), *shown[at:]])
        for gone in before.values():
            _delete(gone)
        self._arrange()

    def _row(self, known: _Drawn[Row] | None, row: Row, *, held: bool) -> _Drawn[Row]:
        if known is not None and (held or known.row == row):
            return known
        if known is not None:
            _delete(known)
        children = self.place.default_slot.children
        stood = len(children)
        with self.place:
            self._draw(row)
        return _Drawn(row, children[stood:])

    def _arrange(self) -> None:
        order = [element for one in self._drawn.values() for element in one.elements]
        self.place.set_visibility(bool(order))
        if self.place.default_slot.children != order:
            self.place.default_slot.children[:] = order
            self.place.update()


class Part:
    """What stands beside or below a list (nothing there, the next page), drawn anew when it shows something else."""

    def __init__(self, classes: str = "") -> None:
        self.place = box(classes)
        self._shown: object = None

    def show(self, what: object, draw: Callable[[], None]) -> None:
        """Draw it, unless it shows ``what`` already."""
        if what == self._shown:
            return
        self._shown = what
        self.place.clear()
        with self.place:
            draw()
        # An empty box would still take up the gap around it.
        self.place.set_visibility(bool(self.place.default_slot.children))


def _delete(one: _Drawn[Row]) -> None:
    for element in one.elements:
        element.delete()

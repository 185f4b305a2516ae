"""Of a list that moved only the rows that moved are drawn anew (R33)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import cast

import pytest
from nicegui import Client
from nicegui.elements.mixins.text_element import TextElement
from nicegui.page import page

from console.kit import text
from console.rows import Part, Rows

Row = tuple[str, int]


@dataclass
class Page:
    """A page with one list, and what was drawn on it since this was asked last."""

    drawn: list[str] = field(default_factory=list)

    def build(self) -> Rows[Row]:
        """The list."""
        self.rows = Rows[Row](lambda row: row[0], self.draw)
        return self.rows

    def draw(self, row: Row) -> None:
        """Two elements for a row."""
        self.drawn.append(row[0])
        text(row[0])
        text(str(row[1]))

    def show(self, *rows: Row, held: str = "") -> tuple[list[str], list[str]]:
        """(what was drawn for it, what then stands there)."""
        self.drawn.clear()
        self.rows.show(rows, held)
        return list(self.drawn), [cast(TextElement, element).text for element in self.rows.place.default_slot.children]


@pytest.fixture
async def client() -> Client:
    return Client(page("/"), request=None)


@pytest.fixture
def at(client: Client) -> Iterator[Page]:
    at = Page()
    with client:
        at.build()
        yield at
    client.delete()


async def test_only_the_row_that_differs_is_drawn_and_the_others_are_the_same_elements(at: Page) -> None:
    assert at.show(("a", 1), ("b", 1)) == (["a", "b"], ["a", "1", "b", "1"])
    before = list(at.rows.place.default_slot.children)
    assert at.show(("a", 1), ("b", 2)) == (["b"], ["a", "1", "b", "2"])
    assert at.rows.place.default_slot.children[:2] == before[:2]
    assert at.show(("a", 1), ("b", 2)) == ([], ["a", "1", "b", "2"])


async def test_rows_come_go_and_change_places_without_being_drawn_again(at: Page) -> None:
    at.show(("a", 1), ("b", 1), ("c", 1))
    assert at.show(("c", 1), ("d", 1), ("a", 1)) == (["d"], ["c", "1", "d", "1", "a", "1"])
    assert at.rows.place.visible
    assert at.show() == ([], [])
    assert not at.rows.place.visible, "an empty list has no frame"


async def test_a_row_in_which_somebody_writes_stays_also_when_it_is_gone_from_the_list(at: Page) -> None:
    at.show(("a", 1), ("b", 1), ("c", 1))
    assert at.show(("a", 1), ("b", 2), ("c", 2), held="b") == (["c"], ["a", "1", "b", "1", "c", "2"])
    assert at.show(("a", 1), ("c", 2), held="b") == ([], ["a", "1", "b", "1", "c", "2"])
    assert at.show(("a", 1), ("c", 2)) == ([], ["a", "1", "c", "2"])


async def test_what_is_forgotten_is_drawn_again(at: Page) -> None:
    at.show(("a", 1), ("b", 1))
    at.rows.forget()
    assert at.show(("a", 1), ("b", 1)) == (["a", "b"], ["a", "1", "b", "1"])


def write(drawn: list[str], what: str) -> None:
    """Write it on the page, and down."""
    drawn.append(text(what).text)


async def test_a_part_is_drawn_when_it_shows_something_else_and_takes_no_room_while_it_is_empty(client: Client) -> None:
    with client:
        part, drawn = Part(), list[str]()
        part.show("nothing", lambda: drawn.append("nothing"))
        assert not part.place.visible
        for what in ("page 2", "page 2", "page 3"):
            part.show(what, partial(write, drawn, what))
        assert (drawn, part.place.visible) == (["nothing", "page 2", "page 3"], True)
    client.delete()

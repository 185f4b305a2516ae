"""A form that unfolds when it is wanted, and folds when it is done."""

from __future__ import annotations

from collections.abc import Callable

from console.bench import Bench
from console.kit import box, button, text


class Unfolding:
    """A button; pressed, it makes place for a form that ``draw`` fills."""

    def __init__(self, bench: Bench, words: str, draw: Callable[[], None]) -> None:
        self.bench, self.words, self._draw = bench, words, draw
        self.place = box("stack")
        self.fold()

    def fold(self) -> None:
        """Only the button."""
        self.place.clear()
        with self.place, box("bar"):
            button(self.words, self.unfold)

    def unfold(self) -> None:
        """The form."""
        self.place.clear()
        with self.place:
            text(self.words, "h3")
            self._draw()

    def never_mind(self) -> None:
        """The button that folds it."""
        button(self.bench.t("cancel"), self.fold)

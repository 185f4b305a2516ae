"""What a desk is: a row of the table in ``console.desks``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from console.bench import Bench

Draw = Callable[..., Awaitable[None]]


@dataclass(frozen=True)
class Desk:
    """One desk. ``needs`` are the permissions without which it is neither shown nor opened.

    ``name`` is its first page's path and, as ``desk.NAME``, its title in the catalogue of words;
    ``pages`` maps further paths (FastAPI's patterns) to what draws them.
    """

    name: str
    icon: str
    needs: frozenset[str]
    draw: Draw
    pages: tuple[tuple[str, Draw], ...] = ()

    @property
    def route(self) -> str:
        """Where it is found."""
        return f"/{self.name}"

    def is_of(self, bench: Bench) -> bool:
        """Whether this person works at it."""
        return bench.may(*self.needs)

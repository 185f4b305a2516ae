"""Reading numbered pages of a list that changes while it is read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TypeVar

Item = TypeVar("Item")


async def backwards(page: Callable[[int], Awaitable[tuple[Sequence[Item], int]]]) -> AsyncIterator[Item]:
    """Every item of the pages, from the last page to the first; some of them twice.

    ``page(n)`` gives the items of page n (from 1) and how many pages there are. An order
    that changes meanwhile leaves the window, and what came after it moves one place
    forward: read forward, it would slip past between two pages.
    """
    first, pages = await page(1)
    for number in range(pages, 1, -1):
        for item in (await page(number))[0]:
            yield item
    if pages > 1:
        first, _ = await page(1)
    for item in first:
        yield item

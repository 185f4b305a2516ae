"""Filters in a page's address: a list can be shared, bookmarked and read again as it was (R25)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from urllib.parse import quote, urlencode

from nicegui import ui


def read(names: Iterable[str]) -> dict[str, str]:
    """What the address of this page asks for, of these names only."""
    given = ui.context.client.request.query_params
    return {name: given[name] for name in names if given.get(name)}


def with_query(path: str, asked: Mapping[str, str]) -> str:
    """The path with what is asked for."""
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"{path}?{query}" if query else path


def write(at: ui.element, path: str, asked: Mapping[str, str]) -> None:
    """Put it into the browser's address without leaving the page that ``at`` is on.

    The switches of language and theme lead back to the address, so they are told of it too.
    """
    # By the element and not by the context: the part of the page that asked may be drawn anew already.
    at.client.run_javascript(
        f"""const here = {json.dumps(with_query(path, asked))};
        history.replaceState(history.state, "", here);
        for (const link of document.querySelectorAll('a[href^="/preferences/"]'))
          link.search = "?back=" + encodeURIComponent(here);"""
    )


def money_of(order_no: str) -> str:
    """Where the money of this order is shown."""
    return f"/finance/orders/{quote(order_no, safe='')}"

"""A click that crosses a redrawing on its way counts once; later than a moment it is heard by nobody."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from nicegui import Client, ui
from nicegui.page import page

from console import late_clicks
from console.kit import box, button


def click(element: ui.element) -> dict[str, Any]:
    """What the browser sends when it is pressed."""
    [listener] = element._event_listeners.values()
    return {"id": element.id, "client_id": element.client.id, "listener_id": listener.id, "args": []}


async def drawn(presses: list[str]) -> tuple[Client, ui.element, dict[str, Any]]:
    """A page with one button in a box, and the click on it that is under way."""
    client = Client(page("/"), request=None)
    with client, box() as place:
        pressed = button("Approve", lambda: presses.append("approved"))
    return client, place, click(pressed)


async def test_a_click_under_way_while_the_page_is_drawn_anew_counts_once() -> None:
    presses: list[str] = []
    client, place, under_way = await drawn(presses)
    place.clear()
    with place:
        again = click(button("Approve", lambda: presses.append("approved anew")))
    client.handle_event(under_way)
    assert presses == ["approved"]
    client.handle_event(again)
    assert presses == ["approved", "approved anew"]
    client.delete()


async def test_what_comes_later_than_a_moment_is_heard_by_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(late_clicks, "HEARD_FOR_S", 0.0)
    presses: list[str] = []
    client, place, under_way = await drawn(presses)
    place.clear()
    for _ in range(3):
        await asyncio.sleep(0)
    client.handle_event(under_way)
    assert presses == []
    client.delete()

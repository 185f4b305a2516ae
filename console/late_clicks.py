"""A click on a button that is drawn anew just then: it counts, as the person who clicked believes it does.

What a page shows is replaced when it changes. Between that and the browser's hearing of it the old
button can still be pressed; NiceGUI would drop the click without a word. What such a click asks for
is judged by the API like any other, so an old button changes nothing that has changed meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

from nicegui import storage, ui
from nicegui.client import Client
from nicegui.event_listener import EventListener
from nicegui.events import GenericEventArguments, handle_event

HEARD_FOR_S = 3.0
"""Longer than any line takes to tell a browser that the button has gone."""


class Pressed(ui.element):
    """An element that is pressed; it hears what was pressed before the browser knew that it had gone."""

    def _handle_delete(self) -> None:
        listeners = dict(self._event_listeners)
        client = self.client
        super()._handle_delete()
        if not client.is_deleted:
            _of(client).remember(self.id, listeners)


class LateClicks:
    """The buttons of one page that have gone a moment ago."""

    def __init__(self, client: Client) -> None:
        self._client, self._usual = client, client.handle_event
        self._gone: dict[int, Mapping[str, EventListener]] = {}
        # NiceGUI has no other place where an event for an element that is gone could be heard.
        client.handle_event = self.hear  # type: ignore[method-assign]

    def remember(self, element_id: int, listeners: Mapping[str, EventListener]) -> None:
        """Keep what it would have done, for a moment."""
        self._gone[element_id] = listeners
        asyncio.get_running_loop().call_later(HEARD_FOR_S, self._gone.pop, element_id, None)

    def hear(self, msg: dict[str, Any]) -> None:
        """Pass an event on to whoever it was meant for."""
        listener = self._gone.get(msg["id"], {}).get(msg["listener_id"])
        if listener is None:
            self._usual(msg)
            return
        with self._client:
            storage.request_contextvar.set(listener.request)
            handle_event(
                listener.handler, GenericEventArguments(sender=self._client.layout, client=self._client, args=None)
            )


_PAGES: WeakKeyDictionary[Client, LateClicks] = WeakKeyDictionary()


def _of(client: Client) -> LateClicks:
    if client not in _PAGES:
        _PAGES[client] = LateClicks(client)
    return _PAGES[client]

"""The pieces that pages are made of: plain HTML elements, named for those who do not see them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from api.schemas.orders import StatusView
from console.late_clicks import Pressed

_WHOLE = ("JPY", "KRW")
_MOST_DIGITS = 15
"""More is no amount of anything; "1e999999" would keep the whole console busy for minutes."""
Handler = Callable[..., Any] | Callable[..., Awaitable[Any]]


def box(classes: str = "", tag: str = "div", **attributes: str) -> ui.element:
    """An element that holds others; ``aria_label`` becomes ``aria-label``."""
    return _dressed(ui.element(tag), classes, attributes)


def pressed(classes: str = "", **attributes: str) -> ui.element:
    """A bare button: give it what it does, and what stands on it."""
    return _dressed(Pressed("button"), classes, attributes)


def text(words: str, tag: str = "span", classes: str = "", **attributes: str) -> TextElement:
    """An element of words; the browser never reads them as HTML."""
    return _dressed(TextElement(tag=tag, text=words), classes, attributes)


Kind = TypeVar("Kind", bound=ui.element)


def _dressed(element: Kind, classes: str, attributes: Mapping[str, str]) -> Kind:
    if classes:
        element.classes(classes)
    for name, value in attributes.items():
        element.props[name.rstrip("_").replace("_", "-")] = value
    return element


def link(words: str, to: str, classes: str = "", **attributes: str) -> TextElement:
    """A way to another page."""
    return text(words, "a", classes, href=to, **attributes)


def button(words: str, act: Handler, kind: str = "", key: str = "", **attributes: str) -> ui.element:
    """A button; ``kind`` is primary or danger, ``key`` the key that does the same."""
    if key:
        attributes |= {"aria_keyshortcuts": key}
    element = pressed(f"btn {kind}", type="button", **attributes)
    element.on("click", act, js_handler="() => emit()")
    with element:
        text(words)
        if key:
            text(key, "kbd", aria_hidden="true")
    return element


class Field:
    """A text that somebody types. The browser keeps what is typed: an update of the page does not disturb it."""

    def __init__(self, label: str, *, kind: str = "text", tag: str = "input", **attributes: str) -> None:
        self.value = attributes.pop("value", "")
        with box("field") as self.around:
            self.name = text(label, "label")
            self.input = box("", tag, **({"type": kind} if tag == "input" else {}), **attributes)
        if self.value:
            # As an attribute ("^"): a property would be written again over what is typed at every update.
            self.input.props["^value"] = self.value
        self.input.props["id"] = f"in{self.input.id}"
        self.name.props["for"] = f"in{self.input.id}"
        self.input.on("input", self._typed, js_handler="(e) => emit(e.target.value)")

    def on_enter(self, act: Handler) -> Field:
        """Enter, typed or sent by a scanner, hands over what stands in the field and empties it."""

        async def handed(event: Any) -> None:
            self.value = str(event.args).strip()
            if self.value:
                await act(self.value)

        js = "(e) => { e.preventDefault(); const value = e.target.value; e.target.value = ''; emit(value); }"
        self.input.on("keydown.enter", handed, js_handler=js)
        return self

    def focus(self) -> None:
        """Put the cursor there."""
        self.input.client.run_javascript(f"document.getElementById('in{self.input.id}')?.focus()")

    def clear(self) -> None:
        """Empty it."""
        self.value = ""
        # Not by the context: the part of the page that asked for this may be drawn anew already.
        self.input.client.run_javascript(f"const f = document.getElementById('in{self.input.id}'); if (f) f.value = ''")

    def _typed(self, event: Any) -> None:
        self.value = str(event.args)


class Choice:
    """One of several; ``options`` maps the code to its words."""

    def __init__(
        self, label: str, options: Mapping[str, str], value: str = "", on_change: Handler | None = None
    ) -> None:
        self.value = value or next(iter(options), "")
        with box("field"):
            name = text(label, "label")
            self.select = box("", "select")
        self.select.props["id"] = f"in{self.select.id}"
        name.props["for"] = f"in{self.select.id}"
        with self.select:
            for code, words in options.items():
                text(words, "option", value=code, **({"selected": "selected"} if code == self.value else {}))
        self._on_change = on_change
        self.select.on("change", self._chosen, js_handler="(e) => emit(e.target.value)")

    async def _chosen(self, event: Any) -> None:
        self.value = str(event.args)
        if self._on_change is not None:
            await self._on_change(self.value)


class Tick:
    """Yes or no."""

    def __init__(self, label: str, *, value: bool = False) -> None:
        self.value = value
        with box("", "label"):
            tick = box("", "input", type="checkbox", **({"checked": "checked"} if value else {}))
            text(label)
        self._on_turned: Handler | None = None
        tick.on("change", self._turned, js_handler="(e) => emit(e.target.checked)")

    def on_turned(self, act: Handler) -> None:
        """What else happens when it is turned; it is given the new value."""
        self._on_turned = act

    async def _turned(self, event: Any) -> None:
        self.value = bool(event.args)
        if self._on_turned is not None:
            await self._on_turned(self.value)


def status(view: StatusView, colour: str = "blue") -> None:
    """A status, in both languages as always."""
    with box(f"chip {colour}"):
        text(view.zh, lang="zh-Hant")
        text(view.en.replace("_", " "), lang="en")


def chip(words: str, colour: str = "") -> None:
    """A short fact."""
    text(words, classes=f"chip {colour}")


def countdown(due: datetime, start: datetime, name: str, of: str = "") -> None:
    """A clock that runs in the browser: amber in its last quarter, red when it has passed.

    ``of`` is whose it is on the deadline board: in development its owner's clock may have been moved.
    """
    box("clock", "time", role="timer", aria_label=name, title=due.astimezone().isoformat(timespec="seconds"),
        data_due=str(_ms(due)), data_start=str(_ms(start)), data_of=of, datetime=due.isoformat())  # fmt: skip


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def facts(pairs: Mapping[str, str]) -> None:
    """Names and values, those without a value left out."""
    with box("facts", "dl"):
        for name, value in pairs.items():
            if value:
                text(name, "dt")
                text(value, "dd")


def empty(words: str, hint: str = "") -> None:
    """Where nothing is: said, with what to do or expect."""
    with box("empty stack tight"):
        text(words, "p", "strong")
        if hint:
            text(hint, "p", "small")


def money(minor: int, currency: str) -> str:
    """Minor units as people write them: ``CNY 408.00``; yen and won have no smaller unit."""
    if currency in _WHOLE:
        return f"{currency} {minor:,}"
    sign, minor = ("−" if minor < 0 else ""), abs(minor)
    return f"{currency} {sign}{minor // 100:,}.{minor % 100:02d}"


def minor(words: str, currency: str) -> int | None:
    """Minor units of what somebody wrote (``408.00``); None for what is no amount of that currency."""
    try:
        amount = Decimal(words.strip().replace(",", "")).scaleb(0 if currency in _WHOLE else 2)
    except ArithmeticError:
        return None
    if not amount.is_finite() or amount.adjusted() >= _MOST_DIGITS or amount != amount.to_integral_value():
        return None
    return int(amount)


def moment(at: datetime | None, zone: Any = None) -> str:
    """``01-02 20:00:05`` in the shop's own time, with the year where it is another."""
    if at is None:
        return ""
    here = at.astimezone(zone)
    same_year = here.year == datetime.now(zone).year
    return here.strftime("%m-%d %H:%M:%S" if same_year else "%Y-%m-%d %H:%M")

"""The sign-in page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import Request
from nicegui import ui

from console.errors import Away, Refused, SignedOut
from console.kit import Field, box, button, text
from console.pages import House, dress, switches
from console.preferences import Preferences
from console.words import Words


def sign_in_page(house: House) -> Callable[..., Awaitable[None]]:
    """``/sign-in``: afterwards on to where the person wanted to go."""

    async def page(request: Request, to: str = "/", ended: str = "") -> None:
        preferences = Preferences.of(request.session)
        dress(preferences)
        t = Words(preferences.language)
        ui.page_title(f"{t('sign.title')} · {t('app.name')}")
        with box("card sign"):
            text(t("app.name"), "h1")
            text(t("sign.lead"), "p", "soft")
            _form(house, t, str(request.session["id"]), own_path(to), told=t("sign.ended") if ended else "")
            with box("bar who"):
                switches(preferences, "/sign-in")

    return page


def own_path(to: str) -> str:
    """A path of this console; anything that could lead elsewhere is the first page instead."""
    return to if to.startswith("/") and not to.startswith(("//", "/\\")) else "/"


def _form(house: House, t: Words, browser: str, to: str, *, told: str) -> None:
    notice = text(told, "p", "notice warn" if told else "notice", role="alert")

    async def enter() -> None:
        problem = await _enter(house, t, browser, username.value, password.value)
        if problem:
            notice.classes(replace="notice no")
            notice.set_text(problem)
        else:
            ui.navigate.to(to)

    username = Field(t("sign.username"), autocomplete="username", autofocus="autofocus")
    password = Field(t("sign.password"), kind="password", autocomplete="current-password")
    for one in (username, password):
        one.input.on("keydown.enter", enter, js_handler="() => emit()")
    button(t("sign.in"), enter, "primary")


async def _enter(house: House, t: Words, browser: str, username: str, password: str) -> str:
    """What is wrong, in words; empty when they are in."""
    if not (username and password):
        return t("sign.both")
    try:
        session = await house.entrance.sign_in(username, password)
    except SignedOut:
        return t("sign.wrong")
    except Refused as error:
        return t("refused", detail=error.detail)
    except Away:
        return t("line.browser_lost")
    house.sessions.put(browser, session)
    return ""

"""The sign-in page: a plain form, so that it works with password managers and before any script runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl, urlencode
from uuid import uuid4

from fastapi import Request
from fastapi.responses import RedirectResponse
from nicegui import ui

from console.bench import SIGN_IN
from console.errors import Away, Refused, SignedOut
from console.kit import box, text
from console.pages import House, dress, switches
from console.preferences import Preferences
from console.words import Words

_TOLD = frozenset({"wrong", "ended", "both", "away", "often", "refused", "changed"})
_TOO_OFTEN = 429
_LONGEST_FORM = 4_096


def sign_in_page(_: House) -> Callable[..., Awaitable[None]]:
    """``GET /sign-in``: afterwards on to where the person wanted to go."""

    async def page(request: Request, to: str = "/", told: str = "") -> None:
        preferences = Preferences.of(request.session)
        dress(preferences)
        t = Words(preferences.language)
        ui.page_title(f"{t('sign.title')} · {t('app.name')}")
        with box("card sign"):
            text(t("app.name"), "h1")
            text(t("sign.lead"), "p", "soft")
            if told in _TOLD:
                text(t(f"sign.{told}"), "p", "notice ok" if told == "changed" else "notice no", role="alert")
            _form(t, own_path(to))
            with box("bar who"):
                switches(preferences, SIGN_IN)

    return page


def own_path(to: str) -> str:
    """A path of this console; anything that could lead elsewhere is the first page instead."""
    return to if to.startswith("/") and not to.startswith(("//", "/\\")) else "/"


def _form(t: Words, to: str) -> None:
    with box("stack", "form", method="post", action=SIGN_IN):
        box("", "input", type="hidden", name="to", value=to)
        for name, kind, known_as, needed in (
            ("username", "text", "username", {"required": "required"}),
            ("password", "password", "current-password", {"required": "required"}),
            # It stands here always: a second page for it would tell that the password was right.
            ("code", "text", "one-time-code", {}),
        ):
            with box("field"):
                text(t(f"sign.{name}"), "label", for_=name)
                box("", "input", type=kind, name=name, id=name, autocomplete=known_as, **needed)
        text(t("sign.in"), "button", "btn primary", type="submit")


def sign_in_act(house: House) -> Callable[..., Awaitable[RedirectResponse]]:
    """``POST /sign-in``: from our own page only, and into a browser id that was never used before."""

    async def act(request: Request) -> RedirectResponse:
        form = dict(parse_qsl((await request.body())[:_LONGEST_FORM].decode(errors="replace")))
        to = own_path(form.get("to", "/"))
        told = "refused"
        if request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none"):
            told = await _enter(house, request, form)
        way = f"{SIGN_IN}?{urlencode({'to': to, 'told': told})}" if told else to
        return RedirectResponse(way, status_code=303)

    return act


async def _enter(house: House, request: Request, form: dict[str, str]) -> str:
    """What is wrong, as the catalogue's key; empty when they are in."""
    username, password, code = (form.get(name, "") for name in ("username", "password", "code"))
    if not (username and password):
        return "both"
    try:
        address = request.client.host if request.client else ""
        session = await house.entrance.sign_in(username, password, code, address)
    except SignedOut:
        return "wrong"
    except Refused as error:
        return "often" if error.status == _TOO_OFTEN else "refused"
    except Away:
        return "away"
    # A browser id that somebody may have planted opens nothing.
    request.session["id"] = str(uuid4())
    house.sessions.put(request.session["id"], session)
    return ""

"""The frame around every page: desks, person, switches, and the door that shuts out whom a desk is not for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import httpx
from fastapi import Request
from fastapi.responses import RedirectResponse
from nicegui import ui

from console import moved_clocks, script, theme
from console.bench import SIGN_IN, Bench
from console.calls import Api
from console.desks import DESKS
from console.desks.desk import Desk, Draw
from console.desks.me import ME
from console.entrance import Entrance, Session, Sessions
from console.errors import Away, Refused, SignedOut
from console.kit import box, empty, link, text
from console.noticeboard import hang
from console.preferences import Preferences
from console.words import Words


@dataclass
class House:
    """What this process holds for everybody."""

    http: httpx.AsyncClient
    entrance: Entrance
    zone: ZoneInfo
    shop_name: str = ""
    development: bool = False
    sessions: Sessions = field(default_factory=Sessions)

    def session(self, request: Request) -> Session | None:
        """Whoever is signed in at this browser."""
        return self.sessions.of(str(request.session.get("id", "")))

    def bench(self, request: Request, session: Session) -> Bench:
        """Their place at a page."""
        api = Api(self.http, session.access_token)
        return Bench(session.staff, api, Preferences.of(request.session), self.zone, self.development)


def dress(preferences: Preferences) -> None:
    """Theme and script, on every page."""
    ui.add_head_html(f"<style>{theme.CSS}</style>")
    ui.add_head_html(script.head(preferences))
    ui.dark_mode(preferences.theme == "dark")


def page_of(house: House, desk: Desk, draw: Draw) -> Callable[..., Any]:
    """A page builder for one page of a desk; its path's parts are handed to ``draw``."""

    async def page(request: Request) -> RedirectResponse | None:
        session = house.session(request)
        if session is None:
            return RedirectResponse(f"{SIGN_IN}?to={quote(_here(request))}", status_code=303)
        if session.staff.owes and desk is not ME:
            return RedirectResponse(ME.route, status_code=303)
        bench = house.bench(request, session)
        with _frame(bench, house, request, desk):
            if desk.is_of(bench):
                await _drawn(bench, draw, request)
            else:
                empty(bench.t("app.not_yours"))
        return None

    return page


def _here(request: Request) -> str:
    # With its query: the filters of a list stand there, and whoever is sent a list has to come to it (R25).
    return f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path


async def _drawn(bench: Bench, draw: Draw, request: Request) -> None:
    try:
        await draw(bench, **request.path_params)
    except Refused as error:
        bench.tell(bench.refusal(error), "no")
        empty(bench.t("app.not_found"))
    except SignedOut:
        ui.navigate.to(f"{SIGN_IN}?told=ended")
    except Away:
        bench.line(bench.t("line.unknown"))


def first_page(house: House) -> Callable[..., Any]:
    """``/``: on to the first desk of this person's role."""

    async def page(request: Request) -> RedirectResponse | None:
        session = house.session(request)
        if session is None:
            return RedirectResponse(SIGN_IN, status_code=303)
        if session.staff.owes:
            return RedirectResponse(ME.route, status_code=303)
        bench = house.bench(request, session)
        if own := [desk for desk in DESKS if desk.is_of(bench)]:
            return RedirectResponse(own[0].route, status_code=303)
        with _frame(bench, house, request, None):
            role = bench.t.code("role", bench.staff.role)
            empty(bench.t("app.no_desk"), bench.t("app.no_desk_hint", role=role))
        return None

    return page


def _frame(bench: Bench, house: House, request: Request, at: Desk | None) -> ui.element:
    dress(bench.preferences)
    title = bench.t(f"desk.{at.name}") if at else bench.t("app.name")
    ui.page_title(f"{title} · {bench.t('app.name')}")
    with ui.header(fixed=False, wrap=False).classes("top"):
        link(bench.t("app.skip"), "#content", "skip")
        link(bench.t("app.name"), "/", "brand")
        _desks(bench, at)
        _person(bench, house, request)
    if not bench.staff.owes:
        hang(bench)
    content = box("page", id="content", tabindex="-1")
    with content:
        bench.furnish()
        moved_clocks.follow(bench)
    return content


def _desks(bench: Bench, at: Desk | None) -> None:
    with box("desks", "nav", aria_label=bench.t("app.desks")):
        for desk in DESKS:
            if not desk.is_of(bench) or bench.staff.owes:
                continue
            current = {"aria_current": "page"} if desk is at else {}
            with box("", "a", href=desk.route, **current):
                ui.icon(desk.icon).props("aria-hidden=true")
                text(bench.t(f"desk.{desk.name}"))


def _person(bench: Bench, house: House, request: Request) -> None:
    browser = str(request.session["id"])

    async def leave() -> None:
        session = house.sessions.drop(browser)
        if session is not None:
            await house.entrance.sign_out(session)
        ui.navigate.to(SIGN_IN)

    with box("who", "section", aria_label=bench.t("app.preferences")):
        who, mine = f"{bench.staff.id} · {bench.t.code('role', bench.staff.role)}", bench.t("desk.me")
        link(who, ME.route, "soft small id", title=mine, aria_label=f"{mine}: {who}")
        link(mine, ME.route, "narrow")
        switches(bench.preferences, _here(request))
        text(bench.t("sign.out"), "button", "flat", type="button").on("click", leave, js_handler="() => emit()")


def switches(preferences: Preferences, back: str) -> None:
    """Language, and light or dark; plain links, so that they work before anything else does."""
    t, way = Words(preferences.language), f"?back={quote(back)}"
    link(t("switch.language"), f"/preferences/language/{preferences.other_language()}{way}",
         aria_label=t("switch.language_label"))  # fmt: skip
    other = preferences.other_theme()
    link(t(f"switch.{other}"), f"/preferences/theme/{other}{way}")

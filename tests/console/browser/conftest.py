"""The desks in a real browser, before a real API with orders that move: one such shop for all these tests."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect, sync_playwright

from dev.time_door import open_door
from runtime.settings import Settings, child_environment
from store.pool import open_pool
from tests.api.caller import Caller
from tests.api.ground import outside_of, shop_at_work, shop_settings
from tests.console.browser.serve import PASSWORD
from tests.fixtures.postgres import Shelf
from tests.fixtures.temporal import connect, free_port, wait_for

Got = TypeVar("Got")
PATIENCE_MS = 30_000
"""So long a page may take on a machine that is busy with all the other tests; nothing waits longer than it must."""
expect.set_options(timeout=PATIENCE_MS)
SEEN_WITHIN_MS = 2_000
"""A change is to be seen within two seconds at every desk that shows it."""
CHROMIA = ("chromium-headless-shell", "chromium")
"""The first found is taken: without a window it costs less than half."""
SCREENS = Path(__file__).parents[3] / "build" / "screens"
WIDE, NARROW = ViewportSize(width=1280, height=860), ViewportSize(width=390, height=844)
_BEGINS_WITHIN_S, _ACT_WITHIN_S = 60, 30


@dataclass
class Shop:
    """The API with everything behind it, in a thread of its own; ``run`` asks it something."""

    settings: Settings
    caller: Caller = field(init=False)
    outside: httpx.AsyncClient = field(init=False)
    _loop: asyncio.AbstractEventLoop = field(init=False)
    _end: asyncio.Event = field(init=False)
    _begun: Future[None] = field(default_factory=Future)

    def run(self, ask: Callable[[Caller], Awaitable[Got]]) -> Got:
        """Do it in the shop's own loop."""

        async def asked() -> Got:
            return await ask(self.caller)

        return asyncio.run_coroutine_threadsafe(asked(), self._loop).result(_ACT_WITHIN_S)

    def goes_wrong(self, party: str, kind: str, count: int) -> None:
        """The next ``count`` requests of a simulated party suffer that fault; 0 mends it."""
        fault = {"party": party, "kind": kind, "count": count}
        answer = self.run(lambda _: self.outside.post("/control/faults", json=fault))
        assert answer.status_code == 200, answer.text

    def live(self) -> None:
        """The thread's whole life."""
        try:
            asyncio.run(self._live())
        except BaseException as error:
            if not self._begun.done():
                self._begun.set_exception(error)
            raise

    async def _live(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        async with AsyncExitStack() as stack:
            pool = await stack.enter_async_context(open_pool(self.settings.database_url, min_size=1, max_size=16))
            temporal = await connect(self.settings.temporal_address)
            self.outside = await stack.enter_async_context(outside_of(self.settings))
            self.caller = await stack.enter_async_context(shop_at_work(self.settings, temporal, pool, self.outside))
            open_door(self.caller.app, self.settings)
            await self.caller.stock_up(TEA=5_000, CUP=5_000)
            config = uvicorn.Config(self.caller.app, port=self.settings.api_port, lifespan="off", log_level="warning")
            server = uvicorn.Server(config)
            serving = asyncio.create_task(server.serve())
            self._begun.set_result(None)
            await self._end.wait()
            server.should_exit = True
            await serving
            async for running in temporal.list_workflows("ExecutionStatus = 'Running'"):
                await temporal.get_workflow_handle(running.id).terminate("the tests have ended")

    def begun(self) -> None:
        """Wait until it serves."""
        self._begun.result(_BEGINS_WITHIN_S)

    def end(self) -> None:
        """Let it end."""
        self._loop.call_soon_threadsafe(self._end.set)


@dataclass
class Desks:
    """The console, and browsers before it."""

    shop: Shop
    address: str
    browser: Browser
    _idle: list[BrowserContext] = field(default_factory=list, init=False)

    @contextmanager
    def at(
        self, role: str, path: str = "/", *, narrow: bool = False, language: str = "en", theme: str = "light"
    ) -> Iterator[Page]:
        """A browser of its own, at which somebody of that role (ROLE or ROLE/STAFF-ID) has signed in.

        The form is sent without drawing its page, which is what tests/console/browser/test_sign_in.py is about.
        """
        context = self._idle.pop() if self._idle else self._new_context()
        for name, choice in (("language", language), ("theme", theme)):
            context.request.get(f"/preferences/{name}/{choice}?back=/healthz")
        form: dict[str, str | float | bool] = {"username": role, "password": PASSWORD, "to": path}
        answer = context.request.post("/sign-in", form=form, max_redirects=0)
        page = context.new_page()
        page.set_viewport_size(NARROW if narrow else WIDE)
        page.goto(answer.headers["location"])
        assert "/sign-in" not in page.url
        ready(page)
        yield page
        for opened in context.pages:
            opened.close()
        context.clear_cookies()
        self._idle.append(context)

    def _new_context(self) -> BrowserContext:
        context = self.browser.new_context(viewport=WIDE, base_url=self.address)
        context.set_default_timeout(PATIENCE_MS)
        return context


def ready(page: Page) -> None:
    """Wait until the page hears what is done on it."""
    page.wait_for_selector("#content")
    page.wait_for_function("window.did_handshake")


def shot(page: Page, name: str) -> None:
    """Keep what the page looks like now as a build output."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENS / f"{name}.png")


@pytest.fixture(scope="package")
def console_shop(database_shelf: Shelf, temporal_address: str, tmp_path_factory: Any) -> Iterator[Shop]:
    """The shop behind the desks."""
    if not _chromium():
        pytest.skip(f"LOUD: there is none of {', '.join(CHROMIA)}, so the desks were NOT tested in a browser")
    database_url = database_shelf.take()
    settings = shop_settings(database_url, tmp_path_factory.mktemp("console"))
    changes = {"temporal_address": temporal_address, "workflow_sandbox": False, "api_port": free_port()}
    shop = Shop(settings.model_copy(update=changes))
    thread = threading.Thread(target=shop.live, daemon=True)
    thread.start()
    shop.begun()
    yield shop
    shop.end()
    thread.join(_ACT_WITHIN_S)
    database_shelf.put_back(database_url)


@pytest.fixture(scope="package")
def desks(console_shop: Shop) -> Iterator[Desks]:
    """The console as a process of its own, and a browser."""
    with ExitStack() as stack:
        address = stack.enter_context(console_of(console_shop.settings))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=_chromium(), args=["--no-sandbox"])
        stack.callback(browser.close)
        yield Desks(console_shop, address, browser)


def _chromium() -> str | None:
    return next(filter(None, map(shutil.which, CHROMIA)), None)


@contextmanager
def console_of(settings: Settings, *program: str) -> Iterator[str]:
    """A console before the API of these settings, for the length of a with block; gives its address.

    ``program`` is what serves it, the port as its last word; left out, it is that of these tests.
    """
    port = free_port()
    environment = {"data_dir": str(settings.data_dir), "api_port": str(settings.api_port)}
    command = [sys.executable, "-m", *(program or ("tests.console.browser.serve",)), str(port)]
    process = subprocess.Popen(command, env=child_environment(environment))
    try:
        wait_for(port, process, _BEGINS_WITHIN_S)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(_ACT_WITHIN_S)

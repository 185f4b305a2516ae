"""Logs: events with ids, never a person (R21)."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import structlog

from runtime import log
from runtime.settings import load_settings

Written: TypeAlias = Callable[..., str]
Said: TypeAlias = Callable[[Callable[[], object]], list[dict[str, Any]]]


@pytest.fixture
def written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Written]:
    """Runs something with logging configured as a process would, and gives what it logged."""
    root = logging.getLogger()
    level = root.level

    def listen(act: Callable[[], object], log_format: str = "json") -> str:
        # pytest's own handlers are taken away, not closed, which ``configure`` would do.
        root.handlers = []
        log.configure(load_settings(data_dir=tmp_path, log_format=log_format))
        act()
        out, error = capsys.readouterr()
        assert out == "", "logs must leave standard output to data"
        return error

    yield listen
    root.handlers = []
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
def said(written: Written) -> Said:
    """The same as events, one for each line of JSON."""
    return lambda act: [json.loads(line) for line in written(act).splitlines()]


@pytest.mark.parametrize("key", ["name", "phone", "address", "remark", "street", "email", "Phone"])
def test_a_personal_field_is_withheld(said: Said, key: str) -> None:
    (entry,) = said(lambda: _log().info("order_released", order_no="site-1", **{key: "王小明 13800000000"}))
    assert entry[key] == log.WITHHELD
    assert (entry["event"], entry["order_no"]) == ("order_released", "site-1")


def test_a_personal_field_is_withheld_however_deep_it_lies(said: Said) -> None:
    (entry,) = said(lambda: _log().info("released", parcels=[{"parcel_no": "p-1", "to": {"phone": "13800000000"}}]))
    assert entry["parcels"] == [{"parcel_no": "p-1", "to": {"phone": log.WITHHELD}}]


def test_libraries_are_heard_in_the_same_format_and_their_extras_are_withheld_too(said: Said) -> None:
    extra = {"phone": "13800000000", "task_queue": "orders"}
    (entry,) = said(lambda: logging.getLogger("temporalio.worker").warning("slow %s", "task", extra=extra))
    assert (entry["event"], entry["logger"], entry["task_queue"]) == ("slow task", "temporalio.worker", "orders")
    assert entry["phone"] == log.WITHHELD


def test_what_is_bound_to_the_context_is_in_every_event(said: Said) -> None:
    with structlog.contextvars.bound_contextvars(request_id="r-1"):
        (entry,) = said(lambda: _log().info("asked"))
    assert entry["request_id"] == "r-1"


def test_http_clients_do_not_tell_the_addresses_they_ask(said: Said) -> None:
    assert said(lambda: logging.getLogger("httpx").info("HTTP Request: GET http://x/?phone=13800000000")) == []


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_a_traceback_shows_where_but_no_local_variable(written: Written, log_format: str) -> None:
    def fail() -> None:
        called_at_home = "138" + "00000000"
        try:
            raise LookupError(str(len(called_at_home)))
        except LookupError:
            _log().exception("label_failed")

    text = written(fail, log_format)
    assert "LookupError" in text
    assert "test_log.py" in text
    assert "13800000000" not in text


def _log() -> structlog.stdlib.BoundLogger:
    logger: structlog.stdlib.BoundLogger = structlog.get_logger("t")
    return logger

"""``up`` as a process: signals, exit codes, and no orphan however it ends."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, TypeAlias

import psutil
import pytest

from tests.dev_stack.conftest import is_alive, until
from tests.fixtures.temporal import free_port

PROJECT = Path(__file__).parents[2]

Up: TypeAlias = subprocess.Popen[str]
StartUp: TypeAlias = Callable[..., Up]


@pytest.fixture
def start_up(tmp_path: Path) -> Iterator[StartUp]:
    running: list[Up] = []

    def start(*words: str, port: int | None = None) -> Up:
        running.append(
            subprocess.Popen(
                [sys.executable, "-m", "tests.dev_stack.tiny_up", str(tmp_path), str(port or free_port()), *words],
                cwd=PROJECT,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.communicate()


def read_until(stream: IO[str] | None, word: str) -> str:
    """What the process printed up to and with the line that holds this word."""
    assert stream is not None
    seen = ""
    for line in stream:
        seen += line
        if word in line:
            return seen
    raise AssertionError(f"{word} never came; seen: {seen}")


def child_of(process: Up) -> int:
    (child,) = psutil.Process(process.pid).children()
    return child.pid


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_being_told_to_end_ends_every_part_and_is_no_failure(start_up: StartUp, ending: signal.Signals) -> None:
    process = start_up()
    read_until(process.stdout, "welcome")
    child = child_of(process)
    process.send_signal(ending)
    process.send_signal(ending)
    assert process.wait(timeout=20) == 0
    assert not is_alive(child)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a child hear of its parent's death")
async def test_when_the_supervisor_is_killed_its_parts_die_with_it(start_up: StartUp) -> None:
    process = start_up()
    read_until(process.stdout, "welcome")
    child = child_of(process)
    process.kill()
    await until(lambda: not is_alive(child), within=10)


def test_the_parts_are_said_in_plain_lines_where_there_is_no_terminal(start_up: StartUp) -> None:
    process = start_up()
    said = read_until(process.stdout, "welcome")
    assert re.search(r"web +starting", said)
    assert re.search(r"web +ready +http://127\.0\.0\.1:\d+ pid \d+", said)


def test_with_exit_the_errands_code_comes_out_after_everything_has_stopped(start_up: StartUp) -> None:
    process = start_up("exit")
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 5
    assert re.search(r"web +stopped", out)


def test_an_errand_that_breaks_is_a_failure_and_leaves_no_part_behind(start_up: StartUp) -> None:
    process = start_up("fail")
    out, error = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "the demo broke" in error
    assert re.search(r"web +stopped", out)


def test_an_errand_that_was_broken_off_has_not_succeeded(start_up: StartUp) -> None:
    process = start_up("exit", "long")
    read_until(process.stdout, "welcome")
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=20) == 130


def test_a_second_up_is_refused_with_exit_code_4_and_disturbs_nothing(start_up: StartUp) -> None:
    first = start_up()
    read_until(first.stdout, "welcome")
    second = start_up()
    _, error = second.communicate(timeout=20)
    assert second.returncode == 4
    assert f"as process {first.pid}" in error
    assert first.poll() is None
    assert is_alive(child_of(first))


def test_a_taken_port_is_refused_with_exit_code_3_and_nothing_was_started(start_up: StartUp, tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        process = start_up(port=other.getsockname()[1])
        _, error = process.communicate(timeout=20)
    assert process.returncode == 3
    assert "ORDERFLOW_WEB_PORT" in error
    assert not (tmp_path / "logs").exists()

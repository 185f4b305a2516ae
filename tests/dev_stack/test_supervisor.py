"""The supervisor keeps its parts alive and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from dev.stack.errors import PartFailed
from dev.stack.part import PartState
from dev.stack.supervisor import Keeping, pause_before_restart
from tests.dev_stack.conftest import StackMaker, is_alive, pid_of, program, until, web_server

_SLEEP = "import time; time.sleep(600)"


async def test_parts_start_in_order_and_end_in_reverse(stack: StackMaker) -> None:
    seen: list[tuple[str, PartState]] = []

    def note(kept: Keeping) -> None:
        seen.append((kept.part.name, kept.state))

    supervisor = stack(web_server("first"), web_server("second"), on_change=note)
    await supervisor.start()
    assert seen == [
        ("first", PartState.STARTING),
        ("first", PartState.READY),
        ("second", PartState.STARTING),
        ("second", PartState.READY),
    ]
    seen.clear()
    await supervisor.stop()
    assert [name for name, state in seen if state is PartState.STOPPED] == ["second", "first"]


async def test_a_part_killed_with_signal_9_comes_back_and_answers_again(stack: StackMaker) -> None:
    supervisor = stack(web_server("worker"))
    await supervisor.start()
    kept = supervisor.table[0]
    first = pid_of(kept)
    os.kill(first, signal.SIGKILL)
    await until(lambda: kept.restarts == 1 and kept.state is PartState.READY)
    assert pid_of(kept) != first
    assert await kept.part.ready()


async def test_a_part_that_dies_again_and_again_is_started_again_and_again(
    stack: StackMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dev.stack.supervisor._FIRST_PAUSE", timedelta(milliseconds=1))
    supervisor = stack(program("moody", "raise SystemExit(7)"))
    await supervisor.start()
    await until(lambda: supervisor.table[0].restarts >= 3)


def test_pauses_between_restarts_double_up_to_ten_seconds_and_are_short_again_after_a_steady_life() -> None:
    pauses: list[float] = []
    pause: timedelta | None = None
    for _ in range(7):
        pause = pause_before_restart(pause, lived=timedelta(seconds=1))
        pauses.append(pause.total_seconds())
    assert pauses == [0.5, 1, 2, 4, 8, 10, 10]
    assert pause_before_restart(pause, lived=timedelta(minutes=5)) == timedelta(milliseconds=500)


async def test_stopping_leaves_no_process_behind_also_no_grandchild(stack: StackMaker, tmp_path: Path) -> None:
    family = (
        "import os, subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, '-c', {_SLEEP!r}])\n"
        "open(sys.argv[1], 'w').write(str(child.pid))\n"
        "time.sleep(600)"
    )
    note = tmp_path / "grandchild"
    parent = program("parent", family)
    supervisor = stack(web_server("web"), replace(parent, command=(*parent.command, str(note))))
    await supervisor.start()
    await until(lambda: note.exists() and note.read_text() != "")
    pids = [pid_of(kept) for kept in supervisor.table] + [int(note.read_text())]
    assert all(is_alive(pid) for pid in pids)
    await supervisor.stop()
    await until(lambda: not any(is_alive(pid) for pid in pids), within=5)


async def test_a_part_that_ignores_the_request_to_end_is_killed(stack: StackMaker) -> None:
    deaf = (
        "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('deaf', flush=True)\ntime.sleep(600)"
    )
    supervisor = stack(program("deaf", deaf, stop_within=timedelta(milliseconds=200)))
    await supervisor.start()
    kept = supervisor.table[0]
    await until(lambda: "deaf" in kept.log.read_text())
    pid = pid_of(kept)
    await supervisor.stop()
    assert not is_alive(pid)


async def test_a_part_that_ends_while_starting_is_named_with_the_end_of_its_log(stack: StackMaker) -> None:
    supervisor = stack(
        web_server("broken", command=(sys.executable, "-c", "print('no disk left'); raise SystemExit(3)")),
        web_server("never"),
    )
    with pytest.raises(PartFailed, match=r"broken ended with exit code 3 while starting(.|\n)*no disk left"):
        await supervisor.start()
    assert supervisor.table[1].process is None


async def test_a_part_that_never_answers_is_given_up_in_time(stack: StackMaker) -> None:
    supervisor = stack(
        web_server("silent", command=(sys.executable, "-c", _SLEEP), ready_within=timedelta(milliseconds=300))
    )
    with pytest.raises(PartFailed, match=r"silent did not answer within"):
        await supervisor.start()


async def test_a_part_that_runs_once_is_awaited_and_not_started_again(stack: StackMaker, tmp_path: Path) -> None:
    done = tmp_path / "done"
    supervisor = stack(program("migrate", f"open({str(done)!r}, 'a').write('x')", once=True), web_server("after"))
    await supervisor.start()
    assert done.read_text() == "x"
    assert [kept.state for kept in supervisor.table] == [PartState.DONE, PartState.READY]
    assert supervisor.table[0].restarts == 0


async def test_a_part_that_runs_once_and_fails_stops_the_start(stack: StackMaker) -> None:
    supervisor = stack(program("migrate", "raise SystemExit(1)", once=True), web_server("after"))
    with pytest.raises(PartFailed, match="migrate ended with exit code 1"):
        await supervisor.start()
    assert supervisor.table[1].process is None


async def test_parts_see_their_own_environment_and_the_common_one(stack: StackMaker) -> None:
    supervisor = stack(
        program(
            "curious", "import os; print(os.environ['OWN'], os.environ['PATH'])", once=True, environment={"OWN": "1"}
        )
    )
    await supervisor.start()
    assert supervisor.table[0].log.read_text().strip() == f"1 {os.defpath}"

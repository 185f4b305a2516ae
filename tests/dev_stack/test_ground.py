"""Before anything starts: ports and the data directory are looked at, and the trouble is said plainly."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from dev.stack.errors import AlreadyRunning, PortsTaken
from dev.stack.ground import check_ports, sole_use
from dev.stack.part import Listen
from tests.dev_stack.conftest import program, web_server
from tests.fixtures.temporal import free_port


def test_a_taken_port_is_named_with_its_part_and_the_setting_that_moves_it() -> None:
    part = web_server("api")
    port = part.listens[0].port
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        with pytest.raises(PortsTaken) as taken:
            check_ports([web_server("free"), part])
    assert str(taken.value) == (
        f"Port {port}, which api needs, is taken by another program. Choose another with ORDERFLOW_API_PORT=PORT."
    )
    assert taken.value.exit_code == 3


def test_every_taken_port_is_named_at_once() -> None:
    parts = [web_server("api"), web_server("simulators")]
    with socket.socket() as one, socket.socket() as two:
        for held, part in zip((one, two), parts, strict=True):
            held.bind(("127.0.0.1", part.listens[0].port))
            held.listen()
        with pytest.raises(PortsTaken, match=r"which api needs(.|\n)*which simulators needs"):
            check_ports(parts)


def test_two_parts_given_the_same_port_are_told_apart() -> None:
    port = free_port()
    parts = [program(name, "", listens=(Listen(port, f"ORDERFLOW_{name}_PORT"),)) for name in ("A", "B")]
    with pytest.raises(PortsTaken, match=f"Port {port}, which B needs, is given to A already"):
        check_ports(parts)


def test_free_ports_are_no_trouble() -> None:
    check_ports([web_server("api"), program("worker", "")])


def test_a_second_up_on_the_same_data_is_refused_naming_the_first(tmp_path: Path) -> None:
    with (
        sole_use(tmp_path),
        pytest.raises(AlreadyRunning, match=f"as process {os.getpid()}") as refused,
        sole_use(tmp_path),
    ):
        pytest.fail("two at once")
    assert refused.value.exit_code == 4


def test_the_data_is_free_again_after_the_first_up_has_ended(tmp_path: Path) -> None:
    for _ in range(2):
        with sole_use(tmp_path):
            assert (tmp_path / "up.lock").read_text() == str(os.getpid())

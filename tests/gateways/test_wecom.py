"""The WeCom group robot: its message, its errcodes in 200 answers, and the simulated one over HTTP."""

from __future__ import annotations

import json

import pytest

from gateways.errors import Refused, Unavailable
from gateways.wecom import LONGEST_BYTES, GroupRobot, cut
from tests.gateways.conftest import Outside
from tests.gateways.wire import Wire, says

BASE = "http://robot.test"


async def test_a_message_goes_out_as_the_robot_reads_it() -> None:
    wire = Wire(says(200, {"errcode": 0, "errmsg": "ok"}))
    await GroupRobot(wire.client, BASE, "k-1").post("**緊急** 停電")
    assert str(wire.last.url) == "http://robot.test/cgi-bin/webhook/send?key=k-1"
    assert json.loads(wire.last.content) == {"msgtype": "markdown", "markdown": {"content": "**緊急** 停電"}}


@pytest.mark.parametrize(("code", "error"), [(93000, Refused), (40058, Refused), (-1, Unavailable)])
async def test_a_refusal_comes_as_200_and_is_none_the_less_one(code: int, error: type[Exception]) -> None:
    wire = Wire(says(200, {"errcode": code, "errmsg": "no"}))
    with pytest.raises(error, match=f"wecom: {code}"):
        await GroupRobot(wire.client, BASE, "secret-key").post("x")


async def test_too_many_messages_are_tried_again_after_a_minute_and_the_key_is_in_no_error() -> None:
    wire = Wire(says(200, {"errcode": 45009}), says(502))
    robot = GroupRobot(wire.client, BASE, "secret-key")
    with pytest.raises(Unavailable) as busy:
        await robot.post("x")
    assert busy.value.retry_after is not None
    assert busy.value.retry_after.total_seconds() == 60
    with pytest.raises(Unavailable) as broken:
        await robot.post("x")
    assert "secret-key" not in f"{busy.value}{broken.value}{broken.value.__cause__}"


def test_a_long_message_is_cut_between_signs() -> None:
    assert cut("短") == "短"
    long = cut("停" * 2_000)
    assert len(long.encode()) <= LONGEST_BYTES
    assert long.endswith("停…")


async def test_the_simulated_robot_takes_twenty_a_minute_and_only_with_its_key(outside: Outside) -> None:
    robot = GroupRobot(outside.client, "http://outside/wecom", "robot-key")
    with pytest.raises(Refused, match="93000"):
        await GroupRobot(outside.client, "http://outside/wecom", "guess").post("x")
    for number in range(20):
        await robot.post(f"message {number}")
    with pytest.raises(Unavailable, match="45009"):
        await GroupRobot(outside.client, "http://outside/wecom", "robot-key").post("from another worker")
    said = (await outside.client.get("http://outside/control/wecom/messages")).json()
    assert [one["content"] for one in said][:2] == ["message 0", "message 1"]
    assert len(said) == 20


async def test_the_twenty_first_message_of_a_minute_is_not_even_sent() -> None:
    now = 0.0
    wire = Wire(*(says(200, {"errcode": 0}) for _ in range(21)))
    robot = GroupRobot(wire.client, BASE, "k", clock=lambda: now)
    for _ in range(20):
        await robot.post("x")
    now = 59.0
    with pytest.raises(Unavailable, match="twenty_a_minute") as full:
        await robot.post("x")
    assert full.value.retry_after is not None
    assert full.value.retry_after.total_seconds() == 1
    assert len(wire.asked) == 20
    now = 60.0
    await robot.post("x")

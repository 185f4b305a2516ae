"""What an answer means, whoever gives it."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest

from gateways.errors import GatewayError, Refused, Unavailable
from gateways.http import ask, json_object, retry_after, safe_code, segment
from tests.gateways.wire import Wire, says

SECRET_URL = "http://party/path?token=do-not-show"


async def _ask(wire: Wire) -> httpx.Response:
    return await ask(wire.client, "party", httpx.Request("POST", SECRET_URL))


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
async def test_an_answer_that_may_change_is_worth_asking_again(status: int) -> None:
    with pytest.raises(Unavailable) as caught:
        await _ask(Wire(says(status)))
    assert (caught.value.code, caught.value.status) == (f"http_{status}", status)


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 409, 410, 422])
async def test_a_refusal_is_not_worth_asking_again(status: int) -> None:
    with pytest.raises(Refused) as caught:
        await _ask(Wire(says(status)))
    assert caught.value.status == status


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (httpx.ConnectError("no route"), "connection"),
        (httpx.RemoteProtocolError("cut"), "connection"),
        (httpx.ReadError("reset"), "connection"),
        (httpx.ReadTimeout("late"), "timeout"),
        (httpx.ConnectTimeout("late"), "timeout"),
    ],
)
async def test_a_broken_line_is_worth_asking_again(broken: Exception, code: str) -> None:
    with pytest.raises(Unavailable) as caught:
        await _ask(Wire(broken))
    assert caught.value.code == code


async def test_an_error_shows_neither_body_nor_address_nor_cause() -> None:
    for answer in (says(400, {"buyer": "Test Person"}), httpx.ReadTimeout(SECRET_URL)):
        with pytest.raises(GatewayError) as caught:
            await _ask(Wire(answer))
        assert re.search("Test Person|do-not-show|path", str(caught.value)) is None
        assert caught.value.__suppress_context__ or caught.value.__context__ is None


async def test_the_party_says_how_long_to_wait() -> None:
    with pytest.raises(Unavailable) as caught:
        await _ask(Wire(says(429, **{"Retry-After": "2.0"})))
    assert caught.value.retry_after == timedelta(seconds=2)


@pytest.mark.parametrize("nonsense", ["soon", "nan", "inf", ""])
def test_a_waiting_time_that_cannot_be_read_is_none(nonsense: str) -> None:
    assert retry_after(says(503, **{"Retry-After": nonsense})) is None


def test_a_waiting_time_may_be_a_date_and_is_never_negative() -> None:
    past = retry_after(says(503, **{"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}))
    future = retry_after(says(503, **{"Retry-After": "Wed, 21 Oct 2099 07:28:00 GMT"}))
    assert past == timedelta(0)
    assert future is not None
    assert future > timedelta(days=365)


@pytest.mark.parametrize("body", [b"<html>proxy</html>", b"[1]", b"", b"\xff\xfe"])
def test_an_answer_of_the_wrong_shape_is_not_the_partys_word(body: bytes) -> None:
    with pytest.raises(Unavailable, match="unreadable_answer"):
        json_object("party", httpx.Response(200, content=body))


def test_a_sentence_is_no_code() -> None:
    assert safe_code("charge_already_refunded") == "charge_already_refunded"
    assert safe_code("No such customer: Test Person") is None
    assert safe_code(None) is None


def test_a_reference_cannot_name_another_resource() -> None:
    assert segment("pi_1/../../refunds?x=1") == "pi_1%2F..%2F..%2Frefunds%3Fx%3D1"

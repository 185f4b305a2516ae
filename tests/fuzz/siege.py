"""Requests made from the API's own description, good and bad ones, by everybody; and what must not come back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import requests
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from domain.permissions import Permission, Role, may
from tests.api.caller import PERSONAL
from tests.api.test_doors import doors
from tests.fuzz.fortress import APP_ONLY, Fortress

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
)
ENDLESS = {"/v1/events"}
"""A stream that ends after minutes is not asked a thousand times; tests/api/test_events.py looks after it."""
REMARK = "虛構花盆"
"""Of the buyer's remark: whoever sees buyers masked reads it, with numbers hidden."""
MAY_SHOW_A_PERSON = {Permission.CONTACT_REVEAL, Permission.LABEL_PRINT}


@dataclass(frozen=True)
class Defect:
    """An answer that must not be."""

    door: str
    who: str
    status: int
    what: str
    sent: str = field(compare=False)
    """The first request that was answered so."""

    def __str__(self) -> str:
        return f"{self.door} as {self.who}: {self.status} {self.what}\n    {self.sent}"


@dataclass
class Siege:
    """``permissions`` of each door; ``defects`` and ``answers`` (door, status) grow."""

    fortress: Fortress
    permissions: Mapping[str, Permission | None]
    defects: set[Defect] = field(default_factory=set)
    answers: set[tuple[str, int]] = field(default_factory=set)

    def fire(self, door: str, case: Case[Any], who: str, request: httpx.Request) -> None:
        """Send one request and look at its answer."""
        answer = self.fortress.ask(request)
        self.answers.add((door, answer.status_code))
        sent = f"{request.url} {request.content[:2_000]!r}"
        for what in (*_against_the_description(case, answer), *self._against_the_table(door, who, answer)):
            self.defects.add(Defect(door, who, answer.status_code, what, sent))

    def _against_the_table(self, door: str, who: str, answer: httpx.Response) -> Iterator[str]:
        permission = self.permissions[door]
        if permission is None:
            return
        if answer.is_success and not _may(who, permission):
            yield f"let in without {permission}"
        hidden = PERSONAL if not _may(who, Permission.CONTACT_MASKED) else [text for text in PERSONAL if text != REMARK]
        if permission not in MAY_SHOW_A_PERSON and any(text in answer.text for text in hidden):
            yield "shows a person"


def permissions_of(app: FastAPI) -> Mapping[str, Permission | None]:
    """What each door asks for; None where it asks for no permission."""
    return {f"{method} {path}": lock.permission for method, path, [lock] in doors(app)}


def besiege(fortress: Fortress, examples: int, only: str = "") -> Siege:
    """So many good and so many bad requests to every door whose name holds ``only``; the same ones each time."""
    siege = Siege(fortress, permissions_of(fortress.caller.app))
    schema = schemathesis.openapi.from_dict(fortress.caller.app.openapi())
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        operation = found.ok()
        if operation.path not in ENDLESS and only in _door(operation):
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                _storm(siege, operation, mode, examples)
    return siege


def _door(operation: Any) -> str:
    return f"{operation.method.upper()} {operation.path}"


def _storm(siege: Siege, operation: Any, mode: GenerationMode, examples: int) -> None:
    door = _door(operation)
    permission = siege.permissions[door]
    welcome = [who for who in siege.fortress.callers if permission is None or _may(who, permission)]

    @settings(
        max_examples=examples, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(
        case=operation.as_strategy(generation_mode=mode),
        who=st.one_of(st.sampled_from(sorted(welcome)), st.sampled_from(sorted(siege.fortress.callers))),
        data=st.data(),
    )
    def shoot(case: Case[Any], who: str, data: st.DataObject) -> None:
        for name, values in siege.fortress.things.items():
            if name in (case.path_parameters or {}) and data.draw(st.integers(0, 3)):
                case.path_parameters[name] = data.draw(st.sampled_from(values))
        request = _request(case, siege.fortress.callers[who])
        if request is not None:
            siege.fire(door, case, who, request)

    try:
        shoot()
    except Unsatisfiable:
        # Nothing about such a door can be wrong: it takes no parameter and no body.
        return


def _request(case: Case[Any], headers: Mapping[str, str]) -> httpx.Request | None:
    """The case as bytes on the line; None for one that no client could send."""
    parts = case.as_transport_kwargs("http://shop.test")
    own = {name: value for name, value in (parts.pop("headers", None) or {}).items() if name.lower() != "authorization"}
    known = ("method", "url", "params", "data", "json", "files", "cookies")
    try:
        made = requests.Request(headers=own | dict(headers), **{name: parts[name] for name in known if name in parts})
        ready = made.prepare()
    except (ValueError, requests.RequestException):
        return None
    body = ready.body.encode("utf-8", "surrogatepass") if isinstance(ready.body, str) else ready.body
    assert body is None or isinstance(body, bytes), "a body is sent whole"
    lines = [(_bytes(name), _bytes(value)) for name, value in ready.headers.items()]
    return httpx.Request(str(ready.method), str(ready.url), headers=lines, content=body)


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("latin-1", "replace")


def _against_the_description(case: Case[Any], answer: httpx.Response) -> Sequence[str]:
    try:
        case.validate_response(answer, checks=list(CHECKS))
    except FailureGroup as group:
        return [f"{failure.title}: {failure.message}" for failure in group.exceptions]
    except Failure as failure:
        return [f"{failure.title}: {failure.message}"]
    return []


def _may(who: str, permission: Permission) -> bool:
    return may(Role.INTEGRATOR if who == APP_ONLY else who, permission)

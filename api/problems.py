"""Errors as RFC 9457 problem+json, every one of them.

Problem
├── Faulty              422  the request is wrong; every faulty field is named
├── NotSignedIn         401  no token, or a bad one
├── BadSignature        401  a webhook whose signature does not hold
├── Forbidden           403  the role lacks the permission
├── NotThere            404
├── Conflicting         409  the order's state forbids it, or other content stands under that name
├── KeyReused           422  the Idempotency-Key was used with another request
├── TooMany             429  asked too often: Retry-After says when to come back
├── Away                503  Temporal or the database cannot be reached; ask again
└── NoAnswer            504  Temporal may have done it: look before asking again
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from math import ceil
from typing import Any, ClassVar, TypeAlias

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from domain.intake import Fault
from models.faults import faults_of

MEDIA_TYPE = "application/problem+json"
log = structlog.get_logger(__name__)

Responses: TypeAlias = dict[int | str, dict[str, Any]]
"""What a door can answer, as FastAPI documents it."""


class FaultView(BaseModel):
    """One faulty field."""

    field: str = Field(examples=["lines.0.sku"])
    problem: str = Field(examples=["is missing"])


class ProblemView(BaseModel):
    """RFC 9457. ``instance`` is the request's path; ``faults`` names every faulty field at once."""

    type: str = Field(examples=["urn:orderflow:problem:faulty-request"])
    title: str = Field(examples=["The request is faulty"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["2 fields are faulty"])
    instance: str = Field(examples=["/v1/orders"])
    faults: list[FaultView] = Field(default_factory=list)


class Problem(Exception):
    """A refusal with a status. ``detail`` is for people and holds no personal data (R21)."""

    status: ClassVar[int] = 500
    slug: ClassVar[str] = "internal"
    title: ClassVar[str] = "Something went wrong here"
    open_outcome = False
    """Whether what was asked for may have been done all the same: then nothing that belongs to it may be undone."""

    def __init__(
        self, detail: str, *, faults: Sequence[Fault] = (), headers: Mapping[str, str] | None = None, slug: str = ""
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.faults = tuple(faults)
        self.headers = dict(headers or {})
        self.kind = slug or self.slug


class Faulty(Problem):
    """The request is wrong in the named fields (R2)."""

    status, slug, title = 422, "faulty-request", "The request is faulty"

    def __init__(self, faults: Sequence[Fault], detail: str = "") -> None:
        number = len(faults)
        super().__init__(detail or f"{number} field{' is' if number == 1 else 's are'} faulty", faults=faults)


class NotSignedIn(Problem):
    """No bearer token, or one that does not hold."""

    status, slug, title = 401, "not-signed-in", "Sign in first"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": "Bearer"})


class BadSignature(Problem):
    """The signature does not fit the body: nothing was stored."""

    status, slug, title = 401, "bad-signature", "The signature does not hold"


class Forbidden(Problem):
    """The role does not carry the permission (R22)."""

    status, slug, title = 403, "not-allowed", "Not allowed"


class NotThere(Problem):
    """No such thing."""

    status, slug, title = 404, "not-found", "Not found"


class Conflicting(Problem):
    """In order as a request, but not now or not here."""

    status, slug, title = 409, "conflict", "Not possible as things stand"


class KeyReused(Problem):
    """The Idempotency-Key already stands for another request."""

    status, slug, title = 422, "idempotency-key-reused", "This Idempotency-Key was used for another request"

    def __init__(self) -> None:
        detail = "use a new key for a new request; the same key only repeats the same request"
        super().__init__(detail, faults=[Fault("header.Idempotency-Key", "was used with another request")])


class Unprocessable(Problem):
    """A rule of the shop forbids it for what the order is (R19, R23)."""

    status, slug, title = 422, "rule-broken", "A rule forbids it"


class TooLarge(Problem):
    """The body is larger than any message of ours or of a provider's."""

    status, slug, title = 413, "too-large", "The body is too large"


class TooMany(Problem):
    """Asked too often; asking again helps after ``again_in``."""

    status, slug, title = 429, "too-many-requests", "Asked too often"

    def __init__(self, detail: str, again_in: timedelta, headers: Mapping[str, str] | None = None) -> None:
        seconds = str(max(1, ceil(again_in.total_seconds())))
        super().__init__(detail, headers={**(headers or {}), "Retry-After": seconds})


class TooDeep(Problem):
    """JSON that is nested deeper, or holds more values, than any message of ours."""

    status, slug, title = 422, "too-deep", "The JSON is too deep or too wide"


class Away(Problem):
    """A part that is needed cannot be reached; asking again with the same key is safe.

    With an ``open_outcome`` it may have been reached, and only its answer was lost.
    """

    status, slug, title = 503, "away", "Not reachable at the moment"

    def __init__(self, detail: str, *, open_outcome: bool = False) -> None:
        super().__init__(detail, headers={"Retry-After": "2"})
        self.open_outcome = open_outcome


class NoAnswer(Problem):
    """It was asked for and is on record, and nobody said whether it was done: look before asking again."""

    status, slug, title = 504, "no-answer", "No answer came"


def answer_with(problem: Problem, path: str) -> JSONResponse:
    """The problem as a response to a request of that path."""
    return problem_response(
        path, problem.status, problem.title, problem.detail,
        kind=problem.kind, faults=problem.faults, headers=problem.headers,
    )  # fmt: skip


def problem_response(
    path: str, status: int, title: str, detail: str,
    *, kind: str, faults: Sequence[Fault] = (), headers: Mapping[str, str] | None = None,
) -> JSONResponse:  # fmt: skip
    """Any refusal as problem+json."""
    view = ProblemView(
        type=f"urn:orderflow:problem:{kind}",
        title=title,
        status=status,
        detail=detail,
        instance=path,
        faults=[FaultView(field=fault.field, problem=fault.problem) for fault in faults],
    )
    return JSONResponse(view.model_dump(), status, dict(headers or {}), MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Have every error of the app answered as problem+json."""

    async def on_problem(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, Problem)
        return answer_with(error, request.url.path)

    async def on_faulty_request(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        return answer_with(Faulty(faults_of(error.errors())), request.url.path)

    async def on_http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        kind = f"http-{error.status_code}"
        return problem_response(
            request.url.path, error.status_code, str(error.detail), str(error.detail), kind=kind, headers=error.headers
        )

    async def on_fault_of_ours(request: Request, error: Exception) -> JSONResponse:
        # The type is all that is told: a text may hold a person's data (R21).
        log.error("request_failed", path=request.scope.get("route_path", ""), error=type(error).__name__)
        return problem_response(
            request.url.path, 500, Problem.title, "this is our fault; ask again with the same key", kind="internal"
        )

    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(RequestValidationError, on_faulty_request)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(Exception, on_fault_of_ours)


def documented(status: int, text: str, problem: type[Problem], *faults: Fault) -> Responses:
    """One refusal as the OpenAPI document shows it, with an example."""
    example = ProblemView(
        type=f"urn:orderflow:problem:{problem.slug}", title=problem.title, status=status, detail=text,
        instance="/v1/orders", faults=[FaultView(field=fault.field, problem=fault.problem) for fault in faults],
    )  # fmt: skip
    schema = {"$ref": "#/components/schemas/ProblemView"}
    return {status: {"description": text, "content": {MEDIA_TYPE: {"schema": schema, "example": example.model_dump()}}}}


REFUSALS: Responses = {
    **documented(401, "no token, or a bad one", NotSignedIn),
    **documented(403, "the role lacks the permission (R22)", Forbidden),
    **documented(422, "faulty: every field is named", Faulty, Fault("lines.0.sku", "is missing")),
    **documented(429, "asked too often: Retry-After says when to come back", TooMany),
}
"""What every door can answer."""

COMMAND_REFUSALS: Responses = {
    **REFUSALS,
    202: {"description": "taken, the outcome is not known yet: ask again with the same key"},
    **documented(404, "nothing stands under that number", NotThere),
    **documented(409, "not possible as things stand: it does not wait for this, has ended, or differs", Conflicting),
    **documented(503, "Temporal cannot be reached: ask again with the same key", Away),
}
NO_ANSWER: Responses = documented(504, "on record, nobody said whether it was done: look before asking again", NoAnswer)
"""Of what Temporal is asked to do at once."""


def among(*statuses: int) -> Responses:
    """The documentation of some of the refusals of a command."""
    return {status: COMMAND_REFUSALS[status] for status in statuses}

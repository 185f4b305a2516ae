"""Stripe's error object."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse


class StripeError(Exception):
    """Answered as ``{"error": {"type", "code", "message", …}}``."""

    def __init__(self, status: int, kind: str, code: str | None, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self._error = {"type": kind, "message": message} | ({} if code is None else {"code": code}) | more

    def body(self) -> dict[str, Any]:
        """The answer's JSON."""
        return {"error": self._error}


def invalid(code: str, message: str, **more: Any) -> StripeError:
    """An invalid_request_error, the kind Stripe answers to everything a caller got wrong."""
    return StripeError(400, "invalid_request_error", code, message, **more)


def missing(what: str, identity: str) -> StripeError:
    """The resource does not exist."""
    return StripeError(404, "invalid_request_error", "resource_missing", f"No such {what}: '{identity}'")


async def answer_stripe_error(_: Request, error: Exception) -> JSONResponse:
    """FastAPI's handler for StripeError."""
    if not isinstance(error, StripeError):
        raise error
    return JSONResponse(error.body(), error.status)

"""Headers of the console behind TLS."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI

from console.headers import Guarded


@pytest.mark.parametrize("only_https", [True, False])
async def test_browsers_are_told_to_use_https_only_where_there_is_https(only_https: bool) -> None:
    app = FastAPI()
    app.add_middleware(Guarded, only_https=only_https)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk.test") as client:
        answer = await client.get("/openapi.json")
    assert ("max-age=31536000" in answer.headers.get("strict-transport-security", "")) is only_https
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "cache-control" not in answer.headers, "what is no page may be kept"

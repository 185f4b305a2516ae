"""``uvicorn bench.bare:app``: the least that takes an order in, one row and an answer. Our doors stand beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from psycopg.types.json import Jsonb

from runtime.settings import load_settings
from store.pool import open_pool


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with open_pool(load_settings().database_url, min_size=2, max_size=16) as pool:
        async with pool.connection() as conn:
            await conn.execute("CREATE TABLE IF NOT EXISTS bench_bare (id bigint PRIMARY KEY, body jsonb NOT NULL)")
        app.state.pool = pool
        yield


app = FastAPI(lifespan=_lifespan)


@app.get("/healthz")
async def healthz() -> dict[str, bool]:
    """That it answers."""
    return {"ok": True}


@app.post("/orders")
async def take(body: dict[str, Any], request: Request) -> dict[str, bool]:
    """Insert it."""
    async with request.app.state.pool.connection() as conn:
        await conn.execute("INSERT INTO bench_bare VALUES (%s, %s)", (body["id"], Jsonb(body)))
    return {"taken": True}

"""Is it alive, is it ready, what does it count: for supervisors and monitors. No order, no person."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

import psycopg
import structlog
from fastapi import APIRouter, Depends, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from psycopg_pool import PoolTimeout
from pydantic import BaseModel
from temporalio.service import RPCError

from api.auth import OPEN_TO_ALL
from api.channels import known_channels
from api.house import House, InHouse
from api.metrics import Gauges
from api.problems import NotThere, documented
from store import inbox, migrate, notices

router = APIRouter(tags=["health"], dependencies=[Depends(OPEN_TO_ALL)])

_TEMPORAL_ANSWERS_WITHIN = timedelta(seconds=2)
log = structlog.get_logger(__name__)


class Alive(BaseModel):
    """The process serves."""

    status: Literal["alive"] = "alive"


class Readiness(BaseModel):
    """What the API needs; messages are taken in while Temporal is away, commands are not."""

    status: Literal["ready", "not ready"]
    database: Literal["ok", "away", "not migrated"]
    temporal: Literal["ok", "away"]


@router.get("/healthz", summary="Is the process alive?")
async def healthz() -> Alive:
    """Yes, if this is answered."""
    return Alive()


@router.get("/readyz", summary="Can it work?", responses={503: {"model": Readiness, "description": "not ready"}})
async def readyz(house: InHouse, response: Response) -> Readiness:
    """Database reachable and migrated to this code's newest revision, Temporal reachable."""
    database, temporal = await asyncio.gather(_database(house), _temporal(house))
    ready = database == "ok" and temporal == "ok"
    response.status_code = 200 if ready else 503
    return Readiness(status="ready" if ready else "not ready", database=database, temporal=temporal)


@router.get(
    "/metrics", summary="Prometheus metrics", response_class=Response,
    responses=documented(404, "asked over a proxy: metrics are the monitoring's", NotThere),
)  # fmt: skip
async def metrics(request: Request, house: InHouse) -> Response:
    """Counts and times; the inbox, and how far each channel is behind, are looked up as they are asked.

    For the shop's own monitoring, which asks directly: what comes over a proxy finds nothing here (ASVS 13.4.5).
    """
    if "x-forwarded-for" in request.headers:
        raise NotThere("there are no metrics here for whoever comes over a proxy")
    gauges: Gauges = request.app.state.gauges
    try:
        async with house.pool.connection(timeout=2) as conn:
            number, oldest = await inbox.waiting(conn)
            behind = await notices.behind(conn)
        gauges.lag(_lags(house, behind))
        gauges.inbox(number, 0.0 if oldest is None else (house.now() - oldest).total_seconds())
    except (psycopg.Error, PoolTimeout) as error:
        # The rest is worth telling all the more while the database is away.
        log.warning("inbox_not_counted", error=type(error).__name__)
    return Response(generate_latest(request.app.state.registry), media_type=CONTENT_TYPE_LATEST)


def _lags(house: House, behind: Mapping[str, datetime]) -> dict[str, float]:
    """Seconds by channel; an order whose clock was moved ahead is not behind."""
    lags = dict.fromkeys(known_channels(house.settings), 0.0)
    return lags | {channel: max(0.0, (house.now() - since).total_seconds()) for channel, since in behind.items()}


async def _database(house: House) -> Literal["ok", "away", "not migrated"]:
    try:
        async with house.pool.connection(timeout=2) as conn:
            cursor = await conn.execute("SELECT version_num FROM alembic_version")
            row = await cursor.fetchone()
    except psycopg.errors.UndefinedTable:
        return "not migrated"
    except (psycopg.Error, PoolTimeout) as error:
        log.warning("database_away", error=type(error).__name__)
        return "away"
    newest = await asyncio.to_thread(migrate.head)
    return "ok" if row and row["version_num"] == newest else "not migrated"


async def _temporal(house: House) -> Literal["ok", "away"]:
    try:
        healthy = await house.client.service_client.check_health(timeout=_TEMPORAL_ANSWERS_WITHIN)
    except (RPCError, RuntimeError) as error:
        # RuntimeError is how a client that connects at its first call reports a refused connection.
        log.warning("temporal_away", error=type(error).__name__)
        return "away"
    return "ok" if healthy else "away"

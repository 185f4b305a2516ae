"""What the parties of one simulator process share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from fastapi import Request

from dev.simulators.config import SimulatorConfig
from dev.simulators.faults import Faults
from dev.simulators.postman import Postman
from dev.simulators.shelf import Shelf
from dev.simulators.walks import Walks


@dataclass(frozen=True, slots=True)
class World:
    """One per application, found at ``request.app.state.world``."""

    config: SimulatorConfig
    shelf: Shelf
    postman: Postman
    faults: Faults
    walks: Walks


def world_of(request: Request) -> World:
    """The world this request is asked in; a FastAPI dependency."""
    return cast("World", request.app.state.world)

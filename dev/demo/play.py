"""Playing the programme: all sample orders at once, each on its own way, and what became of each."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
from temporalio.service import RPCError

from dev.demo.desk import NoAnswer, Refused
from dev.demo.rounds import rounds
from dev.demo.scenario import Ending, Scenario, Scene, Stage, WentWrong
from dev.time_machine import TimeMachineBusy
from domain.deadlines import DEADLINES, DeadlineId
from domain.money import PaymentStatus
from domain.order_status import ENDED
from models.base import SYSTEM

PATIENCE = timedelta(seconds=150)
"""How long one order may take; far more than it needs, also when the worker is killed on the way."""

TOLD_WITHIN = timedelta(seconds=20)
"""How long the channels' front ends may lag behind at the end; T13 itself allows 15 minutes."""

_WRONG = (WentWrong, Refused, NoAnswer, TimeMachineBusy, httpx.HTTPError, RPCError)


@dataclass
class Played:
    """One sample order, under way or over. ``problem`` is empty when all went as it should."""

    scene: Scene
    started: float = field(default_factory=time.monotonic)
    ended: float | None = None
    problem: str = ""
    story: str = ""

    @property
    def scenario(self) -> Scenario:
        """What was to be shown."""
        return self.scene.scenario

    @property
    def over(self) -> bool:
        """Nothing more happens to it."""
        return self.ended is not None

    @property
    def as_it_should(self) -> bool:
        """It is over and nothing went wrong."""
        return self.over and not self.problem

    @property
    def seconds(self) -> float:
        """How long it has taken, on the wall's clock."""
        return (self.ended or time.monotonic()) - self.started

    @property
    def stands(self) -> Ending | None:
        """Where the order stands; None if it was never seen."""
        seen = self.scene.stage.board.seen(self.scene.order_no)
        return Ending(seen.status, seen.payment) if seen else None

    @property
    def waits_for(self) -> str:
        """What the order waits for, in both languages."""
        seen = self.scene.stage.board.seen(self.scene.order_no)
        return seen.waits_for if seen else ""


def cast(programme: Sequence[Scenario], stage: Stage) -> list[Played]:
    """Every scenario of the programme, ready to be played."""
    return [Played(Scene(scenario, stage)) for scenario in programme]


async def play_all(company: Sequence[Played]) -> None:
    """Play all of them at once; none of them stops the others."""
    async with asyncio.TaskGroup() as group:
        for played in company:
            group.create_task(_play(played))


async def _play(played: Played) -> None:
    try:
        async with asyncio.timeout(PATIENCE.total_seconds()):
            await _act_by_act(played.scene)
    except TimeoutError:
        played.problem = f"not over after {PATIENCE.total_seconds():.0f} s: it stands {played.stands}"
    except _WRONG as error:
        played.problem = f"{type(error).__name__}: {error}"
    played.ended = time.monotonic()
    played.story = await _story(played)


async def _act_by_act(scene: Scene) -> None:
    await scene.scenario.place(scene)
    for act in scene.scenario.acts:
        await act(scene)
    await _ends(scene, scene.scenario.ends)


async def _ends(scene: Scene, wanted: Ending) -> None:
    """Wait for the end; a wrong one is told at once, but money may take its time."""
    seen = await scene.stage.board.until(scene.order_no, lambda it: it.status in ENDED)
    if seen.status is not wanted.status:
        raise WentWrong(f"it ended {seen.status}")
    await scene.stage.board.until(scene.order_no, lambda it: it.payment is wanted.payment)


async def _story(played: Played) -> str:
    """How the order came to where it stands: what moved it there, who and why, and money that went back."""
    stands = played.stands
    if stands is None:
        return ""
    try:
        timeline = await played.scene.stage.desk.timeline(played.scene.order_no)
    except _WRONG as error:
        return f"no timeline: {error}"
    # Cases and late payments are on the timeline too; only a move of the order says how it got here.
    moves = [entry for entry in timeline if entry["before"] != entry["after"] and _leads_to(entry, stands)]
    back = ["已退款 the money went back"] if stands.payment is PaymentStatus.REFUNDED else []
    return "; ".join([*(_told(entry) for entry in moves[-1:]), *back])


def _leads_to(entry: Mapping[str, Any], stands: Ending) -> bool:
    return entry["after"] is not None and entry["after"]["code"] == stands.status


def _told(entry: Mapping[str, Any]) -> str:
    why = f": {entry['why']}" if entry["why"] else ""
    return f"{entry['text_zh']} {entry['text_en']}{_by(entry)}{why}"


def _by(entry: Mapping[str, Any]) -> str:
    """Who did it; a deadline by its promise, and nobody for what the system does by itself."""
    if entry["role"] == "clock":
        return f", {entry['who']} {DEADLINES[DeadlineId(entry['who'])].promise} is over"
    return "" if entry["role"] == SYSTEM.role else f" by {entry['who']}"


async def channel_faults(company: Sequence[Played]) -> list[str]:
    """Orders whose channel does not show, within :data:`TOLD_WITHIN`, how they ended (R20)."""
    looks = await asyncio.gather(*(_channel_fault(played) for played in company if played.as_it_should))
    return [fault for fault in looks if fault]


async def _channel_fault(played: Played) -> str:
    scene, wanted, shown = played.scene, played.scenario.ends.status, ""
    with suppress(TimeoutError):
        async with asyncio.timeout(TOLD_WITHIN.total_seconds()):
            async for _ in rounds():
                shown = await scene.stage.outside.shown(scene.scenario.channel, scene.channel_order_id)
                if shown == wanted:
                    return ""
    return f"{scene.order_no} ended {wanted}, its channel shows {shown or 'nothing'}"

"""What a workflow weighs in Temporal's books, as ``temporal workflow describe`` tells it."""

from __future__ import annotations

from dataclasses import dataclass

from temporalio.client import Client


@dataclass(frozen=True)
class Size:
    """One run: events and bytes of its history, and state transitions."""

    events: int = 0
    transitions: int = 0
    history_bytes: int = 0

    def __add__(self, other: Size) -> Size:
        return Size(
            self.events + other.events, self.transitions + other.transitions, self.history_bytes + other.history_bytes
        )


async def size_of(client: Client, workflow_id: str, run_id: str | None = None) -> Size:
    """The size of one run, of the newest if none is named."""
    description = await client.get_workflow_handle(workflow_id, run_id=run_id).describe()
    info = description.raw_description.workflow_execution_info
    return Size(info.history_length, info.state_transition_count, info.history_size_bytes)


async def size_of_all_runs(client: Client, workflow_id: str) -> Size:
    """All runs of one workflow together, however often it continued as new."""
    total = Size()
    async for run in client.list_workflows(f"WorkflowId = '{workflow_id}'"):
        total += await size_of(client, run.id, run.run_id)
    return total

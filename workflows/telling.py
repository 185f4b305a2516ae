"""Telling everybody: a broadcast at once, breaches within a minute (R25), the digest of the day at 09:00 (T17)."""

from __future__ import annotations

from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

from models import workflow_names as names
from models.digests import DigestMade, MakeDigest, PostDigest
from models.emergencies import Broadcast, Posted, PostToChat, RecordBroadcast, TellBreaches
from models.temporal_names import CHAT, SCHEDULED_FOR

with workflow.unsafe.imports_passed_through():
    from activities.chat import Chat

# The chat may be away for hours, or take no more messages this minute.
_RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=5))
_POST_TIMEOUT = timedelta(seconds=30)


@workflow.defn(name=names.BROADCAST_WORKFLOW)
class SendBroadcast:
    """Id ``broadcast-<broadcast id>``: on the desks first, then in the group chat."""

    @workflow.run
    async def run(self, broadcast: Broadcast) -> Posted:
        """Record it and post it. Returns what the chat said."""
        await workflow.execute_activity_method(
            Chat.record_broadcast,
            RecordBroadcast(at=workflow.now(), broadcast=broadcast),
            start_to_close_timeout=timedelta(seconds=10),
            retry_policy=_RETRY,
            summary=f"{broadcast.severity}: before the desks",
        )
        return await workflow.execute_activity_method(
            Chat.post_broadcast,
            PostToChat(at=workflow.now(), broadcast_id=broadcast.broadcast_id),
            task_queue=CHAT,
            start_to_close_timeout=_POST_TIMEOUT,
            retry_policy=_RETRY,
            summary="post to the group chat",
        )


@workflow.defn(name=names.POST_BREACHES_WORKFLOW)
class PostBreaches:
    """Started by its Schedule: what passed within a minute is one message, however much it is (R25)."""

    @workflow.run
    async def run(self) -> Posted:
        """Tell the chat. Returns what it said."""
        return await workflow.execute_activity_method(
            Chat.tell_breaches,
            TellBreaches(at=workflow.now()),
            task_queue=CHAT,
            start_to_close_timeout=_POST_TIMEOUT,
            retry_policy=_RETRY,
            summary="tell the group chat which deadlines passed",
        )


@workflow.defn(name=names.DIGEST_WORKFLOW)
class DailyDigest:
    """Started by its Schedule; run twice for a day, it makes and posts one digest."""

    @workflow.run
    async def run(self) -> DigestMade:
        """Make the digest of the day before, and post it. Returns which."""
        made = await workflow.execute_activity_method(
            Chat.make_digest,
            MakeDigest(at=workflow.now(), due=scheduled_for()),
            start_to_close_timeout=timedelta(minutes=5),
            retry_policy=_RETRY,
            summary="digest of the day before (T17)",
        )
        await workflow.execute_activity_method(
            Chat.post_digest,
            PostDigest(at=workflow.now(), day=made.day),
            task_queue=CHAT,
            start_to_close_timeout=_POST_TIMEOUT,
            retry_policy=_RETRY,
            summary="post to the group chat (T17)",
        )
        return made


def scheduled_for() -> datetime | None:
    """The instant of the Schedule that this run is for; None when no Schedule started it."""
    return workflow.info().typed_search_attributes.get(SCHEDULED_FOR)

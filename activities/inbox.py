"""Re-delivery of the inbox, run by a Temporal Schedule (DESIGN, idea 3)."""

from __future__ import annotations

from temporalio import activity
from temporalio.client import Client

from models.inbox import RedeliverInbox
from runtime.crypto import Vault
from store import forwarding
from store.pool import Pool


class InboxActivities:
    """Forwards what the doors could not forward themselves: Temporal was down, or an order had not come yet."""

    def __init__(self, client: Client, pool: Pool, vault: Vault) -> None:
        self._client = client
        self._pool = pool
        self._vault = vault

    @activity.defn
    async def redeliver(self, due: RedeliverInbox) -> int:
        """Forward what is due; returns how many messages reached their order."""
        return await forwarding.forward_due(self._client, self._pool, self._vault, due.at, due.limit)

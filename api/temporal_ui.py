"""The way to a workflow's page in the Temporal UI, for posts that may look there (R22).

A history holds no person (R21), but all the rest that an order went through.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from api.auth import Staff
from api.house import House
from api.scope import Scope
from domain.permissions import Permission


@dataclass(frozen=True)
class TemporalUi:
    """``base`` is the namespace's address; None for those who may not look, and where no UI is known."""

    base: str | None

    def page(self, workflow_id: str) -> str | None:
        """The page of the newest run of that workflow."""
        return f"{self.base}/workflows/{quote(workflow_id, safe='')}" if self.base else None


def temporal_ui(house: House, by: Staff) -> TemporalUi:
    """What of it this person may see; it shows the whole house."""
    known = house.settings
    if known.temporal_ui_url is None or not by.may(Permission.WORKFLOW_READ) or by.scope != Scope():
        return TemporalUi(None)
    return TemporalUi(f"{known.temporal_ui_url.rstrip('/')}/namespaces/{quote(known.temporal_namespace, safe='')}")

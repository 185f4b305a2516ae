"""Within which channels and warehouses somebody acts; what lies outside is not there for them (R22).

An integrator belongs to channels and warehouse staff to warehouses. Whoever of them has none may
touch nothing in production; in development, where a token is signed by hand, that means all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.problems import NotThere
from domain.permissions import Role
from store import scopes
from store.pool import Connection
from store.scopes import Within

if TYPE_CHECKING:
    from api.auth import Staff


@dataclass(frozen=True)
class Scope:
    """None is no confinement; an empty set is nothing at all."""

    channels: frozenset[str] | None = None
    warehouses: frozenset[str] | None = None

    @property
    def listed_channels(self) -> list[str] | None:
        """As a list's filter takes them."""
        return None if self.channels is None else sorted(self.channels)

    @property
    def listed_warehouses(self) -> list[str] | None:
        """As a list's filter takes them."""
        return None if self.warehouses is None else sorted(self.warehouses)

    def has_channel(self, channel: str) -> bool:
        """Whether this channel is theirs."""
        return self.channels is None or channel in self.channels

    def has_warehouse(self, warehouse: str) -> bool:
        """Whether this warehouse is theirs."""
        return self.warehouses is None or warehouse in self.warehouses


def scope_of(staff: Staff, *, production: bool) -> Scope:
    """What the person or machine is confined to."""
    return Scope(
        _confined(staff.channels, needed=production and staff.role is Role.INTEGRATOR),
        _confined(staff.warehouses, needed=production and staff.role is Role.WAREHOUSE),
    )


def _confined(named: tuple[str, ...], *, needed: bool) -> frozenset[str] | None:
    return frozenset(named) if named or needed else None


def within(staff: Staff) -> Within | None:
    """As a list of cases takes it; None for somebody who is not confined."""
    if staff.scope == Scope():
        return None
    return Within(staff.id, staff.scope.listed_channels, staff.scope.listed_warehouses)


async def check(conn: Connection, staff: Staff, path: Mapping[str, str]) -> None:
    """Raise :class:`NotThere` when the order, case, task or parcel of this path lies outside their scope."""
    scope, confined = staff.scope, within(staff)
    order_no = path.get("order_no")
    if order_no is not None and confined is not None and not await scopes.all_within(conn, confined, [order_no]):
        raise NotThere(f"there is no order {order_no}")
    case_no = path.get("case_no")
    if case_no is not None and confined is not None and not await scopes.has_case(conn, confined, case_no):
        raise NotThere(f"there is no case {case_no}")
    if scope.warehouses is None:
        return
    for kind in ("task_no", "parcel_no"):
        if kind in path and not scope.has_warehouse(await scopes.warehouse_of(conn, kind, path[kind]) or ""):
            raise NotThere(f"there is no {kind.removesuffix('_no')} {path[kind]}")


async def check_opening(conn: Connection, staff: Staff, order_no: str, subject: str) -> None:
    """Raise :class:`NotThere` when a case of this order would lie outside their scope."""
    await check(conn, staff, {"order_no": order_no})
    if staff.scope.warehouses is None:
        return
    parcels = {row["parcel_no"]: row["warehouse"] for row in await scopes.parcels_of(conn, order_no)}
    concerned = {parcels[subject]} if subject in parcels else set(parcels.values())
    if not concerned & staff.scope.warehouses:
        raise NotThere(f"there is no order {order_no}")


def channel_of(order_no: str) -> str:
    """The channel stands before the first hyphen of an order's number."""
    return order_no.partition("-")[0]

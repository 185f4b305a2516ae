"""The demo's verdict: every order, and whether stock, money and the channels agree with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dev.demo.play import Played
from domain.order_status import CHINESE


@dataclass(frozen=True)
class Report:
    """What a run came to; each list of faults is empty when all is well."""

    company: Sequence[Played]
    stock_faults: Sequence[str]
    money_faults: Sequence[str]
    channel_faults: Sequence[str]
    seconds: float

    @property
    def ok(self) -> bool:
        """Every order ended as it should, and the books agree."""
        faults = (*self.stock_faults, *self.money_faults, *self.channel_faults)
        return not faults and all(played.as_it_should for played in self.company)

    def as_json(self, addresses: Mapping[str, str]) -> dict[str, Any]:
        """One object for machines."""
        return {
            "ok": self.ok,
            "orders": [_order(played) for played in self.company],
            "stock_consistent": not self.stock_faults,
            "money_consistent": not self.money_faults,
            "channels_consistent": not self.channel_faults,
            "faults": [*self.stock_faults, *self.money_faults, *self.channel_faults],
            "seconds": round(self.seconds, 1),
            "addresses": dict(addresses),
        }

    def lines(self) -> list[str]:
        """The verdict in a few lines for people."""
        well = sum(played.as_it_should for played in self.company)
        return [
            f"{well} of {len(self.company)} orders ended as they should, in {self.seconds:.0f} s",
            _said("stock: every counter is the sum of its reservations", self.stock_faults),
            _said("money: everything captured is kept rightly or was given back", self.money_faults),
            _said("channels: every front end shows how its order ended", self.channel_faults),
        ]


def _order(played: Played) -> dict[str, Any]:
    stands = played.stands
    return {
        "order_no": played.scene.order_no,
        "scenario": played.scenario.name,
        "channel": played.scenario.channel,
        "shows": played.scenario.shows,
        "status": stands.status if stands else None,
        "status_zh": CHINESE[stands.status] if stands else None,
        "payment_status": stands.payment if stands else None,
        "expected": {"status": played.scenario.ends.status, "payment_status": played.scenario.ends.payment},
        "ok": played.as_it_should,
        "why": played.problem or played.story,
        "seconds": round(played.seconds, 1),
    }


def _said(promise: str, faults: Sequence[str]) -> str:
    return f"[green]✓[/] {promise}" if not faults else f"[red]✗[/] {promise}: " + "; ".join(faults)

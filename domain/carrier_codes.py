"""What the carriers' codes mean. Kuaidi100 speaks for all Chinese carriers in one set of codes (R13, R14).

The first digits say the state, the three-digit code the detail; the details map one to
one to R13's exceptions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Track(StrEnum):
    """What an event means for the order; the same words as models.news.CarrierState."""

    PICKED_UP = "picked_up"
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    SIGNED = "signed"
    PROBLEM = "problem"
    RETURNING = "returning"
    RETURNED = "returned"
    REFUSED = "refused"


class Trouble(StrEnum):
    """R13's watched exceptions."""

    OUT_OF_AREA = "out_of_area"
    STUCK = "stuck"
    SIGNING_ANOMALY = "signing_anomaly"
    DAMAGED = "damaged"
    REFUSED = "refused"


TROUBLE_CHINESE: Mapping[Trouble, str] = MappingProxyType(
    {
        Trouble.OUT_OF_AREA: "超區件",
        Trouble.STUCK: "滯留件",
        Trouble.SIGNING_ANOMALY: "簽收異常件",
        Trouble.DAMAGED: "破損件",
        Trouble.REFUSED: "拒收件",
    }
)


@dataclass(frozen=True)
class Meaning:
    """``track`` moves the parcel; ``trouble`` opens a case of R13."""

    track: Track
    trouble: Trouble | None = None


_T, _X = Track, Trouble

KUAIDI100: Mapping[str, Meaning] = MappingProxyType(
    {
        "0": Meaning(_T.IN_TRANSIT),
        "1001": Meaning(_T.IN_TRANSIT),
        "1002": Meaning(_T.IN_TRANSIT),
        "1003": Meaning(_T.IN_TRANSIT),
        "1": Meaning(_T.PICKED_UP),
        "103": Meaning(_T.PICKED_UP),
        "2": Meaning(_T.PROBLEM),
        "201": Meaning(_T.PROBLEM, _X.STUCK),
        "202": Meaning(_T.PROBLEM, _X.STUCK),
        "203": Meaning(_T.REFUSED, _X.REFUSED),
        "204": Meaning(_T.PROBLEM, _X.SIGNING_ANOMALY),
        "205": Meaning(_T.PROBLEM, _X.STUCK),
        "206": Meaning(_T.PROBLEM, _X.SIGNING_ANOMALY),
        "207": Meaning(_T.PROBLEM, _X.OUT_OF_AREA),
        "208": Meaning(_T.PROBLEM, _X.STUCK),
        "209": Meaning(_T.PROBLEM, _X.DAMAGED),
        "210": Meaning(_T.RETURNED),
        "3": Meaning(_T.SIGNED),
        "301": Meaning(_T.SIGNED),
        "302": Meaning(_T.SIGNED, _X.SIGNING_ANOMALY),
        "303": Meaning(_T.SIGNED),
        "304": Meaning(_T.SIGNED),
        "4": Meaning(_T.RETURNED),
        "401": Meaning(_T.RETURNED),
        "5": Meaning(_T.OUT_FOR_DELIVERY),
        "501": Meaning(_T.OUT_FOR_DELIVERY),
        "6": Meaning(_T.RETURNING),
        "7": Meaning(_T.IN_TRANSIT),
        "8": Meaning(_T.IN_TRANSIT),
        "10": Meaning(_T.IN_TRANSIT),
        "11": Meaning(_T.IN_TRANSIT),
        "12": Meaning(_T.IN_TRANSIT),
        "13": Meaning(_T.PROBLEM, _X.STUCK),
        "14": Meaning(_T.REFUSED, _X.REFUSED),
    }
)

# A waybill that was only ordered, or waits for the courier: the parcel has not left us,
# and taking this for a pick-up would tell the buyer a falsehood.
NOT_YET_MOVING = frozenset({"101", "102"})


def meaning(code: str) -> Meaning | None:
    """What a code means; None for one that moves nothing.

    A detail we do not know is read by its first digit, as Kuaidi100 advises; a state we
    do not know says no more than that the parcel is on its way.
    """
    if code in NOT_YET_MOVING:
        return None
    head = code[:1] if len(code) >= 3 else code
    return KUAIDI100.get(code) or KUAIDI100.get(head) or Meaning(Track.IN_TRANSIT)

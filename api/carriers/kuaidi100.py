"""Kuaidi100 (快遞100): tracking pushes of all Chinese carriers.

A form with ``param`` (JSON) and ``sign``, the upper-case MD5 of param + salt. A push holds
the whole trace; times are Beijing's. The text of an event can hold a courier's phone
number, so it stays sealed (FIELD_NOTES, wire formats).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qs

from api.adapters import Delivery, Identity, Terms, Translation, Unreadable, json_object, json_or_nothing
from api.problems import BadSignature
from domain.carrier_codes import meaning
from domain.intake import Fault
from models.inbox import Envelope, Trace, TrackingEvent
from models.news import CarrierState
from runtime.settings import Settings

SOURCE = "kuaidi100"
_BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")
_LONGEST_TEXT, _LONGEST_CODE, _MOST_EVENTS = 1_000, 10, 500


class Kuaidi100:
    """The push of traces."""

    source = SOURCE
    # Anything else is taken for a failure and pushed again.
    accepted: Mapping[str, Any] = MappingProxyType({"result": True, "returnCode": "200", "message": "成功"})
    refused: Mapping[str, Any] | None = None

    def verify(self, delivery: Delivery, settings: Settings) -> None:
        """Compare the signature over ``param`` in constant time; raises BadSignature."""
        form = _form(delivery)
        salt = settings.kuaidi100_salt.get_secret_value()
        # MD5 is theirs to choose; it proves origin by the secret salt within.
        expected = hashlib.md5((form.get("param", "") + salt).encode(), usedforsecurity=False).hexdigest().upper()
        if not hmac.compare_digest(expected.encode(), form.get("sign", "").encode()):
            raise BadSignature("sign does not fit param")

    def identify(self, delivery: Delivery) -> Identity | None:
        """By its content: a push has no id, and the same trace again is the same news."""
        param = _form(delivery).get("param", "")
        told = json_or_nothing(param)
        if told and not _result(told).get("data"):
            return None
        return Identity("trace", f"{SOURCE}:{hashlib.sha256(param.encode()).hexdigest()}")

    def translate(self, delivery: Delivery, terms: Terms) -> Translation:
        """The trace, oldest event first."""
        del terms
        result = _result(json_object(_form(delivery).get("param", "")))
        number, data = result.get("nu"), result.get("data")
        if not isinstance(number, str) or not 0 < len(number) <= 80 or not isinstance(data, list):
            raise Unreadable([Fault("lastResult", "names no parcel, or no events")])
        events = [_event(item, place, number) for place, item in enumerate(data[:_MOST_EVENTS])]
        told = sorted((event for event in events if event is not None), key=lambda event: event.at)
        return Translation(Envelope(trace=Trace(tracking_no=number, events=tuple(told))))


def _form(delivery: Delivery) -> dict[str, str]:
    try:
        fields = parse_qs(delivery.body.decode(), keep_blank_values=True, max_num_fields=20)
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items()}


def _result(told: Mapping[str, Any]) -> dict[str, Any]:
    result = told.get("lastResult")
    return result if isinstance(result, dict) else {}


def _event(item: object, place: int, number: str) -> TrackingEvent | None:
    """One event; None for one that moves nothing."""
    if not isinstance(item, dict):
        raise Unreadable([Fault(f"lastResult.data.{place}", "is no event")])
    code = str(item.get("statusCode") or "0")[:_LONGEST_CODE]
    means = meaning(code)
    if means is None:
        return None
    text, moment = str(item.get("context") or "")[:_LONGEST_TEXT], _when(item, place)
    # The same event has no id of its own; what it says is what makes it the same.
    event_id = hashlib.sha256(f"{number}|{moment.isoformat()}|{code}|{text}".encode()).hexdigest()[:32]
    return TrackingEvent(event_id=event_id, state=CarrierState(means.track.value), code=code, at=moment, text=text)


def _when(item: Mapping[str, Any], place: int) -> datetime:
    for name in ("ftime", "time"):
        try:
            return datetime.strptime(str(item.get(name)), "%Y-%m-%d %H:%M:%S").replace(tzinfo=_BEIJING)
        except ValueError:
            continue
    raise Unreadable([Fault(f"lastResult.data.{place}.time", "is missing or no time")])

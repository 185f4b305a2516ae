"""Opening a case of an order (R13 to R17, R24)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from console.bench import Bench
from console.kit import Choice, Field, box, button, text

_KINDS = ("complaint", "signature_dispute", "parcel_exception", "mistake", "cross_department")


class CaseOpening:
    """A form that unfolds when it is wanted; it is not there for those who may not.

    Without an ``order_no`` it asks for one; some kinds need none.
    """

    def __init__(self, bench: Bench, order_no: str | None, changed: Callable[[], Awaitable[None]]) -> None:
        self.bench, self.order_no, self.changed = bench, order_no, changed
        self.parcels: list[str] = []
        self.place = box("stack")
        self.offer()

    def offer(self) -> None:
        """The button."""
        self.place.clear()
        if self.bench.may("case.open"):
            with self.place, box("bar"):
                button(self.bench.t("case.open"), self.ask)

    def ask(self) -> None:
        """Kind, severity, parcel, reason, note."""
        t = self.bench.t
        self.place.clear()
        with self.place:
            text(t("case.open"), "h3")
            # Whoever sees no orders reports what went wrong at their own hands (R24), and nothing else.
            kinds = _KINDS if self.bench.may("order.read") else ("mistake",)
            kind = Choice(t("case.kind"), {one: t(f"case.kind.{one}") for one in kinds})
            severity = Choice(t("case.severity"), {one: t(f"case.severity.{one}") for one in ("ordinary", "major")})
            order = Field(t("case.of_order")) if self.order_no is None else None
            parcel = Choice(t("case.parcel"), {"": t("none"), **{one: one for one in self.parcels}})
            reason = Field(t("reason"), maxlength="60")
            note = Field(t("note"), tag="textarea", placeholder=t("note_hint"))
            with box("bar"):
                button(t("case.open"), lambda: self.open(kind, severity, parcel, reason, note, order), "primary")
                button(t("cancel"), self.offer)

    async def open(
        self, kind: Choice, severity: Choice, parcel: Choice, reason: Field, note: Field, order: Field | None
    ) -> None:
        """Ask the API; it names what is missing."""
        body: dict[str, Any] = {
            "kind": kind.value,
            "severity": severity.value,
            "subject": parcel.value,
            "reason": reason.value,
        }
        body |= {"note": note.value} if note.value.strip() else {}
        body |= {"order_no": order.value.strip()} if order is not None and order.value.strip() else {}
        path = "/v1/cases" if self.order_no is None else f"/v1/orders/{self.order_no}/cases"
        answer = await self.bench.attempt(self.bench.api.post(path, body))
        if answer is not None:
            self.offer()
            self.bench.tell(self.bench.t("case.opened", case=answer["case_no"]))
            await self.changed()

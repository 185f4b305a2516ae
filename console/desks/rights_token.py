"""One machine's token in a review of rights: what it opens, what of that it uses, and the decision about it (R22)."""

from __future__ import annotations

from dataclasses import dataclass

from api.schemas.rights import ReviewedToken
from console.bench import Bench
from console.desks.rights_parts import (
    Choose,
    Decide,
    draw_decided,
    draw_folding,
    draw_rights,
    draw_unfolding,
    draw_unused,
)
from console.kit import Field, box, button, moment, text


@dataclass(frozen=True)
class TokenCard:
    """The card of one token."""

    bench: Bench
    one: ReviewedToken
    decide: Decide
    choose: Choose

    @property
    def open(self) -> bool:
        """Whether this person has it to review."""
        return self.one.decision is None and self.bench.may("rights.review")

    @property
    def own(self) -> bool:
        """Whether this person issued it: then they may revoke it, but not confirm it."""
        return self.one.issued_by == self.bench.staff.id

    def draw(self, *, unfolded: bool) -> None:
        """What it is for, where it opens anything, whether it is used, what was decided."""
        t, one, zone = self.bench.t, self.one, self.bench.zone
        with box("card stack tight"):
            with box("spread"):
                with box("bar"):
                    text(one.label, classes="strong wrap")
                    text(one.token_id, classes="mono soft wrap")
                draw_unused(self.bench, one)
            used = moment(one.last_used_at, zone)
            told = (
                ", ".join(one.channels) or t("tokens.all_channels"),
                t("tokens.used", at=used) if used else t("tokens.never"),
                t("tokens.issued", who=self.bench.who(one.issued_by), at=moment(one.issued_at, zone)),
                t("tokens.until", at=moment(one.expires_at, zone)),
            )
            text(" · ".join(told), "p", "small soft wrap")
            draw_decided(self.bench, one)
            if unfolded:
                self.draw_unfolded()
            else:
                draw_unfolding(self.bench, self.choose, one.token_id, one.label, is_open=self.open)

    def draw_unfolded(self) -> None:
        """Every right with its last use, then the decision."""
        draw_rights(self.bench, self.one)
        if self.open:
            self.draw_decision()
        else:
            draw_folding(self.bench, self.choose)

    def draw_decision(self) -> None:
        """Confirmed or revoked, with a reason that stays on record."""
        t = self.bench.t
        text(t("rights.own_token") if self.own else t("rights.token_effect"), "p", "small soft")
        why = Field(t("reason"), maxlength="60", autocomplete="off")
        why.focus()
        with box("bar"):
            if not self.own:
                button(t("rights.confirm"), lambda: self.answer("confirmed", why), "primary")
            button(t("rights.revoke"), lambda: self.answer("revoked", why), "danger")
            button(t("cancel"), lambda: self.choose(""))

    async def answer(self, decision: str, why: Field) -> None:
        """Hand the verdict over."""
        await self.decide(f"tokens/{self.one.token_id}", {"decision": decision, "why": why.value.strip()})

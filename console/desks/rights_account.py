"""One account in a review of rights: what it may, what of that it uses, and the decision about it (R22)."""

from __future__ import annotations

from dataclasses import dataclass

from api.schemas.rights import ReviewedAccount
from api.schemas.sign_in import AccountPage
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
from console.kit import Choice, Field, box, button, chip, text

ROLES = ("customer_service", "reviewer", "warehouse", "logistics", "finance", "sales", "operations", "administrator",
         "auditor")  # fmt: skip
"""What an account can be; an integrator is a machine with a token."""
_LONGEST_PAGE = 200


@dataclass(frozen=True)
class AccountCard:
    """The card of one account; ``name`` is its username for those who may see accounts."""

    bench: Bench
    one: ReviewedAccount
    name: str
    decide: Decide
    choose: Choose

    @property
    def open(self) -> bool:
        """Whether this person has it to review."""
        own = self.one.staff_id == self.bench.staff.id
        return self.one.decision is None and not own and self.bench.may("rights.review")

    def draw(self, *, unfolded: bool) -> None:
        """Who, which role, how much of it is unused, what was decided."""
        t, one = self.bench.t, self.one
        with box("card stack tight"):
            with box("spread"):
                with box("bar"):
                    text(self.bench.who(one.staff_id), classes="strong mono wrap")
                    if self.name:
                        text(self.name, classes="wrap")
                    chip(t.code("role", one.role))
                draw_unused(self.bench, one)
            places = ", ".join((*one.warehouses, *one.channels))
            text(t("rights.confined", places=places) if places else t("rights.everywhere"), "p", "small soft wrap")
            if one.decision is None and one.staff_id == self.bench.staff.id:
                text(t("rights.own"), "p", "small")
            draw_decided(self.bench, one, new_role=one.new_role)
            if unfolded:
                self.draw_unfolded()
            else:
                self.draw_folded()

    def draw_folded(self) -> None:
        """The way to its rights, and to the decision."""
        draw_unfolding(self.bench, self.choose, self.one.staff_id, self.one.staff_id, is_open=self.open)

    def draw_unfolded(self) -> None:
        """Every right with its last use, then the decision."""
        draw_rights(self.bench, self.one)
        if self.open:
            self.draw_decision()
        else:
            draw_folding(self.bench, self.choose)

    def draw_decision(self) -> None:
        """Confirmed, changed or revoked, with a reason that stays on record."""
        t, one = self.bench.t, self.one
        text(t("rights.effect"), "p", "small soft")
        why = Field(t("reason"), maxlength="60", autocomplete="off")
        why.focus()
        roles = {role: t.code("role", role) for role in ROLES if role != one.role}
        with box("bar end"):
            button(t("rights.confirm"), lambda: self.answer("confirmed", why), "primary")
            role = Choice(t("rights.role"), roles)
            button(t("rights.change"), lambda: self.answer("changed", why, role.value))
            button(t("rights.revoke"), lambda: self.answer("revoked", why), "danger")
            button(t("cancel"), lambda: self.choose(""))

    async def answer(self, decision: str, why: Field, role: str | None = None) -> None:
        """Hand the verdict over."""
        verdict = {"decision": decision, "role": role, "why": why.value.strip()}
        await self.decide(f"accounts/{self.one.staff_id}", verdict)


async def usernames(bench: Bench) -> dict[str, str]:
    """Whose accounts they are, for those who manage accounts; nothing for anybody else."""
    names: dict[str, str] = {}
    cursor = "" if bench.may("account.manage") else None
    while cursor is not None:
        page = await bench.api.get("/v1/accounts", AccountPage, {"limit": _LONGEST_PAGE, "cursor": cursor})
        names |= {one.staff_id: one.username for one in page.items}
        cursor = page.next_cursor
    return names

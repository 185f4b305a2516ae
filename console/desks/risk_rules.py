"""The rules of the automatic review: changed, tried on past orders, and put in force with a reason (R6)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from api.schemas.risk import RuleSetView, TrialView
from console.bench import Bench
from console.desks.risk_rule import RuleForm
from console.desks.risk_trial import draw_trial
from console.kit import Choice, Field, box, button, link, text
from console.live import Live

_ORDERS = ("100", "1000", "10000")
_FIRST_ORDERS = "1000"


@dataclass
class RulesPage:
    """The page as one person has it before them; what they changed is theirs alone until it is in force."""

    bench: Bench
    forms: list[RuleForm] = field(default_factory=list)
    newest: RuleSetView | None = None

    def build(self) -> None:
        """Lay the page out; the rules come with the first reading."""
        t = self.bench.t
        with box("bar"):
            link(f"← {t('blacklist.title')}", "/risk", "btn")
            text(t("rules.title"), "h1")
            self.version = text("", classes="soft num")
        self.meanwhile = box("bar", "section", aria_live="polite")
        with box("side"):
            self.place = box("stack", "section", aria_label=t("rules.title"))
            with box("stack stays"):
                self.build_trial()
                if self.bench.may("risk.set"):
                    self.build_putting()
        self.live = Live(self.bench, self.load, self.show, told=("rules",))

    def build_trial(self) -> None:
        """The dry run."""
        t = self.bench.t
        with box("card stack", "section", aria_label=t("rules.try")):
            text(t("rules.try"), "h2")
            text(t("rules.try_hint"), "p", "soft small")
            self.pending = text("", "p", "small num", aria_live="polite")
            with box("bar end"):
                orders = {one: t(f"rules.orders.{one}") for one in _ORDERS}
                self.orders = Choice(t("rules.orders"), orders, _FIRST_ORDERS)
                button(t("rules.try"), self.try_them, "primary")
            self.result = box("stack", aria_live="polite")

    def build_putting(self) -> None:
        """Putting them in force, for those who may."""
        t = self.bench.t
        with box("card stack", "section", aria_label=t("rules.put")):
            text(t("rules.put"), "h2")
            text(t("rules.put_hint"), "p", "soft small")
            self.reason = Field(t("reason"), maxlength="60", autocomplete="off")
            with box("bar"):
                button(t("rules.put"), self.put, "danger")

    # --- what is in force -------------------------------------------------------------

    async def load(self) -> RuleSetView:
        """The rules in force."""
        return await self.bench.api.get("/v1/rules", RuleSetView)

    def show(self, rules: RuleSetView) -> None:
        """Draw them, but not over what somebody has changed and not put in force: that is told instead."""
        t, self.newest = self.bench.t, rules
        self.version.set_text(t("rules.version", number=rules.version) if rules.version else t("rules.built_in"))
        self.meanwhile.clear()
        if not self.changes():
            self.draw(rules)
            return
        with self.meanwhile:
            text(t("rules.meanwhile", number=rules.version), classes="notice warn")
            button(t("rules.anew"), self.anew)

    def draw(self, rules: RuleSetView) -> None:
        """A form for each rule."""
        self.place.clear()
        with self.place:
            self.forms = [RuleForm(self.bench, rule, self.turned) for rule in rules.rules]
        self.turned()

    async def anew(self) -> None:
        """Let go of what was changed here, and show what is in force."""
        self.meanwhile.clear()
        if self.newest is not None:
            self.draw(self.newest)

    # --- what is changed here ---------------------------------------------------------

    def changes(self) -> dict[str, dict[str, Any]]:
        """Rule, what, value: as the API takes them."""
        return {form.rule.rule: changed for form in self.forms if (changed := form.changes())}

    def turned(self) -> None:
        """Something was changed: what was tried before says nothing of it."""
        number = sum(map(len, self.changes().values()))
        self.pending.set_text(self.bench.t("rules.pending", number=number) if number else "")
        self.result.clear()

    async def try_them(self) -> None:
        """Judge past orders again by what stands here; nothing is changed."""
        changes, t = self.changes(), self.bench.t
        self.result.clear()
        with self.result:
            text(t("rules.trying"), "p", "small")
            box("", "progress", aria_label=t("rules.trying"))
        wish = {"changes": changes, "orders": int(self.orders.value)}
        answer = await self.bench.attempt(self.bench.api.post("/v1/rules/try", wish))
        self.result.clear()
        if answer is not None and changes == self.changes():
            with self.result:
                draw_trial(self.bench, TrialView.model_validate(answer))

    async def put(self) -> None:
        """Put them in force; every fault is named, and nothing is half in force."""
        t, changes = self.bench.t, self.changes()
        if not changes:
            self.bench.tell(t("rules.nothing_changed"), "no")
            return
        if not self.reason.value.strip():
            self.bench.tell(t("needed", what=t("reason")), "no")
            return
        body = {"changes": changes, "reason": self.reason.value.strip()}
        answer = await self.bench.attempt(self.bench.api.post("/v1/rules", body))
        if answer is None:
            return
        after = RuleSetView.model_validate(answer)
        self.reason.clear()
        self.draw(after)
        self.bench.tell(t("rules.in_force", number=after.version))
        await self.live.look()


async def draw(bench: Bench) -> None:
    """The page."""
    page = RulesPage(bench)
    page.build()
    await page.live.look()

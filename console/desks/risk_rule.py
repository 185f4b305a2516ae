"""One rule of the automatic review in a form: what of it somebody has changed, and not put in force yet (R6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from api.schemas.risk import RuleView
from console.bench import Bench
from console.kit import Choice, Field, Tick, box, chip, text

Value = bool | int | str


class RuleForm:
    """The card of a rule; ``turned`` is told of every change."""

    def __init__(self, bench: Bench, rule: RuleView, turned: Callable[[], None]) -> None:
        self.bench, self.rule, self._turned = bench, rule, turned
        self.severity: Choice | None = None
        self.enabled: Tick | None = None
        self.values: dict[str, Field] = {}
        t = bench.t
        with box("card stack tight", "section", aria_label=t.code("rule", rule.rule)):
            self._draw_head()
            text(t.code("rule.says", rule.rule), "p", "small soft wrap")
            with box("filters"):
                self._draw_severity()
                for name, value in rule.parameters.items():
                    self._draw_value(name, value)

    def changes(self) -> dict[str, Value]:
        """What differs from the rule in force; what is no whole number is handed on, for the API to refuse."""
        rule = self.rule
        now: dict[str, Value] = {name: _number(field.value) for name, field in self.values.items()}
        before: dict[str, Value] = {"enabled": rule.enabled, "severity": rule.severity, **rule.parameters}
        if self.enabled is not None:
            now["enabled"] = self.enabled.value
        if self.severity is not None:
            now["severity"] = self.severity.value
        return {name: value for name, value in now.items() if value != before[name]}

    def _draw_head(self) -> None:
        t, rule = self.bench.t, self.rule
        with box("spread"):
            with box("bar"):
                text(t.code("rule", rule.rule), "h2")
                text(rule.rule, classes="mono small soft")
                if rule.changed:
                    chip(t("rules.changed"), "amber")
            if rule.always:
                chip(t("rules.always"), "blue")
                return
            with box("checks"):
                self.enabled = Tick(t("rules.on"), value=rule.enabled)
            self.enabled.on_turned(self._chosen)

    def _draw_severity(self) -> None:
        t, rule = self.bench.t, self.rule
        words = {one: t(f"rules.severity.{one}") for one in rule.severities}
        if len(words) > 1:
            self.severity = Choice(t("rules.severity"), words, rule.severity, on_change=self._chosen)
        else:
            text(f"{t('rules.severity')}: {words[rule.severity]}", "p", "small")

    def _draw_value(self, name: str, value: int) -> None:
        field = Field(self.bench.t.code("rule.value", name), value=str(value), inputmode="numeric", autocomplete="off")
        field.input.on("input", self._chosen, js_handler="(e) => emit(e.target.value)")
        self.values[name] = field

    async def _chosen(self, _: Any) -> None:
        self._turned()


def _number(typed: str) -> int | str:
    typed = typed.strip()
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 20 else typed

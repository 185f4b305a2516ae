"""Every word of the desks, in English and Chinese: ``Words("zh")("review.claim")``.

One module for each desk; a test proves that every key stands in both languages and that
every key the desks use is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from console.words import (
    accounts,
    alerts,
    audit,
    board,
    cases,
    clocks,
    common,
    finance,
    lists,
    logistics,
    me,
    operations,
    orders,
    review,
    rights,
    risk,
    track,
    warehouse,
)

CATALOGUE: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        **common.WORDS,
        **review.WORDS,
        **warehouse.WORDS,
        **orders.WORDS,
        **clocks.WORDS,
        **track.WORDS,
        **cases.WORDS,
        **finance.WORDS,
        **lists.WORDS,
        **audit.WORDS,
        **accounts.WORDS,
        **alerts.WORDS,
        **me.WORDS,
        **risk.WORDS,
        **rights.WORDS,
        **operations.WORDS,
        **logistics.WORDS,
        **board.WORDS,
    }
)


@dataclass(frozen=True)
class _Filled:
    """What fills a place; ``{number:order|orders}`` is how one is counted, and how many are."""

    value: object

    def __format__(self, spec: str) -> str:
        if "|" not in spec:
            return format(self.value, spec)
        one, many = spec.split("|")
        return f"{self.value} {one if str(self.value) == '1' else many}"


@dataclass(frozen=True)
class Words:
    """The catalogue in one language."""

    language: str

    def __call__(self, key: str, **values: object) -> str:
        """The words under that key; raises KeyError for one that is not there."""
        return self.pick(*CATALOGUE[key]).format(**{name: _Filled(value) for name, value in values.items()})

    def pick(self, english: str, chinese: str) -> str:
        """Of two texts the one in this language."""
        return chinese if self.language == "zh" else english

    def code(self, prefix: str, code: str) -> str:
        """The words for a code of the API's; one that the catalogue does not know is shown as it is."""
        return self(f"{prefix}.{code}") if f"{prefix}.{code}" in CATALOGUE else code.replace("_", " ")

"""What a person prefers to see, remembered in the browser's own signed cookie: language and light or dark."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

LANGUAGES = ("en", "zh")
THEMES = ("light", "dark")
_CHOICES = {"language": LANGUAGES, "theme": THEMES}


@dataclass(frozen=True)
class Preferences:
    """A page is built for these."""

    language: str = LANGUAGES[0]
    theme: str = THEMES[0]

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Preferences:
        """Those of a browser; what is no choice of ours counts as unset."""
        return cls(**{name: kept[name] for name, choices in _CHOICES.items() if kept.get(name) in choices})

    def other_language(self) -> str:
        """The one that the switch leads to."""
        return LANGUAGES[1 - LANGUAGES.index(self.language)]

    def other_theme(self) -> str:
        """The one that the switch leads to."""
        return THEMES[1 - THEMES.index(self.theme)]


def remember(kept: MutableMapping[str, Any], name: str, choice: str) -> bool:
    """Keep one choice; False when there is no such thing to choose."""
    if choice not in _CHOICES.get(name, ()):
        return False
    kept[name] = choice
    return True

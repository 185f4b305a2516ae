"""Every word in both languages, and every word that a desk uses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from console.desks import DESKS
from console.preferences import Preferences, remember
from console.signing import own_path
from console.words import CATALOGUE, Words

CONSOLE = Path(__file__).parents[2] / "console"
_PLACE = re.compile(r"{(\w+)[:}]")
_USED = re.compile(r"""\bt\(\s*"([a-z_.]+)"[,)]""")


def test_every_key_stands_in_both_languages_with_the_same_places_to_fill() -> None:
    for key, (english, chinese) in CATALOGUE.items():
        assert english.strip(), key
        assert chinese.strip(), key
        assert set(_PLACE.findall(english)) == set(_PLACE.findall(chinese)), key


@pytest.mark.parametrize(
    ("number", "words"), [(1, "1 order"), ("1", "1 order"), (0, "0 orders"), ("50+", "50+ orders")]
)
def test_one_is_no_plural(number: object, words: str) -> None:
    assert Words("en")("list.count", number=number) == words
    assert Words("zh")("list.count", number=number) == f"{number} 筆"


def test_every_word_that_a_page_uses_is_in_the_catalogue() -> None:
    used = {key for path in CONSOLE.rglob("*.py") for key in _USED.findall(path.read_text(encoding="utf-8"))}
    assert len(used) > 100
    assert used - set(CATALOGUE) == set()
    assert {f"desk.{desk.name}" for desk in DESKS} <= set(CATALOGUE)


def test_a_code_that_nobody_knows_is_shown_as_it_is() -> None:
    assert Words("zh").code("role", "warehouse") == "倉庫"
    assert Words("en").code("role", "night_watch") == "night watch"


def test_only_choices_of_ours_are_remembered() -> None:
    kept: dict[str, str] = {}
    assert remember(kept, "language", "zh")
    assert not remember(kept, "language", "xx")
    assert not remember(kept, "id", "somebody-else")
    assert Preferences.of(kept | {"theme": "pink"}) == Preferences("zh", "light")


@pytest.mark.parametrize("away", ["//elsewhere.example", "https://elsewhere.example", "/\\elsewhere.example", ""])
def test_nobody_is_sent_elsewhere(away: str) -> None:
    assert own_path(away) == "/"

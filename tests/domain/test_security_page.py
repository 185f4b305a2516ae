"""docs/security.md names every chapter of the standard, and only things that are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")


def test_every_chapter_of_the_standard_has_its_row_with_what_is_open() -> None:
    rows = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if line.startswith("| V")]
    assert [row[0].split()[0] for row in rows] == [f"V{number}" for number in range(1, 18)]
    assert all(len(row) == 4 and all(cell.strip() for cell in row) for row in rows)


def test_whatever_shows_it_is_there() -> None:
    named = re.findall(r"`([a-z_]+/[a-z_/.]*|[a-z-]+\.yml|Dockerfile|pyproject\.toml)`", PAGE)
    assert len(named) > 40
    tests = [f"tests/api/{name}" for name in re.findall(r"`(test_[a-z_]+\.py)`", PAGE)]
    assert [path for path in named + tests if not (ROOT / path).exists()] == []

"""What the group chat is told of deadlines that passed (R25)."""

from __future__ import annotations

from domain.breaches import LINES, Breach, markdown


def test_what_two_departments_were_told_of_is_one_line() -> None:
    one = "T5 parcel exception settled: passed for web-1-C1; escalate"
    said = markdown([Breach("T5", "logistics", one), Breach("T5", "operations", one)])
    assert said.splitlines() == ["**【超時 Deadlines passed】** 1 (T5 1)", f"> {one} → logistics, operations"]


def test_a_flood_is_ten_lines_and_the_number_of_the_rest() -> None:
    said = markdown([Breach("T3" if n else "T13", "operations", f"passed for web-{n}") for n in range(5_000)])
    first, *lines, last = said.splitlines()
    assert "5000 (T13 1, T3 4999)" in first
    assert len(lines) == LINES
    assert "4990" in last

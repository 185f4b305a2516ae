"""New passwords that others chose before: easily guessed, or in a list of breached ones (R22)."""

from __future__ import annotations

import hashlib
import tracemalloc
from pathlib import Path

import pytest

from runtime.settings import SettingsError, load_settings
from runtime.weak_passwords import fault, is_breached, is_such_a_list

BREACHED = ["stolen invented words", "another stolen sentence", "once more, but stolen"]


def line(password: str, ending: str = "\r\n") -> str:
    """As Have I Been Pwned writes it."""
    return f"{hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()}:{len(password)}{ending}"


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    """A list of a thousand and three."""
    path = tmp_path / "breached.txt"
    lines = sorted(line(one) for one in [*BREACHED, *(f"filler {number}" for number in range(1000))])
    path.write_bytes("".join(lines).encode())
    return path


@pytest.mark.parametrize(
    "password",
    [
        "aaaaaaaaaaaaaaaa", "password1234", "orderflow123456", "iloveyou1234", "1qaz2wsx3edc", "administrator",
        "P@ssw0rd12345", "woaini1314520", "Shanghai2024!", "qwertyuiop123", "abcdefghijklm", "a" * 128,
    ],
)  # fmt: skip
def test_a_password_that_is_easily_guessed_is_refused(password: str) -> None:
    assert fault(password, "reviewer", None) == "is too easy to guess"


@pytest.mark.parametrize(
    "password", ["four invented words", "麒麟在十二點鐘喝了一杯茶", "dev-5f0c2a9e77b1", "xK9#mPq2vLw8"]
)
def test_a_long_password_of_any_script_is_taken(password: str, listed: Path) -> None:
    assert fault(password, "reviewer", listed) is None


def test_a_breached_password_is_refused_and_the_refusal_does_not_repeat_it(listed: Path) -> None:
    for password in BREACHED:
        said = fault(password, "reviewer", listed)
        assert said is not None
        assert "stolen elsewhere" in said
        assert password not in said
        assert fault(password, "reviewer", None) is None


def test_every_line_is_found_from_the_first_to_the_last_and_nothing_else(listed: Path) -> None:
    assert all(is_breached(f"filler {number}", listed) for number in range(1000))
    assert not any(is_breached(f"other {number}", listed) for number in range(1000))


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_list_of_one_line_or_without_its_last_line_end_is_read(tmp_path: Path, ending: str) -> None:
    path = tmp_path / "one.txt"
    for content in (line("stolen", ending), line("stolen", "")):
        path.write_text(content, newline="")
        assert is_such_a_list(path)
        assert is_breached("stolen", path)
        assert not is_breached("not stolen", path)


def test_a_list_is_never_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "large.txt"
    row = line("x")
    with path.open("w", newline="") as lines:
        for number in range(200_000):
            lines.write(f"{number:040X}:1\r\n")
    assert path.stat().st_size > 20 * len(row) * 1000
    tracemalloc.start()
    assert not is_breached("not there", path)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 300_000


@pytest.mark.parametrize("content", ["", "stolen\n", "<html>\n", line("x").lower()])
def test_what_is_no_list_of_hashes_stops_the_start(
    tmp_path: Path, content: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "wrong.txt"
    path.write_text(content)
    with pytest.raises(SettingsError, match="BREACHED_PASSWORDS"):
        load_settings(breached_passwords=path)

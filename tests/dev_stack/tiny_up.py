"""A whole ``up`` over one tiny part, as a process of its own: DATA_DIR PORT [exit]."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from rich.console import Console

from dev.stack import answers
from dev.stack.errors import StackError
from dev.stack.part import Listen, Part
from dev.stack.screen import Screen
from dev.stack.up import Run, up


def main(data_dir: str, port: str, *words: str) -> int:
    """Run it and give the exit code as ``orderflow up`` would."""
    part = Part(
        name="web",
        command=(sys.executable, "-m", "http.server", port, "--bind", "127.0.0.1"),
        address=f"http://127.0.0.1:{port}",
        listens=(Listen(int(port), "ORDERFLOW_WEB_PORT"),),
        ready=answers.http(f"http://127.0.0.1:{port}/"),
    )
    run = Run(
        parts=[part],
        data_dir=Path(data_dir),
        environment=dict(os.environ),  # noqa: TID251 - a program of its own, not a part of the product
        screen=Screen(Console()),
        errand=_errand(words),
        welcome=lambda: print("welcome", flush=True),  # noqa: T201
        stay="exit" not in words,
    )
    try:
        return asyncio.run(up(run))
    except StackError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return error.exit_code


def _errand(words: tuple[str, ...]):  # type: ignore[no-untyped-def]
    async def errand() -> int:
        if "fail" in words:
            raise LookupError("the demo broke")
        if "long" in words:
            await asyncio.Event().wait()
        return 5 if "exit" in words else 0

    return errand


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

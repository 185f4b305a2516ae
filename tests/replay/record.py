"""``python -m tests.replay.record``: live every path once more and write its golden history.

Runs recording_*.py through pytest, so that the paths are lived in the very shop of the
workflow tests: a real server, a real database, the simulated world over HTTP. Record anew
only what no running order depends on: an order begun under the old code still has to replay.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pytest

RECORDINGS = Path(__file__).parent


def main(arguments: list[str]) -> int:
    """Record all paths, or those whose names contain PART. Returns pytest's exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.replay.record", description=__doc__)
    parser.add_argument("part", nargs="?", default="", help="only the paths with this in their names")
    part = parser.parse_args(arguments).part
    options = ["-o", "python_files=recording_*.py", "-o", "python_functions=record_*", "-p", "no:cacheprovider"]
    return int(pytest.main([str(RECORDINGS), *options, *(["-k", part] if part else [])]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

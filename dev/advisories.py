"""``make audit``: known vulnerabilities of the pinned packages, or a plain word that nobody could be asked.

pip-audit reports success also when it found no package to ask about. Silence is no good news, so
here it counts as an answer that is missing.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

PINNED = Path(__file__).parent.parent / "requirements" / "dev.txt"
NONE_KNOWN, SOME_KNOWN, NOT_ASKED = 0, 1, 2


def ask(arguments: Sequence[str]) -> tuple[int, str]:
    """Ask the open advisories (OSV) about every pinned package; the exit code and what to print.

    0: none is known; 1: some are, each named with the version that mends it; 2: not every
    package could be asked about. ``arguments`` go to pip-audit.
    """
    command = [
        *(sys.executable, "-m", "pip_audit", "--requirement", str(PINNED), "--no-deps", "--disable-pip"),
        *("--vulnerability-service", "osv", "--format", "json", "--progress-spinner", "off", *arguments),
    ]
    # Every word is our own, or was typed by whoever runs this.
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # nosec B603
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except (json.JSONDecodeError, KeyError):
        reason = done.stderr.strip().rpartition("\n")[2]
        return NOT_ASKED, f"No advisory source could be reached, so nothing is known about any package.\n{reason}"
    return _read(packages)


def _read(packages: Sequence[Mapping[str, Any]]) -> tuple[int, str]:
    unasked = [package["name"] for package in packages if "skip_reason" in package]
    known = [_line(package, advisory) for package in packages for advisory in package.get("vulns", ())]
    if known:
        return SOME_KNOWN, "\n".join(known)
    if unasked or not packages:
        return NOT_ASKED, f"No advisory source knows these packages, so nothing is known about them: {unasked}"
    return NONE_KNOWN, f"No known vulnerability in {len(packages)} packages."


def _line(package: Mapping[str, Any], advisory: Mapping[str, Any]) -> str:
    mended = ", ".join(advisory["fix_versions"]) or "no version yet"
    return f"{package['name']} {package['version']}: {advisory['id']}, mended in {mended}"


if __name__ == "__main__":
    code, said = ask(sys.argv[1:])
    print(said)
    sys.exit(code)

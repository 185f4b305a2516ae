"""CPU is read for a process with everything it started, also what has ended since."""

from __future__ import annotations

import subprocess
import sys

from bench.cpu import cpu_seconds

BURN = "import time\nwhile time.process_time() < 0.3: pass\n"
PARENT = f"""
import subprocess, sys
subprocess.run([sys.executable, "-c", {BURN!r}], check=True)
print("child has ended", flush=True)
sys.stdin.read()
"""


def test_the_cpu_of_an_ended_child_is_counted() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "child has ended\n"
        assert cpu_seconds(parent.pid) >= 0.3
        parent.communicate()


def test_the_cpu_of_a_running_child_is_counted() -> None:
    child = BURN + "print('burnt', flush=True)\nimport sys; sys.stdin.read()\n"
    program = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}], check=True)"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "burnt\n"
        assert cpu_seconds(parent.pid) >= 0.3
        parent.communicate()

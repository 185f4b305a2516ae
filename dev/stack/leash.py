"""Runs a command that shall not outlive its supervisor.

``leash.py SUPERVISOR_PID DEATH_SIGNAL UID GID COMMAND...``: asks the kernel (Linux) to send the signal
when the supervisor dies, however it dies; gives up root where a uid is named (-1: stay); then becomes
the command. It is run as a file with ``python -I -S``, so it imports the standard library only.
"""

from __future__ import annotations

import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Tie this process to its supervisor and become the command."""
    supervisor, death_signal, uid, gid = (int(argument) for argument in arguments[:4])
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    # Changing the user forgets the death signal, so it is set after that.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, death_signal)
    # The supervisor may have died before the kernel was asked.
    if os.getppid() != supervisor:
        sys.exit("the supervisor is gone")
    command = arguments[4:]
    # The command is a part of our own stack, given by its supervisor.
    os.execvp(command[0], command)  # nosec B606


if __name__ == "__main__":
    main(sys.argv[1:])

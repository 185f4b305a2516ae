"""How often Python looks for garbage that reference counts leave behind.

Its own answer, after every 700 new objects, suits small programs. Ours import some hundred thousand objects
that live as long as the process, and walked through them again and again: a twelfth of the CPU of a start.
"""

from __future__ import annotations

import gc
from typing import TypeVar

Built = TypeVar("Built")

_NEW_OBJECTS = 50_000


def look_seldom() -> None:
    """Call it first: most is gained while modules are imported."""
    gc.set_threshold(_NEW_OBJECTS, 20, 20)


def settled(built: Built) -> Built:
    """Hand on what was built; what stands by now stands for good, and is not looked through any more."""
    gc.collect()
    gc.freeze()
    return built

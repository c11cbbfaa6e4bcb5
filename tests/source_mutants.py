"""A module with lines of its source changed: wrong variants of formulas that are not functions of their own."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType


def mutated(module: ModuleType, changes: dict[str, str]) -> ModuleType:
    """A copy of `module` in whose source each key, which occurs exactly once, is replaced by its value.

    Raises: ValueError unless it does, so that a mutant cannot outlive the line it is about.
    """
    source = Path(str(module.__file__)).read_text(encoding="utf-8")
    for right, wrong in changes.items():
        if source.count(right) != 1:
            raise ValueError(f"{right!r} occurs {source.count(right)} times in {module.__name__}; expected once")
        source = source.replace(right, wrong)
    copy = ModuleType(f"{module.__name__}_mutant")
    copy.__package__, copy.__file__ = module.__package__, module.__file__
    sys.modules[copy.__name__] = copy  # dataclasses look their module up
    try:
        exec(compile(source, str(module.__file__), "exec"), copy.__dict__)
    finally:
        del sys.modules[copy.__name__]
    return copy

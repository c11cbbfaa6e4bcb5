"""What code a function runs: a digest of it and of everything it reaches that is no installed library, and versions.

Two texts with the same syntax tree, docstrings left out, have the same digest: a cache outlives a better comment.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import inspect
import json
import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import FunctionType
from typing import Any

from .reach import Reached, files_of, top


@dataclass(frozen=True)
class Fingerprint:
    """The name of a function, the digest of its code, and the versions of the libraries that it imports."""

    function: str
    code: str
    versions: dict[str, str]


def fingerprint(function: Callable[..., Any]) -> Fingerprint:
    """Names and digests what `function` runs.

    Of its own module, the functions, classes and constants that it names, directly or through others; whole, each
    module of the same package (or of no installed distribution) that these import, and what that one imports.
    Raises: TypeError when the source cannot be had, or depends on values that have no text of their own.
    """
    inner, bound = _unbound(function)
    reached = Reached(inner)
    files, libraries = files_of(reached.modules, reached.home)
    parts = {**reached.texts, **files, "": json.dumps(bound, sort_keys=True)}
    digest = hashlib.blake2b(json.dumps(sorted(parts.items())).encode(), digest_size=8)
    name = f"{inner.__module__}.{inner.__qualname__}"
    return Fingerprint(name, digest.hexdigest(), _versions(libraries | {"numpy", top(reached.home)}))


def _unbound(function: Callable[..., Any]) -> tuple[FunctionType, list[Any]]:
    """The function inside partial applications, and the values bound to it."""
    bound: list[Any] = []
    while isinstance(function, functools.partial):
        bound += [function.args, function.keywords]
        function = function.func
    if not isinstance(function, FunctionType):
        raise TypeError(
            f"function is a {type(function).__name__}; expected a function written with def or lambda, "
            "or functools.partial of one, as its code says whether a cache is still its own"
        )
    if "<" in function.__qualname__:  # <locals>, <lambda>: the defaults are values of the moment, not of the text
        bound += [function.__defaults__, function.__kwdefaults__]
    for name, value in inspect.getclosurevars(function).nonlocals.items():
        nested = isinstance(value, FunctionType) and value is not function
        bound += [] if value is function else [name, fingerprint(value).code if nested else value]
    try:
        json.dumps(bound)
    except TypeError as error:
        raise TypeError(
            f"function {function.__qualname__} is bound to a value that is no number, string or list ({error}); "
            "make it a parameter on the grid, or look it up inside the function"
        ) from None
    return function, bound


def _versions(libraries: set[str]) -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in sorted(libraries):
        for distribution in _distributions().get(name, [])[:1]:
            found[distribution] = importlib.metadata.version(distribution)
    return found


@functools.cache
def _distributions() -> Mapping[str, list[str]]:
    return importlib.metadata.packages_distributions()

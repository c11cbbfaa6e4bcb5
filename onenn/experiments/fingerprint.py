"""What code a function runs: a digest of it and of everything it reaches that is no installed library, and versions.

Two texts with the same syntax tree, docstrings left out, have the same digest: a cache outlives a better comment.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib.metadata
import importlib.util
import inspect
import json
import platform
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any


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
    reached = _Reached(inner.__module__)
    reached.value(inner.__qualname__, inner)
    parts = {**reached.texts, **_files(reached.modules, reached.home), "": json.dumps(bound, sort_keys=True)}
    digest = hashlib.blake2b(json.dumps(sorted(parts.items())).encode(), digest_size=8)
    libraries = {module.split(".")[0] for module in reached.modules} | {"numpy", _top(reached.home)}
    return Fingerprint(f"{inner.__module__}.{inner.__qualname__}", digest.hexdigest(), _versions(libraries))


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


@dataclass
class _Reached:
    """Texts of the names of one module, and the other modules that they mention."""

    home: str
    texts: dict[str, str] = field(default_factory=dict)
    modules: set[str] = field(default_factory=set)

    def value(self, name: str, value: Any) -> None:
        if isinstance(value, ModuleType):
            self.modules.add(value.__name__)
        elif isinstance(value, FunctionType | type) and value.__module__ != self.home:
            self.modules.add(value.__module__)
        elif isinstance(value, FunctionType | type):
            self.definition(value)
        elif isinstance(value, Mapping):
            self.value(name, list(value.items()))
        elif isinstance(value, tuple | list | set | frozenset):
            for index, item in enumerate(value):
                self.value(f"{name}[{index}]", item)
        elif value is None or isinstance(value, int | float | complex | str | bytes):
            self.texts[name] = repr(value)
        else:
            self.modules.add(type(value).__module__)

    def definition(self, thing: FunctionType | type) -> None:
        if thing.__qualname__ in self.texts:
            return
        try:
            tree = ast.parse(textwrap.dedent(inspect.getsource(thing)))
        except (OSError, TypeError, SyntaxError) as error:
            raise TypeError(
                f"the source of {thing.__qualname__} cannot be read ({error}); write it with def in a file or a "
                "notebook cell, as its code says whether a cache is still its own"
            ) from None
        self.texts[thing.__qualname__] = _dumped(tree)
        self.modules |= set(_imports(tree, _package(self.home)))
        functions = [thing] if isinstance(thing, FunctionType) else filter(inspect.isfunction, vars(thing).values())
        for function in functions:
            for name in sorted(_names(function.__code__) & set(function.__globals__)):
                self.value(name, function.__globals__[name])


def _names(code: CodeType) -> set[str]:
    inner = (constant for constant in code.co_consts if isinstance(constant, CodeType))
    return set(code.co_names).union(*map(_names, inner))


def _files(modules: set[str], home: str) -> dict[str, str]:
    """The texts of those modules that are no installed library, and of the like ones that they import."""
    found: dict[str, str] = {}
    waiting = sorted(modules - {home})
    while waiting:
        name = waiting.pop()
        spec = _spec(name) if _top(name) == _top(home) or not _is_library(_top(name)) else None
        if name in found or spec is None or not str(spec.origin).endswith(".py"):
            continue
        tree = ast.parse(Path(str(spec.origin)).read_text(encoding="utf-8"))
        waiting += _imports(tree, name if spec.submodule_search_locations is not None else name.rpartition(".")[0])
        found[name] = _dumped(tree)
    return found


def _imports(tree: ast.AST, package: str) -> Iterator[str]:
    """The modules of all import statements, wherever they stand; dots start from `package`.

    The members are listed with them, as a member may be a module itself.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")[: 1 - node.level or None] if node.level else []
            module = ".".join([*parts, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def _dumped(tree: ast.AST) -> str:
    """The syntax tree as text, without docstrings."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                node.body = node.body[1:]
    return ast.dump(tree)


def _top(name: str) -> str:
    return name.split(".", maxsplit=1)[0]


def _package(module: str) -> str:
    return str(getattr(sys.modules.get(module), "__package__", None) or "")


@functools.cache
def _spec(name: str) -> Any:
    try:
        return importlib.util.find_spec(name)
    except (ImportError, ValueError, AttributeError):
        return None


@functools.cache
def _distributions() -> dict[str, list[str]]:
    return dict(importlib.metadata.packages_distributions())


def _is_library(top: str) -> bool:
    return top in sys.stdlib_module_names or top in _distributions()


def _versions(libraries: set[str]) -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in sorted(libraries):
        for distribution in _distributions().get(name, [])[:1]:
            found[distribution] = importlib.metadata.version(distribution)
    return found

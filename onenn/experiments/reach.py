"""The code that a function reaches: in its own module by name, in other modules of its package whole.

Texts are syntax trees without docstrings, so that a better comment changes nothing.
"""

from __future__ import annotations

import ast
import functools
import importlib.util
import inspect
import sys
import sysconfig
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any


class Reached:
    """Texts of the names of one module, and the other modules that they mention."""

    def __init__(self, function: FunctionType) -> None:
        self.home = function.__module__
        self.names = function.__globals__
        self.statements = _assignments(self.home)
        self.texts: dict[str, str] = {}
        self.modules: set[str] = set()
        self.definition(function)

    def name(self, name: str) -> None:
        """A constant stands for the statements that make it, not for its value, which may be a log that grows."""
        value = self.names[name]
        if isinstance(value, ModuleType):
            self.modules.add(value.__name__)
        elif isinstance(value, FunctionType | type):
            self.definition(value)
        elif name in self.statements and name not in self.texts:
            self.texts[name] = "".join(map(_dumped, self.statements[name]))
            for tree in self.statements[name]:
                self.follow(tree)
        elif name not in self.statements:  # in a notebook
            self.value(name, value)

    def value(self, name: str, value: Any) -> None:
        if isinstance(value, Mapping):
            self.value(name, list(value.items()))
        elif isinstance(value, tuple | list | set | frozenset):
            for index, item in enumerate(value):
                self.value(f"{name}[{index}]", item)
        elif isinstance(value, FunctionType | type):
            self.definition(value)
        elif value is None or isinstance(value, int | float | complex | str | bytes):
            self.texts[name] = repr(value)
        else:
            self.modules.add(type(value).__module__)

    def definition(self, thing: FunctionType | type) -> None:
        if thing.__module__ != self.home:
            self.modules.add(thing.__module__)
            return
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
        self.follow(tree)

    def follow(self, tree: ast.AST) -> None:
        """Every name in the text that the module knows: in bodies, defaults, decorators."""
        for name in sorted({node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} & set(self.names)):
            self.name(name)


def _assignments(module: str) -> dict[str, list[ast.stmt]]:
    """The statements of a module that give a value to a name, by name; none for a notebook."""
    try:
        tree = ast.parse(inspect.getsource(sys.modules[module]))
    except (KeyError, OSError, TypeError):
        return {}
    found: dict[str, list[ast.stmt]] = {}
    for statement in tree.body:
        if not isinstance(
            statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom
        ):
            for node in ast.walk(statement):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    found.setdefault(node.id, []).append(statement)
    return found


def files_of(modules: set[str], home: str) -> tuple[dict[str, str], set[str]]:
    """The texts of those modules that are no installed library, and of the like ones that they import; the libraries.

    What a developer has installed in place (editable) is no library: its code changes and its version does not.
    """
    found: dict[str, str] = {}
    libraries: set[str] = set()
    waiting = sorted(modules - {home})
    while waiting:
        name = waiting.pop()
        if top(name) != top(home) and _is_library(top(name)):
            libraries.add(top(name))
            continue
        spec = _spec(name)
        if name in found or spec is None or not str(spec.origin).endswith(".py"):
            continue
        tree = ast.parse(Path(str(spec.origin)).read_text(encoding="utf-8"))
        waiting += _imports(tree, name if spec.submodule_search_locations is not None else name.rpartition(".")[0])
        found[name] = _dumped(tree)
    return found, libraries


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


def top(name: str) -> str:
    """The first part of a dotted name: the package that is imported with it."""
    return name.split(".", maxsplit=1)[0]


def _package(module: str) -> str:
    return str(getattr(sys.modules.get(module), "__package__", None) or "")


@functools.cache
def _spec(name: str) -> Any:
    try:
        return importlib.util.find_spec(name)
    except (ImportError, ValueError, AttributeError):
        return None


def _is_library(name: str) -> bool:
    """Whether that package belongs to Python or lies where pip puts packages; what is nowhere has no code here."""
    spec = None if name in sys.stdlib_module_names else _spec(name)
    if spec is None or spec.origin is None:
        return True
    installed = {Path(sysconfig.get_path(kind)).resolve() for kind in ("purelib", "platlib")}
    return any(Path(spec.origin).resolve().is_relative_to(folder) for folder in installed)

"""A digest changes with the code that a function reaches, and with nothing else."""

import functools
import importlib
import itertools
import json
import sys
import textwrap

import pytest

from onenn.experiments import fingerprint as module
from onenn.experiments.fingerprint import fingerprint

COUNT = itertools.count()

FILES = {
    "__init__": "",
    "topic": """
        '''About.'''
        import functools
        from .near import near
        SIZE = 3
        LOG = []
        GRID = {"n": [1, 2]}
        METHODS = {"a": lambda x: x, "b": abs}

        def helper(x):
            return x + SIZE

        def unused(x):
            return x

        class Model:
            def fit(self, x):
                return METHODS["a"](x)

        def run(n, rng=None):
            '''What it does.'''
            from .lazy import distant
            LOG.append(n)
            return helper(n) + near(n) + distant(n) + Model().fit(n)
    """,
    "near": "from . import deep\ndef near(x):\n    return deep.deep(x)\n",
    "deep": "def deep(x):\n    return x\n",
    "lazy": "from .near import near\nimport scipy.linalg\ndef distant(x):\n    return x\n",
    "apart": "def apart(x):\n    return x\n",
}


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Writes a package under a fresh name with some texts replaced, and returns its function `run`."""
    monkeypatch.syspath_prepend(tmp_path)

    def make(**replaced: tuple[str, str]):
        name = f"made_{next(COUNT)}"
        (tmp_path / name).mkdir()
        for file, text in FILES.items():
            old, new = replaced.get(file, ("", ""))
            assert old in text
            (tmp_path / name / f"{file}.py").write_text(textwrap.dedent(text.replace(old, new, 1)))
        importlib.invalidate_caches()
        return importlib.import_module(f"{name}.topic")

    yield make
    for name in [name for name in sys.modules if name.startswith("made_")]:
        del sys.modules[name]


def code(topic) -> str:
    """The digest, with the name of the package (which differs from one to the next) taken out of the texts."""
    reached = module.Reached(topic.run)
    files, _ = module.files_of(reached.modules, reached.home)
    return json.dumps(sorted({**reached.texts, **files}.items())).replace(topic.__name__.split(".")[0], "made")


@pytest.mark.parametrize(
    "replaced",
    [
        {"topic": ("x + SIZE", "x - SIZE")},
        {"topic": ("SIZE = 3", "SIZE = 4")},
        {"topic": ("lambda x: x", "lambda x: -x")},
        {"topic": ("near(n) + distant", "near(n) - distant")},
        {"topic": ("return METHODS", "return -METHODS")},
        {"topic": ("rng=None", "rng=0")},
        {"near": ("deep.deep(x)", "deep.deep(-x)")},
        {"deep": ("return x", "return 2 * x")},
        {"lazy": ("return x", "return 2 * x")},
    ],
    ids=str,
)
def test_every_line_that_the_function_reaches_counts(package, replaced):
    """Helpers, constants, classes, defaults, modules imported at the top or inside, and what those import."""
    assert code(package(**replaced)) != code(package())


@pytest.mark.parametrize(
    "replaced",
    [
        {"topic": ("What it does.", "What it really does.")},
        {"topic": ("About.", "About another.")},
        {"topic": ("LOG.append(n)", "LOG.append(n)  # for the record")},
        {"topic": ("def unused(x):\n            return x", "def unused(x):\n            return -x")},
        {"topic": ('"n": [1, 2]', '"n": [1, 2, 3]')},
        {"apart": ("return x", "return -x")},
    ],
    ids=str,
)
def test_nothing_else_counts(package, replaced):
    """Comments, docstrings, neighbours that it does not call, the grid that it is run on."""
    assert code(package(**replaced)) == code(package())


def test_a_value_that_grows_is_not_code(package):
    """A constant stands for the line that makes it: a log filled by the first run does not make the second another."""
    topic = package()
    before = fingerprint(topic.run)
    topic.run(2)
    assert topic.LOG
    assert fingerprint(topic.run) == before


def test_libraries_are_named_with_their_versions(package):
    """Also those that are imported inside the modules reached."""
    assert set(fingerprint(package().run).versions) == {"python", "numpy", "scipy"}


def test_the_package_that_is_installed_in_place_is_code():
    """A script that calls onenn must not resume with another state of it."""

    def calls():
        from onenn.experiments import sweep

        return sweep

    reached = module.Reached(calls)
    files, libraries = module.files_of(reached.modules, reached.home)
    assert "onenn.experiments.reach" in files
    assert "onenn" not in libraries


def test_values_bound_to_a_function_are_part_of_it():
    """Closures, defaults of inner functions, partial applications."""

    def make(value):
        def inner(n, m=value):
            return n + value

        return inner

    codes = [fingerprint(make(value)).code for value in (1, 2)]
    codes += [fingerprint(functools.partial(make(1), m=value)).code for value in (1, 2)]
    assert len(set(codes)) == 4
    assert fingerprint(make(1)).code == codes[0]


def test_a_function_that_calls_itself_ends():
    """Its closure holds itself."""

    def factorial(n):
        return 1 if n == 0 else n * factorial(n - 1)

    assert fingerprint(factorial) == fingerprint(factorial)


def test_what_has_no_text_is_refused_with_the_remedy():
    """An object bound to the function, a method, something compiled, a function made from a string."""
    thing = object()

    def bound():
        return thing

    with pytest.raises(TypeError, match="parameter on the grid"):
        fingerprint(bound)
    with pytest.raises(TypeError, match="expected a function written with def"):
        fingerprint(len)
    with pytest.raises(TypeError, match="expected a function written with def"):
        fingerprint("a".join)
    namespace = {"__name__": "nowhere"}
    exec("def f(n): return n", namespace)
    with pytest.raises(TypeError, match="source of f cannot be read"):
        fingerprint(namespace["f"])

"""The digest changes with the mathematics, and with nothing else."""

import shutil
import subprocess
import sys

import pytest

from onenn.ledger import digest as module
from onenn.ledger.digest import digest


@pytest.fixture
def package(tmp_path):
    """A package of two mathematical modules, and of all that is none."""
    root = tmp_path / "onenn"
    for name, text in {
        "__init__.py": "",
        "gaussian/alpha.py": "alpha = 1\n",
        "gaussian/beta.py": "beta = 2\n",
        "ledger/card.py": "card = 3\n",
        "reader/page.py": "page = 4\n",
        "plots/rho.py": "plot = 5\n",
        "figures.py": "ink = 6\n",
        "gaussian/table.json": "{}",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def test_a_changed_byte_a_new_module_and_a_new_name_change_it(package):
    """Each of them may change a result."""
    seen = [digest(package)]
    (package / "gaussian/alpha.py").write_text("alpha = 2\n")
    seen.append(digest(package))
    (package / "network.py").write_text("")
    seen.append(digest(package))
    (package / "network.py").rename(package / "networks.py")
    seen.append(digest(package))
    assert len(set(seen)) == 4


def test_text_that_moves_between_modules_changes_it(package):
    """Names and lengths separate the modules, so the same bytes elsewhere are another package."""
    before = digest(package)
    (package / "gaussian/alpha.py").write_text("alpha = 1\nbeta = 2\n")
    (package / "gaussian/beta.py").write_text("")
    assert digest(package) != before


@pytest.mark.parametrize(
    "name", ["ledger/card.py", "reader/page.py", "plots/rho.py", "figures.py", "gaussian/table.json"]
)
def test_what_decides_nothing_does_not_change_it(package, name):
    """Editing a card, a page or a picture must not execute the book again."""
    before = digest(package)
    (package / name).write_text("changed")
    assert digest(package) == before


def test_the_place_of_the_package_does_not_change_it(package, tmp_path):
    """A certificate holds on another machine."""
    shutil.copytree(package, tmp_path / "elsewhere")
    assert digest(tmp_path / "elsewhere") == digest(package)


@pytest.mark.parametrize("library", module.LIBRARIES)
def test_another_version_of_a_library_changes_it(package, library, monkeypatch):
    """The decisions are theirs too."""
    before = digest(package)
    version = module.metadata.version
    monkeypatch.setattr(module.metadata, "version", lambda name: "99" if name == library else version(name))
    assert digest(package) != before


def test_another_python_changes_it(package, monkeypatch):
    """Its arithmetic of integers and fractions decides the exact checks."""
    before = digest(package)
    monkeypatch.setattr(module.platform, "python_version", lambda: "2.7.18")
    assert digest(package) != before


def test_a_missing_library_is_no_error(package, monkeypatch):
    """The digest is then that of an environment without it."""

    def absent(name):
        raise module.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(module.metadata, "version", absent)
    assert len(digest(package)) == 16


def test_an_empty_folder_is_an_error(tmp_path):
    """A digest of nothing would agree with every other digest of nothing."""
    with pytest.raises(FileNotFoundError, match="package_dir"):
        digest(tmp_path)


@pytest.mark.slow
def test_importing_the_ledger_loads_nothing_heavy():
    """A chapter's first cell imports it: no Sphinx, pytest, IPython or figures for that."""
    heavy = ("sphinx", "pytest", "IPython", "jupytext", "matplotlib", "torch", "sklearn", "sympy")
    code = f"import sys, onenn.ledger; print([name for name in {heavy!r} if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"

"""The digest of the mathematics: sixteen hexadecimal digits that change when the code behind the evidence changes.

    digest = sha256(python, numpy, scipy, sympy, python-flint versions; relative path and bytes of each module)[:16]

The ledger, the reader's pages and the figures are left out: they show evidence and decide nothing.
"""

from __future__ import annotations

import hashlib
import platform
from importlib import metadata
from pathlib import Path

LIBRARIES = ("numpy", "python-flint", "scipy", "sympy")
NOT_MATHEMATICS = ("ledger", "reader", "plots", "figures.py")


def digest(package_dir: str | Path | None = None) -> str:
    """Sixteen hexadecimal digits over the mathematical modules of `package_dir` (default: the installed onenn).

    Law: depends on the modules' names and bytes and on the versions of Python and of the four libraries; not on the
    place of the package, nor on time. Raises: FileNotFoundError when the folder holds no module.

    >>> len(digest()), digest() == digest()
    (16, True)
    """
    root = Path(__file__).resolve().parent.parent if package_dir is None else Path(package_dir)
    modules = {path.relative_to(root).as_posix(): path for path in root.rglob("*.py")}
    mathematics = [name for name in sorted(modules) if name.split("/")[0] not in NOT_MATHEMATICS]
    if not mathematics:
        raise FileNotFoundError(f"package_dir is {root} and holds no module; pass the folder of the onenn package")
    whole = hashlib.sha256()
    for part in (f"python {platform.python_version()}", *(f"{name} {version(name)}" for name in LIBRARIES)):
        whole.update(part.encode() + b"\0")
    for name in mathematics:
        # The length between name and bytes: otherwise text could move from one module to the next unnoticed.
        content = modules[name].read_bytes()
        whole.update(f"{name} {len(content)}".encode() + b"\0" + content)
    return whole.hexdigest()[:16]


def version(library: str) -> str:
    """The installed version of a library, or "absent"."""
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return "absent"

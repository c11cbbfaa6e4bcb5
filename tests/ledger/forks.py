"""Run as a script: a process that has imported what a build imports, and answers each request with a fork that builds.

    request (one line of JSON): folder, environment, output file, arguments of jupyter-book     ->     exit status

A build of a miniature book takes less time than its imports. Each fork is a process of its own, as a command would be;
nothing of the package under test is imported before it.
"""

import importlib
import json
import os
import sys
import traceback

LIBRARIES = (
    "jupyter_book.cli.main",
    "jupyter_cache",
    "myst_nb.sphinx_ext",
    "nbclient",
    "networkx",
    "pydata_sphinx_theme",
    "sphinx.cmd.build",
    "sphinx_book_theme",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_external_toc",
    "sphinx_jupyterbook_latex",
    "sphinx_proof",
    "sphinx_thebe",
    "sphinx_togglebutton",
    "sphinxcontrib.bibtex",
)


def build(folder: str, environment: dict[str, str], output: str, arguments: list[str]) -> int:
    """The exit status of the command jupyter-book; all that it prints goes to the file."""
    written = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(written, stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:0] = filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))
    sys.argv = ["jupyter-book", *arguments]
    try:
        importlib.import_module("jupyter_book.cli.main").main()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        status = 1
    else:
        status = 0
    sys.stdout.flush()
    sys.stderr.flush()
    return status


def serve() -> None:
    """Answer requests until the other side is closed."""
    for name in LIBRARIES:
        importlib.import_module(name)
    assert "onenn" not in sys.modules
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            os._exit(build(*json.loads(line)))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    serve()

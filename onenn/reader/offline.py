"""Every page is complete without a network: MathJax is copied into the book, and no script names another host.

MathJax comes from the package sphinx-mathjax-offline, of which only the files are used. The SVG output is taken because
it needs no web fonts, which browsers refuse to a page opened from disk.
"""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.addnodes import toctree
    from sphinx.application import Sphinx

MATHJAX = "tex-svg-full.js"
STATIC = Path(__file__).parent / "static"


def connect(app: Sphinx) -> None:
    """Copy the scripts at the end, drop foreign ones from each page, and list the index among the pages."""
    app.add_js_file("fit-formulas.js", loading_method="defer")
    app.connect("builder-inited", _use_own_files)
    app.connect("html-page-context", _drop_foreign_scripts, priority=900)
    app.connect("doctree-read", _list_the_index, priority=100)
    app.connect("build-finished", _copy_mathjax)


def _use_own_files(app: Sphinx) -> None:
    app.config.html_static_path.append(str(STATIC))
    # Also on pages without formulas of their own: previews and tables bring theirs.
    app.set_html_assets_policy("always")


def _drop_foreign_scripts(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Jupyter Book loads sphinx-thebe, whose inline script names a host of the Thebe library; nothing here uses it."""
    context["script_files"] = [script for script in context.get("script_files", []) if "thebe" not in _text(script)]


def _text(script: Any) -> str:
    attributes = getattr(script, "attributes", None) or {}
    return f"{getattr(script, 'filename', script)} {attributes.get('body', '')}".lower()


def _list_the_index(app: Sphinx, doctree: Any) -> None:
    """Sphinx writes genindex.html itself; _toc.yml can only name files and addresses, so the entry is added here."""
    from sphinx.addnodes import toctree

    if app.env.docname != app.config.root_doc:
        return
    trees: list[toctree] = list(doctree.findall(toctree))
    if trees:
        trees[-1]["entries"].append(("Index", "genindex"))


def _copy_mathjax(app: Sphinx, exception: Exception | None) -> None:
    if exception is not None or app.builder.format != "html":
        return
    target = Path(app.outdir) / "_static" / "mathjax"
    if (target / MATHJAX).exists():
        return
    spec = find_spec("sphinx-mathjax-offline")
    if spec is None or spec.origin is None:
        raise FileNotFoundError(
            "MathJax is not installed: pip install sphinx-mathjax-offline (it is in requirements.txt)"
        )
    source = Path(spec.origin).parent / "static" / "mathjax"
    target.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source / MATHJAX, target / MATHJAX)
    for folder in ("a11y", "sre"):  # what MathJax's accessibility menu loads when a reader turns it on
        shutil.copytree(source / folder, target / folder, dirs_exist_ok=True)

"""The notebook to download from a chapter: executed, in plain Markdown, needing nothing but `onenn` to run again.

The text is the resolved page (numbers, citations and terms are words); the cells and their outputs are those of the
executed notebook. A picture is kept as PNG: Jupyter shows no inline SVG in a notebook it has not been told to trust.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes

from onenn.reader.markdown import Markdown, Numbers

if TYPE_CHECKING:
    from nbformat import NotebookNode
    from sphinx.application import Sphinx

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
HOW_TO_RUN = (
    "*An executed chapter of the book “{book}”. To run it again, install the package `onenn` (`pip install -e .` in a "
    "copy of the book's repository, Python 3.11 or newer), then choose “Run All Cells”. "
    "Numbers of statements are those of the book.*"
)
FOLDER = "_sources"  # where the theme's button looks


def connect(app: Sphinx) -> None:
    """Write the notebook when its page is written (after every other change of the page) and show the button."""
    app.connect("doctree-resolved", _write, priority=950)
    app.connect("html-page-context", _offer, priority=400)


def _executed(app: Sphinx, docname: str) -> Path:
    return Path(app.outdir).parent / "jupyter_execute" / f"{docname}.ipynb"


def _target(app: Sphinx, docname: str) -> Path:
    return Path(app.outdir) / FOLDER / f"{docname}.ipynb"


def _write(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    if app.builder.format != "html" or app.builder.name != "html" or not any(doctree.findall(_is_cell)):
        return
    import nbformat

    executed = nbformat.read(_executed(app, docname), as_version=4)
    target = _target(app, docname)
    target.parent.mkdir(parents=True, exist_ok=True)
    opening = HOW_TO_RUN.format(book=app.config.project)
    notebook = plain_notebook(doctree, executed, numbers_of(app, docname), opening, sources_of(app, docname))
    nbformat.write(notebook, target)


def _offer(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    if _target(app, pagename).exists():
        context["ipynb_source"] = f"{pagename}.ipynb"


def numbers_of(app: Sphinx, docname: str) -> Numbers:
    """The numbers that Sphinx has given to the sections, statements and equations of `docname`."""
    sections = app.env.toc_secnumbers.get(docname, {})
    figures = app.env.toc_fignumbers.get(docname, {})
    return Numbers(
        section=lambda label: ".".join(map(str, sections.get(f"#{label}" if label else "", ()))),
        figure=lambda kind, label: ".".join(map(str, figures.get(kind, {}).get(label, ()))),
    )


def sources_of(app: Sphinx, docname: str) -> str:
    """What `docname` cites, as a list; empty when it cites nothing."""
    from pybtex.plugin import find_plugin

    domain: Any = app.env.get_domain("cite")
    places = (place for place in domain.citation_refs if place.docname == docname)
    cited = {target.key for place in places for target in place.targets}
    plain = find_plugin("pybtex.backends", "markdown")()
    entries = [entry.formatted_entry.text.render(plain) for entry in domain.citations if entry.key in cited]
    return "\n".join(["## Sources", "", *(f"- {entry}" for entry in sorted(entries))]) if entries else ""


def plain_notebook(
    doctree: nodes.document, executed: NotebookNode, numbers: Numbers, opening: str, closing: str
) -> NotebookNode:
    """The notebook of a resolved page and its executed cells, also those that the page leaves out.

    `opening` stands below the title, `closing` at the end.
    """
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

    source = executed.cells
    cells: list[Any] = []
    following = 0
    for piece in [*_pieces(doctree, Markdown(numbers)), len(source)]:
        if isinstance(piece, str):
            cells.append(new_markdown_cell(piece))
            continue
        for index in range(following, min(piece + 1, len(source))):
            if source[index].cell_type == "code":
                cells.append(new_code_cell(source[index].source, **_kept(source[index])))
        following = piece + 1
    title, _, rest = cells[0].source.partition("\n\n")
    cells[0].source = "\n\n".join(filter(None, (title, opening, rest)))
    if closing:
        cells.append(new_markdown_cell(closing))
    for place, cell in enumerate(cells, start=1):
        cell.id = f"cell-{place}"
    return new_notebook(cells=cells, metadata={"kernelspec": KERNEL, "language_info": {"name": "python"}})


def _kept(cell: NotebookNode) -> dict[str, Any]:
    tags = list(cell.metadata.get("tags", []))
    outputs = [_shown(output) for output in cell.outputs]
    return {"execution_count": cell.execution_count, "outputs": outputs, "metadata": {"tags": tags} if tags else {}}


def _shown(output: NotebookNode) -> NotebookNode:
    data = output.get("data", {})
    if "image/png" in data:
        data.pop("text/html", None)
    return output


def _is_cell(node: nodes.Node) -> bool:
    return isinstance(node, nodes.container) and node.get("nb_element") == "cell_code"


def _pieces(doctree: nodes.document, writer: Markdown) -> Iterator[str | int]:
    """The page in order: Markdown, one piece for each stretch between cells and headings, and places of cells."""
    stretch: list[str] = []
    for piece in _walk(doctree.children, writer, 1):
        if isinstance(piece, str):
            stretch.append(piece)
            continue
        if any(stretch):
            yield "\n\n".join(filter(None, stretch))
        stretch = []
        if piece is not None:
            yield piece
    if any(stretch):
        yield "\n\n".join(filter(None, stretch))


def _walk(children: Iterable[nodes.Node], writer: Markdown, level: int) -> Iterator[str | int | None]:
    """Blocks of Markdown, places of code cells, and None where a new piece begins."""
    for child in children:
        if not isinstance(child, nodes.Element) or not any(child.findall(_is_cell)):
            if isinstance(child, nodes.section):
                yield None
            yield writer.block(child, level)
        elif _is_cell(child):
            yield int(child["cell_index"])
        elif isinstance(child, nodes.section):
            yield None
            yield writer.heading(child, level)
            yield from _walk(child.children[1:], writer, level + 1)
        else:  # a solution or another box around cells: its head, then what is in it
            yield f"**{child['summary']}.**" if "summary" in child else ""
            yield from _walk(child.children, writer, level)

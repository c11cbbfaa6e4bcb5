"""Plain Markdown of a resolved page: what a notebook shows where no extension is installed.

Statements, proofs and other boxes become quotations with a bold head, references become their text ("Theorem 2.1"),
mathematics stays between dollar signs, each display on one line (in a quotation a second line would begin with ">").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from docutils import nodes

SILENT = (
    nodes.comment, nodes.target, nodes.raw, nodes.substitution_definition, nodes.system_message, nodes.pending,
    nodes.Invisible, nodes.image,
)  # fmt: skip


@dataclass(frozen=True)
class Numbers:
    """The numbers of a page: `section(id)`, `figure(kind, label)` as text ("2.1"), empty when there is none."""

    section: Callable[[str], str]
    figure: Callable[[str, str], str]


class Markdown:
    """Writes the nodes of one page. `block(node)` is a block of lines, `inline(node)` a piece of a line."""

    def __init__(self, numbers: Numbers) -> None:
        self.numbers = numbers

    # Blocks

    def block(self, node: nodes.Node, level: int = 1) -> str:
        """The Markdown of a block-level node; empty for what has no words."""
        if isinstance(node, SILENT) or not isinstance(node, nodes.Element) or node.tagname == "index":
            return ""
        if "realtype" in node or node.tagname.startswith(("exercise", "solution")):
            return quoted(f"**{self.head(node)}**\n\n{self.blocks(node.children[1:], level)}")
        special = getattr(self, f"_{node.tagname}", None)
        if special is not None:
            return special(node, level)
        if isinstance(node, nodes.Admonition):
            return quoted(self.blocks(node.children, level))
        if any(isinstance(child, nodes.Inline | nodes.Text) for child in node.children):
            return self.inlines(node).strip()
        return self.blocks(node.children, level)

    def blocks(self, children: Iterable[nodes.Node], level: int = 1) -> str:
        """The blocks of `children`, an empty line between them."""
        return "\n\n".join(filter(None, (self.block(child, level) for child in children)))

    def head(self, node: nodes.Element) -> str:
        """The head of a statement or an exercise: "Theorem 2.1 (What rho measures)"."""
        title = self.inlines(node.children[0]) if isinstance(node.children[0], nodes.title) else ""
        title = title.removeprefix("Exercise %s").strip()
        kind, counter = ("Exercise", "exercise") if node.tagname.startswith("exercise") else (
            str(node.get("realtype", "")).title(), str(node.get("countertype", node.get("realtype", "")))
        )  # fmt: skip
        number = self.numbers.figure(counter, str(node.get("label", "")))
        return " ".join(filter(None, (kind, number, title)))

    def _section(self, node: nodes.Element, level: int) -> str:
        if not isinstance(node.children[0], nodes.title):  # the content of a box
            return self.blocks(node.children, level)
        return "\n\n".join(filter(None, (self.heading(node, level), self.blocks(node.children[1:], level + 1))))

    def heading(self, section: nodes.Element, level: int) -> str:
        """The heading line of a section, with the number it has in the book."""
        number = self.numbers.section(str((section["ids"] or [""])[0]) if level > 1 else "")
        return " ".join(filter(None, ("#" * min(level, 6), number, self.inlines(section.children[0]))))

    def _title(self, node: nodes.Element, level: int) -> str:
        return f"**{self.inlines(node)}**"

    _rubric = _title

    def _proof_node(self, node: nodes.Element, level: int) -> str:
        return self.blocks(node.children, level)

    def _fold(self, node: nodes.Element, level: int) -> str:
        return quoted(f"**{node['summary']}.**\n\n{self.blocks(node.children, level)}")

    def _math_block(self, node: nodes.Element, level: int) -> str:
        label = node.get("label")
        number = self.numbers.figure("displaymath", f"equation-{label}") if label else ""
        tag = rf" \tag{{{number}}}" if number else ""
        return f"$$ {one_line(node.astext())}{tag} $$"

    def _literal_block(self, node: nodes.Element, level: int) -> str:
        language = str(node.get("language", "")).replace("ipython3", "python").replace("default", "")
        return f"```{language}\n{node.astext()}\n```"

    _doctest_block = _literal_block

    def _block_quote(self, node: nodes.Element, level: int) -> str:
        return quoted(self.blocks(node.children, level))

    def _bullet_list(self, node: nodes.Element, level: int) -> str:
        return "\n".join(hung("- ", self.blocks(item.children, level)) for item in node.findall(_items_of(node)))

    def _enumerated_list(self, node: nodes.Element, level: int) -> str:
        start = int(node.get("start", 1))
        items = enumerate(node.findall(_items_of(node)), start)
        return "\n".join(hung(f"{place}. ", self.blocks(item.children, level)) for place, item in items)

    def _definition_list_item(self, node: nodes.Element, level: int) -> str:
        terms = ", ".join(f"**{self.inlines(term)}**" for term in node.children if isinstance(term, nodes.term))
        meanings = [child for child in node.children if isinstance(child, nodes.definition)]
        return hung("- ", f"{terms}: {self.blocks(meanings, level)}")

    def _table(self, node: nodes.Element, level: int) -> str:
        rows = [[self.cell(entry) for entry in row.findall(nodes.entry)] for row in node.findall(nodes.row)]
        lines = ["| " + " | ".join(row) + " |" for row in rows]
        return "\n".join([lines[0], "|" + " --- |" * len(rows[0]), *lines[1:]])

    def cell(self, entry: nodes.Element) -> str:
        """One cell of a table: its blocks on one line; a bar would end the cell, in a formula too."""
        line = self.blocks(entry.children).replace("\n\n", " ").replace("\n", " ")
        words = re.split(r"((?<!\\)\$[^$]*\$)", line)  # text, formula, text, ...
        words[::2] = [text.replace("|", r"\|") for text in words[::2]]
        words[1::2] = [latex.replace(r"\|", r"\Vert ").replace("|", r"\vert ") for latex in words[1::2]]
        return "".join(words)

    def _footnote(self, node: nodes.Element, level: int) -> str:
        label, *body = node.children
        return f"[{label.astext()}] {self.blocks(body, level)}"

    def _transition(self, node: nodes.Element, level: int) -> str:
        return "---"

    # Pieces of a line

    def inlines(self, node: nodes.Node) -> str:
        """The children of `node` as one line."""
        return "".join(self.inline(child) for child in node.children)

    def inline(self, node: nodes.Node) -> str:
        """The Markdown of an inline node."""
        if isinstance(node, nodes.Text):
            return escaped(" ".join(re.split(r"\s*\n\s*", node.astext())))
        if isinstance(node, SILENT) or not isinstance(node, nodes.Element) or node.tagname == "index":
            return ""
        special = getattr(self, f"_inline_{node.tagname}", self.inlines)
        return special(node)

    def _inline_math(self, node: nodes.Element) -> str:
        return f"${one_line(node.astext())}$"

    def _inline_literal(self, node: nodes.Element) -> str:
        if "xref" in node["classes"]:
            return self.inlines(node)
        return f"`{''.join(child.astext() for child in node.children if not isinstance(child, nodes.raw))}`"

    def _inline_emphasis(self, node: nodes.Element) -> str:
        return f"*{self.inlines(node)}*"

    _inline_title_reference = _inline_emphasis

    def _inline_strong(self, node: nodes.Element) -> str:
        return f"**{self.inlines(node)}**"

    def _inline_footnote_reference(self, node: nodes.Element) -> str:
        return f"[{node.astext()}]"

    def _inline_reference(self, node: nodes.Element) -> str:
        inside, address = self.inlines(node), str(node.get("refuri", ""))
        return f"[{inside}]({address})" if "://" in address else inside


def _items_of(parent: nodes.Element) -> Callable[[nodes.Node], bool]:
    return lambda node: isinstance(node, nodes.list_item) and node.parent is parent


def quoted(text: str) -> str:
    """`text` as a quotation.

    >>> quoted("a\\n\\nb")
    '> a\\n>\\n> b'
    """
    return "\n".join(f"> {line}".rstrip() for line in text.strip().split("\n"))


def hung(mark: str, text: str) -> str:
    """`text` as an item of a list: `mark` before its first line, the others below it."""
    return mark + text.replace("\n", "\n" + " " * len(mark)).replace(" " * len(mark) + "\n", "\n")


def one_line(latex: str) -> str:
    """A formula on one line; a comment would swallow the rest of it."""
    return " ".join(re.sub(r"(?<!\\)%.*", "", line).strip() for line in latex.strip().split("\n")).strip()


def escaped(text: str) -> str:
    """`text` with the signs that Markdown would read.

    >>> escaped("a*b < $5")
    'a\\\\*b &lt; \\\\$5'
    """
    return re.sub(r"([*_`$\\])", r"\\\1", text).replace("<", "&lt;")

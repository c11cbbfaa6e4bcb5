"""Long proofs and the solutions of exercises are folded by the page itself: <details>, which needs no script.

A proof or a solution with `:class: dropdown` becomes a fold. A browser opens it when a search or a link leads inside,
it is printed open, and the keyboard reaches it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

if TYPE_CHECKING:
    from sphinx.application import Sphinx


class fold(nodes.Element, nodes.General):
    """A folded part: `summary` is the visible line."""


class FoldProofsAndSolutions(SphinxPostTransform):
    """Put the content of each `dropdown` proof and solution into a fold (after the titles of solutions are made)."""

    default_priority = 30
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Replace the boxes of the document in place."""
        from sphinx_exercise.nodes import is_exercise_node, solution_node
        from sphinx_proof.nodes import proof_node

        for proof in list(self.document.findall(proof_node)):
            box = proof.children[0]
            assert isinstance(box, nodes.Element)
            box["ids"] = []  # sphinx-proof gives every proof of a page the same one
            lead = first_text(box)
            if lead is not None and lead.startswith("Proof. "):
                remaining = nodes.Text(lead.removeprefix("Proof. "))
                if "dropdown" in box["classes"]:
                    lead.parent.replace(lead, remaining)
                    proof.children[0] = _folded(box, "Proof", "proof")
                    proof.children[0].parent = proof
                else:
                    box["classes"].append("proof-text")
                    lead.parent.replace(lead, [nodes.strong("", "Proof."), nodes.Text(" "), remaining])
        for exercise in self.document.findall(is_exercise_node):
            content = exercise.children[-1]
            assert isinstance(content, nodes.Element)
            content["ids"] = []  # sphinx-exercise gives every content the same one
        for solution in list(self.document.findall(solution_node)):
            if "dropdown" in solution["classes"]:
                content = solution.children[-1]
                assert isinstance(content, nodes.Element)
                made = _folded(content, "Solution", "solution")
                made["ids"] = solution["ids"]
                solution.replace_self(made)


def first_text(box: nodes.Element) -> nodes.Text | None:
    """The text that `box` begins with, or None when it begins with something else."""
    here: nodes.Node = box
    while isinstance(here, nodes.Element) and here.children:
        here = here.children[0]
    return here if isinstance(here, nodes.Text) else None


def _folded(box: nodes.Element, summary: str, kind: str) -> fold:
    made = fold("", *box.children, summary=summary, kind=kind)
    made["classes"] = ["fold", f"fold-{kind}"]
    return made


def _open_fold(translator: Any, node: fold) -> None:
    translator.body.append(translator.starttag(node, "details"))
    translator.body.append(f"<summary>{translator.encode(node['summary'])}</summary>\n")


def _close_fold(translator: Any, node: fold) -> None:
    translator.body.append("</details>\n")


def connect(app: Sphinx) -> None:
    """Register the node and the transform."""
    app.add_node(fold, html=(_open_fold, _close_fold))
    app.add_post_transform(FoldProofsAndSolutions)

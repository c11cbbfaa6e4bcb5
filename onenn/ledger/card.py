"""The card of a certificate: what a claim found, as text and as HTML for Jupyter and the book, in light and in dark.

Words carry the meaning; shape repeats it and colour only decorates. Text takes the page's own ink, so no theme can hide
it; colours are theme variables with fallbacks for plain Jupyter.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

SHAPES = {"exact": "●", "enclosed": "◆", "tested": "▲", "measured": "○"}
"""One shape per grade, the same on cards, badges and in the graph."""

WORDS = {"proved": "evidence holds", "refuted": "refuted as printed", "failed": "evidence fails"}

_SIGNS = {"proved": "✓", "refuted": "⊘", "failed": "✗"}
_COLOURS = {
    "proved": "var(--pst-color-success, var(--jp-success-color1, #2e8b57))",
    "refuted": "var(--pst-color-warning, var(--jp-warn-color1, #b8860b))",
    "failed": "var(--pst-color-danger, var(--jp-error-color1, #c0392b))",
}
_LINE = "var(--pst-color-border, var(--jp-border-color2, #8888))"
_FOLDED_FROM = 5  # items; below that a fold hides less than its own summary line takes


def text_card(certificate: Mapping[str, Any]) -> str:
    """The card as plain text, one line per item, without a final newline."""
    head = f"{certificate['label']}: {headline(certificate)}"
    lines = [f"! {problem}" for problem in certificate["problems"]]
    lines += [f"scope: {certificate['scope']}"] if certificate["scope"] else []
    lines += [f"uses: {', '.join(certificate['uses'])}"] if certificate["uses"] else []
    lines += [" · ".join([f"[{_kind(item)}] {item['text']}", *_remarks(item)]) for item in certificate["items"]]
    return "\n".join([head, *(f"  {line}" for line in lines)])


def html_card(certificate: Mapping[str, Any]) -> str:
    """The card as one HTML element; every text of the claim is escaped, and `$...$` in it is a formula."""
    verdict, problems = certificate["verdict"], certificate["problems"]
    colour = _COLOURS[verdict]
    parts = [
        f'<div><span aria-hidden="true" style="color:{colour};font-weight:bold">{_SIGNS[verdict]}</span> '
        f"<strong>{escape(headline(certificate))}</strong> <code>{escape(certificate['label'])}</code></div>"
    ]
    if problems:
        parts.append(f'<ul style="{_LIST}">' + "".join(f"<li>{_html(problem)}</li>" for problem in problems) + "</ul>")
    for word, text in (("scope", certificate["scope"]), ("uses", ", ".join(certificate["uses"]))):
        if text:
            parts.append(f"<div><em>{word}</em>: {_html(text)}</div>")
    rows = "".join(_html_row(item) for item in certificate["items"])
    listed = f'<ul style="{_LIST}">{rows}</ul>' if rows else ""
    if len(certificate["items"]) >= _FOLDED_FROM:
        opened = " open" if problems else ""
        listed = f"<details{opened}><summary>{escape(summary(certificate))}</summary>{listed}</details>"
    return (
        f'<div class="onenn-card onenn-card-{verdict}" role="note" style="color:inherit;border:1px solid {_LINE};'
        f"border-left:4px {'solid' if verdict == 'proved' else 'double'} {colour};border-radius:4px;"
        f'padding:.5em .8em;margin:.5em 0;line-height:1.45;overflow-wrap:anywhere">{"".join(parts)}{listed}</div>'
    )


_LIST = "list-style:none;margin:.25em 0 0;padding:0"


def headline(certificate: Mapping[str, Any]) -> str:
    """The verdict in words, with the grade that it has.

    >>> headline({"verdict": "refuted", "grade": "exact"})
    'refuted as printed, exact'
    """
    graded = certificate["grade"] is not None and certificate["verdict"] != "failed"
    return WORDS[certificate["verdict"]] + (f", {certificate['grade']}" if graded else "")


def summary(certificate: Mapping[str, Any]) -> str:
    """How many items of each role there are, such as "3 evidence, 1 control"."""
    roles = [item["role"] for item in certificate["items"]]
    counts = {role: roles.count(role) for role in ("evidence", "counterexample", "control", "note")}
    plural = {role: role if role == "evidence" or n == 1 else f"{role}s" for role, n in counts.items()}
    return ", ".join(f"{n} {plural[role]}" for role, n in counts.items() if n)


def _kind(item: Mapping[str, Any]) -> str:
    if item["role"] == "counterexample":
        return f"counterexample, {item['grade']}"
    return item["grade"] or item["role"]


def _remarks(item: Mapping[str, Any]) -> list[str]:
    """What follows the item's text: verdict with its reason, scope, statistics and note, each when there is one."""
    remarks = []
    if item["verdict"]:
        as_it_must = ", as it must be" if (item["role"], item["verdict"]) == ("control", "REFUTED") else ""
        remarks.append(item["verdict"] + as_it_must + (f" ({item['reason']})" if item["reason"] else ""))
    remarks += [f"scope: {item['scope']}"] if item["scope"] else []
    if item.get("samples") is not None:
        remarks.append(f"{item['samples']} samples, wrong with probability at most {item['failure_probability']:.2g}")
    remarks += [item["note"]] if item["note"] else []
    return remarks + ([_erratum(item["erratum"])] if item.get("erratum") else [])


def _erratum(erratum: Mapping[str, str]) -> str:
    """What a check shows to be wrong in print, such as "erratum (empty), xie2017, Lemma 6: ..."."""
    where = f"{erratum['source']}, {erratum['place']}"
    return f"erratum ({erratum['kind']}), {where}: {erratum['wrong']}; repaired by {erratum['repair']}"


def _html_row(item: Mapping[str, Any]) -> str:
    shape = SHAPES.get(item["grade"], "⊥" if item["role"] == "control" else "·")
    remarks = "".join(f" · {_html(remark)}" for remark in _remarks(item))
    return (
        f'<li style="margin:.15em 0"><span aria-hidden="true">{shape}</span> <em>{escape(_kind(item))}</em>: '
        f'{_html(item["text"])}<span style="opacity:.85">{remarks}</span></li>'
    )


def _html(text: str) -> str:
    """The text escaped, `$...$` as a formula for MathJax; with an odd number of dollar signs they are just that."""
    pieces = [escape(piece) for piece in text.split("$")]
    if len(pieces) % 2 == 0:
        return "$".join(pieces)
    formula = '<span class="math notranslate nohighlight">\\({}\\)</span>'  # the class that Sphinx lets MathJax read
    return "".join(formula.format(piece) if n % 2 else piece for n, piece in enumerate(pieces))

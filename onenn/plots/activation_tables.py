"""Tables made of computed records: who has which property, the slides' cells, the cost of T3.

Chapters: activation-properties, rho-closed-forms, rho-and-scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from onenn.activations import Activation
from onenn.gaussian import rho_ball
from onenn.properties import rounds_to, truncates_to
from onenn.properties.slides_table import Cell
from onenn.verdict import Verdict

from .typeset import typeset


class Table:
    """Rows of text under a head: HTML with letters for what code spells out in a page, aligned text elsewhere.

    `note` is a line below them.

    >>> Table(["phi", "rho"], [["relu", "0.0908"]])
    phi  | rho
    relu | 0.0908
    """

    def __init__(self, head: Sequence[str], rows: Sequence[Sequence[str]], note: str = "") -> None:
        self.head, self.rows, self.note = list(head), [list(row) for row in rows], note

    def _repr_html_(self) -> str:
        def line(cells: Sequence[str], tag: str) -> str:
            scope = ' scope="col"' if tag == "th" else ""
            return "<tr>" + "".join(f"<{tag}{scope}>{escape(typeset(cell))}</{tag}>" for cell in cells) + "</tr>"

        body = "".join(line(row, "td") for row in self.rows)
        note = f"<p><small>{escape(self.note)}</small></p>" if self.note else ""
        return (
            '<div style="overflow-x: auto"><table class="table">'
            f"<thead>{line(self.head, 'th')}</thead><tbody>{body}</tbody></table></div>{note}"
        )

    def __repr__(self) -> str:
        lines = [self.head, *self.rows]
        widths = [max(len(row[column]) for row in lines) for column in range(len(self.head))]
        padded = (" | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in lines)
        return "\n".join([*(line.rstrip() for line in padded), *filter(None, [self.note])])


NAMES = {"relu": "ReLU", "leaky_relu": "leaky ReLU", "squared_relu": "squared ReLU", "gelu": "GELU"}


def shown(phi: str | Activation) -> str:
    """The activation as it is printed, with its parameters and factors.

    >>> from onenn import activation
    >>> shown("quartic_relu"), shown("gelu"), shown(activation("erf").scaled(output="sqrt(pi)/2"))
    ('quartic ReLU', 'GELU', 'sqrt(pi)/2 erf')
    """
    if isinstance(phi, str):
        return NAMES.get(phi, phi.replace("_relu", " ReLU"))
    parameters = ", ".join(f"{key} {value}" for key, value in phi.parameters)
    factor = "" if phi.output == 1 else f"{phi.output} "
    argument = "" if phi.input == 1 else f"({phi.input} z)"
    return factor + shown(phi.name) + argument + (f", {parameters}" if parameters else "")


def decisions(P1: Mapping[str, Any], P2: Mapping[str, Any], P3: Mapping[str, Any]) -> Table:
    """Who has which property, with the enclosed constant or what breaks it; the records of p1, p2, p3 by name."""
    rows = []
    for name, one in P1.items():
        two, three = P2[name], P3[name]
        first = "" if one.constant is None else f"p = {one.power}, L1 = {one.constant.str(6, radius=False)}"
        third = [f"(a) L2 = {three.constant.str(6, radius=False)}"] if three.constant is not None else []
        third += [f"(b) kinks: {three.kinks}"] if "b" in three.branches else []
        held = zip((one, two, three), (first, "", ", ".join(third)), strict=True)
        rows.append([shown(name), *(_decision(record.verdict, detail) for record, detail in held)])
    return Table(["activation", "P1", "P2", "P3"], rows)


def _decision(verdict: Verdict, detail: str) -> str:
    """yes with the constants, or no with what breaks the property."""
    word = {"PROVED": "yes", "REFUTED": "no"}.get(verdict.value, "undecided")
    return ": ".join(filter(None, (word, detail if verdict == Verdict.PROVED else verdict.reason)))


def slides(cells: Sequence[Cell]) -> Table:
    """The cells of the slides' table beside rho and rho_2, enclosed, with how the printed digits arise."""
    rows = []
    for cell in cells:
        ball, exact_zero = cell.ball(), cell.printed == "0"
        if exact_zero:
            how = "equal" if ball.is_zero() else "differs"
        elif rounds_to(ball, cell.printed) == Verdict.PROVED:
            how = "rounded"
        else:
            how = "cut" if truncates_to(ball, cell.printed) == Verdict.PROVED else "differs"
        numbers = [x.str(7, radius=False) for x in (ball, cell.ball(terms=2))]
        rows.append([cell.name, f"{float(cell.sigma):g}", cell.printed, *numbers, how])
    return Table(["activation", "sigma", "printed", "rho", "rho_2", "digits"], rows)


def cost_of_third_term(names: Sequence[str], sigmas: Sequence[int | str]) -> Table:
    """rho_2/rho by activation (rows) and sigma (columns): what keeping T3 in the minimum costs."""
    rows = []
    for name in names:
        quotients = [rho_ball(name, sigma, 2) / rho_ball(name, sigma, 3) for sigma in sigmas]
        rows.append([shown(name), *(x.str(5, radius=False) for x in quotients)])
    return Table(["rho_2 / rho", *(f"sigma = {sigma}" for sigma in sigmas)], rows)

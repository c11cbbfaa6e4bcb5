"""Tables made of computed records: who has which property, the slides' cells, the cost of T3.

Chapter: activation-properties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from onenn.gaussian import rho_ball
from onenn.properties import rounds_to, truncates_to
from onenn.properties.slides_table import Cell
from onenn.verdict import Verdict


class Table:
    """Rows of text under a head: HTML in a page, aligned text elsewhere.

    >>> Table(["phi", "rho"], [["relu", "0.0908"]])
    phi  | rho
    relu | 0.0908
    """

    def __init__(self, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        self.head, self.rows = list(head), [list(row) for row in rows]

    def _repr_html_(self) -> str:
        def line(cells: Sequence[str], tag: str) -> str:
            scope = ' scope="col"' if tag == "th" else ""
            return "<tr>" + "".join(f"<{tag}{scope}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"

        body = "".join(line(row, "td") for row in self.rows)
        return (
            '<div style="overflow-x: auto"><table class="table">'
            f"<thead>{line(self.head, 'th')}</thead><tbody>{body}</tbody></table></div>"
        )

    def __repr__(self) -> str:
        lines = [self.head, *self.rows]
        widths = [max(len(row[column]) for row in lines) for column in range(len(self.head))]
        padded = (" | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in lines)
        return "\n".join(line.rstrip() for line in padded)


NAMES = {"relu": "ReLU", "leaky_relu": "leaky ReLU", "squared_relu": "squared ReLU", "gelu": "GELU"}


def shown(name: str) -> str:
    """The name as it is printed.

    >>> shown("quartic_relu"), shown("gelu")
    ('quartic ReLU', 'GELU')
    """
    return NAMES.get(name, name.replace("_relu", " ReLU"))


def decisions(P1: Mapping[str, Any], P2: Mapping[str, Any], P3: Mapping[str, Any]) -> Table:
    """Who has which property, with the enclosed constant or what breaks it; the records of p1, p2, p3 by name."""
    rows = []
    for name, one in P1.items():
        two, three = P2[name], P3[name]
        first = (
            f"p = {one.power}, L1 = {one.constant.str(6, radius=False)}" if one.constant is not None else one.witness
        )
        third = [f"(a) L2 = {three.constant.str(6, radius=False)}"] if three.constant is not None else []
        third += [f"(b) kinks: {three.kinks}"] if "b" in three.branches else []
        verdicts = [_word(record.verdict) for record in (one, two, three)]
        details = [first, two.witness, ", ".join(third) or three.witness]
        rows.append([shown(name), *(": ".join(filter(None, pair)) for pair in zip(verdicts, details, strict=True))])
    return Table(["activation", "P1", "P2", "P3"], rows)


def _word(verdict: Verdict) -> str:
    return {"PROVED": "yes", "REFUTED": "no"}.get(verdict.value, "undecided")


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
        numbers = [x.str(9, radius=False) for x in (ball, cell.ball(terms=2))]
        rows.append([cell.name, f"{float(cell.sigma):g}", cell.printed, *numbers, how])
    return Table(["activation", "sigma", "printed", "rho", "rho_2", "printed digits are"], rows)


def cost_of_third_term(names: Sequence[str], sigmas: Sequence[int | str]) -> Table:
    """rho_2/rho by activation (rows) and sigma (columns): what keeping T3 in the minimum costs."""
    rows = []
    for name in names:
        quotients = [rho_ball(name, sigma, 2) / rho_ball(name, sigma, 3) for sigma in sigmas]
        rows.append([shown(name), *(x.str(5, radius=False) for x in quotients)])
    return Table(["rho_2 / rho", *(f"sigma = {sigma}" for sigma in sigmas)], rows)

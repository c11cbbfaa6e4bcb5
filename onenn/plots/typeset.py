"""What code writes as sigma**2 or 1.0e-06, as a page shows it: σ², 1.0·10⁻⁶.

For the cells of tables in HTML; as text they stay as they are, to be copied. All chapters with tables."""

from __future__ import annotations

import re

GREEK = {"phi": "φ", "sigma": "σ", "rho": "ρ", "lambda": "λ", "kappa": "κ", "alpha": "α", "beta": "β", "pi": "π"}
RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_GREEK = re.compile(rf"(?<![A-Za-z_])({'|'.join(GREEK)})(?![A-Za-z])")
_FLOAT = re.compile(r"(?<=\d)e([+-]\d+)\b")
_INDEX = re.compile(r"(?<![A-Za-z_])([TLmρσα-ω])_?(\d)(?!\d)")
_POWER = re.compile(r"(?:\*\*|\^)(\d+)")
_SIGNS = (
    (r"\+/?-", "±"),
    (r"(?<![A-Za-z_])inf(?![A-Za-z_])", "∞"),
    ("<=", "≤"),
    (">=", "≥"),
    (r"(?<=\d) x (?=\d)", " × "),
    (r"(?<![\w.-])-(?=\d)", "−"),
    (r"(?<=\d)\*(?=[a-zα-ω])", " "),
    ("''", "″"),
    (r"(?<=[a-zα-ω])'(?=[ (])", "′"),
    (r" ± ", "\u00a0±\u00a0"),  # a number stays on one line with its error, its unit, the other end of its interval
    (r"(?<=\d) (?=[%sP](?![\w=]))", "\u00a0"),
    (r"(\[[^\], ]+,) (?=[^\], ]+\])", "\\1\u00a0"),
)


def typeset(text: str) -> str:
    """`text` with Greek letters, indices, powers and signs for what code spells out; words are left alone.

    >>> typeset("no: phi' = 2*z is affine, so T1 = 0 and T3 = -4*sigma**2")
    'no: φ′ = 2 z is affine, so T₁ = 0 and T₃ = −4 σ²'
    >>> typeset("1.0e-06 +- 2e-8"), typeset("0e+00"), typeset("rho_2 / rho"), typeset("L2^2 >= 7.5e+12"), typeset("1-3")
    ('1.0·10⁻⁶\\xa0±\\xa02·10⁻⁸', '0', 'ρ₂ / ρ', 'L₂² ≥ 7.5·10¹²', '1-3')
    >>> typeset("inf"), typeset("leaky_relu"), typeset("61 % [52, 69]"), typeset("2 samples")
    ('∞', 'leaky_relu', '61\\xa0% [52,\\xa069]', '2 samples')
    """
    text = _GREEK.sub(lambda found: GREEK[found[1]], text)
    text = re.sub(r"(?<![\d.])0(?:\.0+)?e[+-]0+\b", "0", text)
    text = _FLOAT.sub(lambda found: f"·10{str(int(found[1])).translate(RAISED)}", text)
    text = _INDEX.sub(lambda found: found[1] + found[2].translate(LOWERED), text)
    text = _POWER.sub(lambda found: found[1].translate(RAISED), text)
    for pattern, sign in _SIGNS:
        text = re.sub(pattern, sign, text)
    return text

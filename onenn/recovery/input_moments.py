"""Are the inputs N(0, I)? Their first, second and fourth moments against those of the normal law.

mean_j = 0,   C = I,   E (a . x)^4 = 3  for the coordinates a.   Chapter: global-recovery.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

ALARM = 1e-6
"""The probability, for N(0, I) and each of the statistics, of a warning (approximate for few samples)."""


@dataclass(frozen=True, kw_only=True)
class InputMoments:
    """The largest deviation of each kind, and its p-value over all coordinates.

    `mean`: largest |mean| of a coordinate; `covariance`: largest entry of |X^T X/n - I|; `kurtosis`: the coordinate's
    E x^4/(E x^2)^2 farthest from 3; `skewness`: the largest |E x^3|/(E x^2)^(3/2), all about the mean.
    """

    mean: float
    covariance: float
    kurtosis: float
    skewness: float
    p_mean: float
    p_covariance: float
    p_kurtosis: float
    p_skewness: float

    @property
    def standard(self) -> bool:
        """Mean 0 and covariance I are not refuted."""
        return min(self.p_mean, self.p_covariance) >= ALARM

    @property
    def normal(self) -> bool:
        """A normal shape of the coordinates is not refuted."""
        return min(self.p_kurtosis, self.p_skewness) >= ALARM

    def complaints(self) -> list[str]:
        """One sentence for each refuted moment, with its statistic."""
        sentences = {
            "p_mean": f"a coordinate has the mean {self.mean:.3g} instead of 0",
            "p_covariance": f"an entry of the covariance is off by {self.covariance:.3g}",
            "p_kurtosis": f"a coordinate has the kurtosis {self.kurtosis:.3g} instead of 3",
            "p_skewness": f"a coordinate has the skewness {self.skewness:.3g} instead of 0",
        }
        return [
            f"{text} (p = {getattr(self, name):.1g})" for name, text in sentences.items() if getattr(self, name) < ALARM
        ]


def input_moments(X: np.ndarray) -> InputMoments:
    """The moments of the samples with p-values, corrected for the number of coordinates (Bonferroni).

    *Shapes*: X (n, d), n >= 20 (below, all p-values are 1: no moment of so few samples refutes anything).
    Mean: normal; covariance: chi^2 on the diagonal, Fisher's transform of the correlations off it; kurtosis and
    skewness: the approximations of Anscombe-Glynn and D'Agostino, good from 20 samples on.

    >>> X = np.random.default_rng(0).uniform(-1, 1, (500, 3)) * 3**0.5
    >>> input_moments(X).complaints()[0][:42]
    'a coordinate has the kurtosis 1.77 instead'
    """
    from scipy import stats

    if X.ndim != 2:
        raise ValueError(f"X has shape {X.shape}; expected (n, d), one sample per row")
    n, d = X.shape
    mean = X.mean(axis=0)
    low = low_input_moments(n, mean, X.T @ X / n)
    if n < 20:
        return low
    spread = np.maximum(X.std(axis=0), np.finfo(float).tiny)
    Y = (X - mean) / spread
    kurtoses, skewnesses = np.mean(Y**4, axis=0), np.mean(Y**3, axis=0)
    varied = spread > 1e-12 * np.max(np.abs(X))
    Y = np.where(varied, Y, np.linspace(-1, 1, n)[:, None])  # a constant coordinate is the mean's and C's affair
    with np.errstate(all="ignore"):
        p_kurtosis = float(np.nanmin(stats.kurtosistest(Y).pvalue[varied], initial=1.0))
        p_skewness = float(np.nanmin(stats.skewtest(Y).pvalue[varied], initial=1.0))
    return replace(
        low,
        kurtosis=float(kurtoses[np.argmax(np.abs(kurtoses - 3))]),
        skewness=float(np.max(np.abs(skewnesses))),
        p_kurtosis=min(1.0, d * p_kurtosis),
        p_skewness=min(1.0, d * p_skewness),
    )


def low_input_moments(n: int, mean: np.ndarray, C: np.ndarray) -> InputMoments:
    """The first two moments of n samples judged, mean (d,) and C = X^T X/n (d, d); kurtosis and skewness are not.

    >>> low_input_moments(400, np.zeros(2), np.diag([1.0, 4.0])).complaints()[0][:38]
    'an entry of the covariance is off by 3'
    """
    from scipy import stats

    d = len(mean)
    if n < 20:
        return InputMoments(
            mean=0, covariance=0, kurtosis=3, skewness=0, p_mean=1, p_covariance=1, p_kurtosis=1, p_skewness=1
        )
    s = n * np.diag(C)
    p_diagonal = 2 * float(min(stats.chi2.cdf(s.min(), n), stats.chi2.sf(s.max(), n)))
    centred = C - np.outer(mean, mean)
    # to rounding: the difference of a constant coordinate is not exactly 0
    spread = np.sqrt(np.maximum(np.diag(centred), 1e-15 * np.diag(C) + np.finfo(float).tiny))
    correlations = centred / np.outer(spread, spread)
    largest = float(np.clip(np.abs(correlations[np.triu_indices(d, 1)]).max(initial=0.0), 0, 1 - 1e-15))
    p_off = 2 * float(stats.norm.sf(np.arctanh(largest) * np.sqrt(n - 3)))
    return InputMoments(
        mean=float(np.max(np.abs(mean))),
        covariance=float(np.max(np.abs(C - np.eye(d)))),
        kurtosis=3,
        skewness=0,
        p_mean=min(1.0, 2 * d * float(stats.norm.sf(np.sqrt(n) * np.max(np.abs(mean) / spread)))),
        p_covariance=min(1.0, d * p_diagonal, d * d * p_off / 2 if d > 1 else 1.0),
        p_kurtosis=1,
        p_skewness=1,
    )

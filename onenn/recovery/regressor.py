"""RecoveryRegressor: `recover` as an estimator of scikit-learn, for pipelines, grid search and pickles.

Importing this module imports scikit-learn; `import onenn` does not.   Chapter: global-recovery.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from onenn.activations import Activation

from .record import RecoveryWarning
from .recover import recover


class RecoveryRegressor(RegressorMixin, BaseEstimator):
    """The network with k units of this activation that generated the data, as far as they tell; see `recover`.

    Parameters: k; activation, a registered name or an Activation; noise, the standard deviation of y given x, None to
    estimate it; starts and restarts as in `recover`; random_state as in scikit-learn.
    Attributes after fit: `recovery_` (the record, with its doubts), `network_`, `n_features_in_`.
    The model has no intercept, and expects inputs about N(0, I): put a StandardScaler in front of it.
    fit raises ValueError as `recover` does (k > n_features, constant y, one sample), and warns `RecoveryWarning`.

    >>> from onenn import random_teacher
    >>> teacher = random_teacher(2, 5, "relu", rng=0)
    >>> X = np.random.default_rng(1).standard_normal((200, 5))
    >>> estimator = RecoveryRegressor(2, "relu", random_state=0).fit(X[:100], teacher.predict(X[:100]))
    >>> float(estimator.score(X[100:], teacher.predict(X[100:])))
    1.0
    """

    def __init__(
        self,
        k: int,
        activation: str | Activation,
        *,
        noise: float | None = None,
        starts: int = 20,
        restarts: int = 60,
        random_state: Any = None,
    ) -> None:
        self.k = k
        self.activation = activation
        self.noise = noise
        self.starts = starts
        self.restarts = restarts
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> RecoveryRegressor:
        """The fitted estimator.  *Shapes*: X (n_samples, n_features), y (n_samples,), n_samples >= 2."""
        if np.ma.is_masked(X) or np.ma.is_masked(y):  # scikit-learn would take what is under the mask
            raise ValueError("X or y has masked entries; drop or impute such samples")
        X, y = validate_data(self, X, y, dtype=[np.float64, np.float32], ensure_min_samples=2, y_numeric=True)
        if isinstance(self.k, int | np.integer) and self.k > X.shape[1]:
            raise ValueError(
                f"k is {self.k} but X has n_features = {X.shape[1]} feature(s); the rows of W must be linearly "
                "independent, so expected 1 <= k <= n_features: lower k"
            )
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", RecoveryWarning)
            self.recovery_ = recover(
                X, y, self.k, self.activation, rng=seed, noise=self.noise, starts=self.starts, restarts=self.restarts
            )
        for warning in caught:
            warnings.warn(str(warning.message), warning.category, stacklevel=2)
        self.network_ = self.recovery_.network
        return self

    def predict(self, X: Any) -> np.ndarray:
        """f(x) for the rows of X.  *Shapes*: X (n_samples, n_features); result (n_samples,)."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=[np.float64, np.float32], reset=False)
        return self.network_.predict(X)

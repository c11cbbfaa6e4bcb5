"""RecoveryRegressor is an estimator of scikit-learn, by scikit-learn's own checks."""

import pickle
import subprocess
import sys
import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

from onenn import RecoveryRegressor, match, random_teacher
from onenn.recovery import RecoveryWarning

RNG = np.random.default_rng(0)
TEACHER = random_teacher(2, 5, "relu", rng=RNG)
X = RNG.standard_normal((200, 5))
Y = TEACHER.predict(X)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["relu", "squared_relu"])
def test_scikit_learn_finds_nothing_wrong(name):
    """All checks, none expected to fail; one is skipped by scikit-learn itself where SciPy's array API is off."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = check_estimator(RecoveryRegressor(2, name, random_state=0))
    statuses = {result["check_name"]: result["status"] for result in results}
    assert set(statuses.values()) <= {"passed", "skipped"} and len(statuses) > 40
    assert [name for name, status in statuses.items() if status == "skipped"] in ([], ["check_array_api_input"])


def test_it_recovers_and_predicts():
    """The teacher, a perfect score on samples it has not seen, and the record."""
    estimator = RecoveryRegressor(2, "relu", random_state=0).fit(X[:100], Y[:100])
    assert estimator.score(X[100:], Y[100:]) == pytest.approx(1, abs=1e-12)
    assert match(estimator.network_, TEACHER).relative_error < 1e-10
    assert estimator.recovery_.certain and estimator.n_features_in_ == 5


def test_it_goes_through_pickle_clone_pipeline_and_grid():
    """A pickled one predicts the same; the search over k ends at the teacher's."""
    estimator = RecoveryRegressor(2, "relu", random_state=0).fit(X, Y)
    assert np.array_equal(pickle.loads(pickle.dumps(estimator)).predict(X), estimator.predict(X))
    assert clone(estimator).get_params() == estimator.get_params()
    piped = make_pipeline(StandardScaler(with_mean=False), RecoveryRegressor(2, "relu", random_state=0)).fit(X, Y)
    assert piped.score(X, Y) == pytest.approx(1, abs=1e-12)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RecoveryWarning)
        grid = GridSearchCV(RecoveryRegressor(1, "relu", random_state=0, restarts=20), {"k": [1, 2]}, cv=2).fit(X, Y)
    assert grid.best_params_ == {"k": 2}


def test_doubts_are_warnings_of_fit():
    """As those of recover."""
    with pytest.warns(RecoveryWarning) as caught:
        RecoveryRegressor(2, "relu", random_state=0).fit(X[:8], Y[:8])
    assert any("information limit" in str(warning.message) for warning in caught)


@pytest.mark.parametrize(
    ("rows", "k", "message"),
    [(slice(1), 2, "1 sample"), (slice(50), 6, r"k is 6 but X has n_features = 5"), (slice(0), 2, "0 sample")],
)
def test_unfit_data_are_refused(rows, k, message):
    """One sample, more units than features, none at all."""
    with pytest.raises(ValueError, match=message):
        RecoveryRegressor(k, "relu").fit(X[rows], Y[rows])


def test_importing_the_package_does_not_import_scikit_learn():
    """`import onenn` and recover stay quick; the estimator brings scikit-learn with it."""
    code = "import sys, onenn; onenn.recover; assert 'sklearn' not in sys.modules; onenn.RecoveryRegressor"
    subprocess.run([sys.executable, "-c", code + "; assert 'sklearn' in sys.modules"], check=True)

"""What is taken for X and y, and what is refused by name: no input is turned into another one in silence."""

import warnings

import numpy as np
import pandas
import pytest
import scipy.sparse

from onenn import OneHiddenLayer, RecoveryRegressor, random_teacher, recover, recovery, tensor_initialize
from onenn.recovery import RecoveryWarning, algorithm_1, input_moments, low_moments, samples
from onenn.recovery.entries import real_array
from onenn.recovery.input_moments import low_input_moments

TEACHER = random_teacher(2, 4, "relu", rng=0)
X = np.random.default_rng(1).standard_normal((200, 4))
Y = TEACHER.predict(X)

READERS = {
    "recover": lambda X, y: recover(X, y, 2, "relu", rng=0).network.W,
    "tensor_initialize": lambda X, y: tensor_initialize(X, y, 2, "relu", rng=0).W,
    "algorithm_1": lambda X, y: algorithm_1(X, y, 2, "relu", rng=0).W,
    "low_moments": lambda X, y: low_moments(samples(X, y)).M2,
}

SAME = {
    "lists": (X.tolist(), Y.tolist()),
    "frame": (pandas.DataFrame(X), pandas.Series(Y, index=range(200, 0, -1))),
    "objects": (X.astype(object), Y.astype(object)),
    "matrix": (np.matrix(X), Y),
    "Fortran": (np.asfortranarray(X), Y),
    "big endian": (X.astype(">f8"), Y.astype(">f8")),
    "long doubles": (X.astype(np.longdouble), Y),
    "masked nowhere": (np.ma.masked_array(X), np.ma.masked_array(Y)),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("kind", SAME)
def test_the_same_numbers_give_the_same_result(reader, kind):
    """However they are kept; up to the order of sums in another layout. The rows of a Series are taken as they come."""
    assert np.allclose(READERS[reader](*SAME[kind]), READERS[reader](X, Y), rtol=1e-9, atol=1e-9)


def test_half_precision_is_computed_in_double():
    """X and y rounded to eleven bits: the teacher to that rounding, and a residual of its size counts as zero."""
    half = X.astype(np.float16)
    found = recover(half, TEACHER.predict(half).astype(np.float16), 2, "relu", rng=0)
    assert found.converged and 0 < found.residual < 1e-3


WRONG = {
    "complex X": (X + 0j, Y, TypeError, "X is complex; expected real numbers"),
    "complex y": (X, Y + 1j, TypeError, "y is complex; expected real numbers"),
    "strings": (X.astype(str), Y, TypeError, "X is of dtype <U"),
    "words among objects": ([[1.0, "a"], [2.0, 3.0]], [1.0, 2.0], TypeError, "X is of dtype|X holds 'a'"),
    "digits among objects": (X.astype(object), np.array(["1"] * 200, dtype=object), TypeError, "y holds '1', a str"),
    "dates": (X.astype("datetime64[s]"), Y, TypeError, "X is of dtype datetime64"),
    "missing": (pandas.DataFrame(X, dtype="Float64").mask(X > 2), Y, TypeError, "X holds <NA>"),
    "sparse": (scipy.sparse.csr_matrix(X), Y, TypeError, r"X is sparse.*pass X.toarray\(\)"),
    "masked": (np.ma.masked_greater(X, 2.0), Y, ValueError, "X has masked entries; drop or impute"),
    "ragged": ([[1.0, 2.0], [3.0]], [1.0, 2.0], ValueError, "X is a list whose rows differ in length"),
    "nothing": (None, Y, TypeError, "X is a NoneType"),
    "one column": (X[:, 0], Y, ValueError, r"X has shape \(200,\); .*: X\[:, None\] for one column"),
    "two-dimensional y": (X, Y[:, None], ValueError, r"y has shape \(200, 1\) .*: pass y.reshape\(-1\)"),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("kind", WRONG)
def test_what_are_no_real_numbers_is_refused_by_name(reader, kind):
    """NumPy would drop imaginary parts, parse digits and show what is under a mask."""
    X, y, error, message = WRONG[kind]
    with pytest.raises(error, match=message):
        READERS[reader](X, y)


def test_complex_tensors_are_refused():
    """As complex arrays."""
    import torch

    with pytest.raises(TypeError, match="X is complex"):
        real_array("X", torch.zeros(3, dtype=torch.complex64))
    assert real_array("X", torch.zeros(3)).dtype == torch.float32


def test_the_regressor_refuses_masked_entries_and_names_k():
    """Scikit-learn takes what is under a mask; k may be a word from a configuration."""
    with pytest.raises(ValueError, match="masked entries"):
        RecoveryRegressor(2, "relu").fit(np.ma.masked_greater(X, 2.0), Y)
    with pytest.raises(ValueError, match="k is '2'; expected an int"):
        RecoveryRegressor("2", "relu").fit(X, Y)


@pytest.mark.parametrize("rng", ["a", 1.5, -1])
@pytest.mark.parametrize("function", [recover, tensor_initialize, algorithm_1])
def test_what_seeds_no_generator_is_named(function, rng):
    """With what was expected."""
    with pytest.raises((TypeError, ValueError), match=f"rng is {rng!r}; expected a numpy.random.Generator"):
        function(X, Y, 2, "relu", rng=rng)


@pytest.mark.parametrize("size", [0.0, 1e-200, 1e200])
def test_inputs_whose_squares_are_no_floats_are_refused(size):
    """Zero too; a sum that overflows in a pass over blocks says so itself."""
    with pytest.raises(ValueError, match="largest entry of X is"):
        recover(X * size, Y, 2, "relu", rng=0)
    with pytest.raises((ValueError, OverflowError), match=r"X is|X or y is so large"):
        tensor_initialize(X * size, Y, 2, "relu", rng=0)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"y": None}, TypeError, "y is None; recover takes arrays"),
        ({"noise": "0.1"}, ValueError, "noise is '0.1'"),
        ({"noise": np.ones(3)}, ValueError, "noise is array"),
        ({"noise": True}, ValueError, "noise is True"),
        ({"v": "ab"}, TypeError, "v is of dtype"),
    ],
)
def test_recover_names_what_else_is_wrong(arguments, error, message):
    """Blocks of samples, and numbers that are none."""
    with pytest.raises(error, match=message):
        recover(**{"X": X, "y": Y, "k": 2, "phi": "relu", "rng": 0, **arguments})


def test_samples_have_their_own_targets():
    """y beside them would be left out."""
    with pytest.raises(ValueError, match="X is Samples, which has its own y"):
        samples(samples(X, Y), 2 * Y)


def iterator_made_once():
    """A function that returns the same iterator each time."""
    blocks = iter([(X[i : i + 50], Y[i : i + 50]) for i in range(0, 200, 50)])
    return lambda: blocks


@pytest.mark.parametrize(
    ("blocks", "message"),
    [
        (iterator_made_once(), "X yields no samples when it is read again"),
        ([(X[:0], Y[:0])], "some of them not empty"),
        (lambda: None, "X makes a NoneType; expected an iterator of pairs"),
    ],
)
def test_blocks_that_cannot_be_read_again_are_named(blocks, message):
    """Also where only the first rows are read."""
    with pytest.raises(TypeError, match=message):
        tensor_initialize(blocks, None, 2, "relu", rng=0)


ZERO = OneHiddenLayer([[0, 0], [1, 1]], [1, 1], "relu")
LINE = OneHiddenLayer([[1, 0], [2, 0]], [1, 1], "relu")
GAPS = np.where(X > 2, np.nan, X)

STEPS = {
    "student.W has a zero row, 0": lambda: recovery.moment_distances(ZERO, LINE, 2),
    "network.W has a zero row, 0": lambda: recovery.network_moment(ZERO, 2),
    "compared for one phi": lambda: recovery.moment_distances(TEACHER, random_teacher(2, 4, "tanh", rng=0), 2),
    "j is -1": lambda: recovery.hermite_moment("relu", -1, 1.0),
    "network.W has rank 1 and k = 2": lambda: recovery.network_from_exact_moments(LINE, rng=np.random.default_rng(0)),
    r"B has shape \(3, 3\); expected \(4, m\)": lambda: recovery.projected_moment(samples(X, Y), 3, np.eye(3)),
    "X has nan or inf in row": lambda: recovery.gauss_newton(TEACHER, GAPS, Y),
    r"expected \(n, 4\)": lambda: recovery.gauss_newton(TEACHER, X[:, :3], Y),
    r"and y \(200, 1\)": lambda: recovery.gauss_newton(TEACHER, X, Y[:, None]),
    "J.T J is not finite": lambda: recovery.standard_errors(TEACHER, GAPS, 0.1),
    r"X has shape \(200,\)": lambda: input_moments(X[:, 0]),
    r"expected \(n, d\), \(n,\), \(S, k, d\) and \(S, k\)": lambda: recovery.levenberg_marquardt(
        TEACHER.phi, X, Y[:, None], TEACHER.W[None], TEACHER.v[None]
    ),
}


@pytest.mark.parametrize("message", STEPS)
def test_each_step_names_what_it_cannot_take(message):
    """Zero and dependent rows, other activations, shapes, nan."""
    with pytest.raises(ValueError, match=message):
        STEPS[message]()


def test_tensors_with_a_gradient_are_read_and_left_alone():
    """Their values count; no warning of torch's."""
    import torch

    A = torch.tensor(X, requires_grad=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = recover(A, torch.tensor(Y), 2, "relu", rng=0)
    assert found.certain and A.grad is None


INPUTS = {
    "mean": X + 1,
    "covariance": X @ np.diag([1, 1, 1, 3.0]),
    "kurtosis": np.sqrt(3) * np.random.default_rng(2).uniform(-1, 1, (500, 4)),
    "skewness": np.random.default_rng(3).exponential(size=(500, 4)) - 1,
}


@pytest.mark.parametrize("function", [tensor_initialize, algorithm_1])
@pytest.mark.parametrize("moment", INPUTS)
def test_a_start_from_other_inputs_warns_with_the_statistic(function, moment):
    """The moments belong to N(0, I); no warning there."""
    Z = INPUTS[moment]
    with pytest.warns(RecoveryWarning, match=f"X is not N.*{moment}.*the start may be far off"):
        function(Z, TEACHER.predict(Z), 2, "relu", rng=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        function(X, Y, 2, "relu", rng=0)


def test_a_start_that_explains_nothing_says_so():
    """An offset, which no network has."""
    with pytest.warns(RecoveryWarning, match="fits worse than a constant.*no offset"):
        tensor_initialize(X, Y + 1e6, 2, "relu", rng=0)


def test_the_moments_of_a_pass_are_those_of_the_rows():
    """Mean and covariance with their p-values, a constant and a doubled coordinate too, and no warning of NumPy's."""
    Z = np.column_stack([X, X[:, 0], np.ones(200)])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for rows in (X, Z, X + 1, X[:30]):
            a, b = input_moments(rows), low_input_moments(len(rows), rows.mean(axis=0), rows.T @ rows / len(rows))
            for name in ("mean", "covariance", "p_mean", "p_covariance"):
                assert getattr(a, name) == pytest.approx(getattr(b, name), rel=1e-9)
        assert input_moments(X).standard and not input_moments(Z).standard

"""Samples in blocks: what is accepted, what is refused and how; the parts; the first rows."""

import pickle

import numpy as np
import pytest

from onenn.recovery import low_moments, projected_moment, samples
from onenn.recovery.blocks import Slices
from onenn.recovery.data import check_units

RNG = np.random.default_rng(0)
X = RNG.standard_normal((10_000, 3))
Y = X[:, 0] ** 2 + X[:, 1]


class Again:
    """Blocks of uneven length, as often as they are asked for."""

    def __iter__(self):
        return ((X[i : i + 3001], Y[i : i + 3001]) for i in range(0, 10_000, 3001))


@pytest.mark.parametrize(
    "blocks", [Again(), list(Again()), lambda: iter(Again())], ids=["iterable", "list", "function"]
)
def test_blocks_of_any_kind_give_the_moments_of_the_whole(blocks):
    """Sums do not care how the samples were cut, up to rounding."""
    found, whole = low_moments(samples(blocks)), low_moments(samples(X, Y))
    assert found.n == whole.n == 10_000
    assert np.allclose(found.M2, whole.M2, rtol=1e-11, atol=1e-12)
    assert samples(blocks).count() == 10_000


def test_parts_are_disjoint_and_cover():
    """Thirds of each chunk: their sums add up, and n need not be known."""
    for data in (samples(X, Y), samples(Again())):
        parts = [data.part(i, 3).sum(total) for i in range(3)]
        assert sum(int(p[0]) for p in parts) == 10_000
        assert np.allclose(sum(p[1] for p in parts), X.sum(axis=0))
        assert min(int(p[0]) for p in parts) > 3300
    with pytest.raises(ValueError, match="i is 3 and of is 3"):
        samples(X, Y).part(3, 3)


def total(x, y):
    return [x.sum(axis=0)]


def test_the_first_rows_are_those_of_the_data():
    """From blocks too, and no more than there are."""
    x, y = samples(Again()).first(4000)
    assert np.array_equal(x, X[:4000])
    assert np.array_equal(y, Y[:4000])
    assert samples(X[:5], Y[:5]).first(9)[1].shape == (5,)


def test_integers_lists_and_single_precision_become_float64():
    """The dtype of the blocks is the one asked for, whatever the data are."""
    for x in (X.astype(np.float32), [[1, 2, 3], [4, 5, 7]]):
        block, _ = next(samples(x, np.arange(len(x))).blocks())
        assert block.dtype == np.float64
    assert next(samples(X, Y, dtype="float32").blocks())[0].dtype == np.float32


def test_a_mapped_part_travels_by_its_name(tmp_path):
    """Pickled parts of a mapped file hold its place, not its bytes, and are the same numbers."""
    np.save(tmp_path / "x.npy", X)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    for part in (mapped[100:5000], mapped[3::7], mapped[:, 1:]):
        chunk = next(iter(Slices(part, Y, 2000)()))[0]
        travelled = pickle.dumps(chunk)
        assert len(travelled) < 1000
        assert np.array_equal(pickle.loads(travelled).array, part[:2000])
    backwards = mapped[::-1]
    assert np.array_equal(next(samples(backwards, Y).blocks())[0], backwards[:4096])


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ((X, Y[1:]), ValueError, r"y has shape \(9999,\) but X has 10000 rows"),
        ((X[:, 0], Y), ValueError, r"X has shape \(10000,\); expected \(n, d\)"),
        ((X[:0], Y[:0]), ValueError, "at least one"),
        ((iter(Again()),), TypeError, "generator that can be read once.*pass the function that makes it"),
        (([],), ValueError, "X has no blocks"),
        ((X,), ValueError, "y is None but X is no iterable of blocks"),
        (([X],), ValueError, "no pairs"),
        (([(X, Y), (X[:, :2], Y)],), ValueError, r"a block of X has shape \(10000, 2\); expected \(b, 3\)"),
        (([(X, Y[1:])],), ValueError, "a block of y"),
    ],
)
def test_bad_data_are_named(arguments, error, words):
    """What was wrong, what was expected, what to do."""
    with pytest.raises(error, match=words):
        low_moments(samples(*arguments))


def test_a_function_that_returns_the_same_iterator_is_found_out():
    """The first pass reads it, the second finds nothing."""
    once = iter(Again())
    data = samples(lambda: once)
    data.count()
    with pytest.raises(TypeError, match=r"no samples when it is read again.*makes a new iterator"):
        data.count()
    with pytest.raises(ValueError, match="too few samples for part 1 of 3"):
        samples(X[:1], Y[:1]).part(0, 3).count()
    with pytest.raises(ValueError, match="too few samples for part 1 of 3"):
        low_moments(samples(X[:1], Y[:1]).part(0, 3))


def test_bad_settings_are_named():
    """dtype, executor, units."""
    with pytest.raises(ValueError, match="dtype is 'half'"):
        samples(X, Y, dtype="half")
    with pytest.raises(TypeError, match="executor is a int without submit"):
        samples(X, Y, executor=2)
    for k in (0, True, 1.5):
        with pytest.raises(ValueError, match="expected an int >= 1"):
            check_units(k, 3)


def test_infinite_entries_are_found_where_they_are():
    """The row is counted over all blocks; a sum too large for the dtype is no bad sample."""
    x, y = X.copy(), Y.copy()
    x[7777, 1] = np.inf
    with pytest.raises(ValueError, match="X has nan or inf in row 7777"):
        low_moments(samples([(x[:5000], y[:5000]), (x[5000:], y[5000:])]))
    with np.errstate(over="ignore"), pytest.raises(OverflowError, match="scale it down"):
        projected_moment(samples(X, Y * 1e300), 3, 1e10 * np.eye(3))


def test_constant_values_are_refused_to_the_last_bit():
    """A value that is no dyadic number, one that is huge: no rounding hides that it is constant."""
    for value in (0.1, -1e9, 1 / 3):
        with pytest.raises(ValueError, match="y is constant"):
            low_moments(samples(X, np.full(10_000, value)))


def test_a_part_of_a_file_can_be_handed_on(tmp_path):
    """Pickled, opened there and pickled again: the part that begins far inside the file is the same each time."""
    np.save(tmp_path / "x.npy", X)
    (part, _), *_ = list(Slices(np.load(tmp_path / "x.npy", mmap_mode="r")[5003:], Y[5003:], 1000)())[1:]
    once = pickle.loads(pickle.dumps(part))
    twice = pickle.loads(pickle.dumps(once))
    assert all(np.array_equal(p.array, X[6003:7003]) for p in (part, once, twice))
    assert len(pickle.dumps(twice)) < 1000

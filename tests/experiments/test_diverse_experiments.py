"""The experiments on diverse units: one small run of each, the file of images, and training by hand."""

from __future__ import annotations

import numpy as np
import pytest

from onenn.experiments import diverse_units as experiments
from onenn.experiments.__main__ import main
from onenn.experiments.store import load


def test_training_lowers_the_loss_and_keeps_the_signs():
    """300 steps of SGD towards a teacher of two units; the gradient is that of the squared loss."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((500, 3))
    y = np.maximum(X[:, 0], 0) - np.maximum(X[:, 1], 0)
    W, v = rng.standard_normal((8, 3)), np.array([1.0, -1.0] * 4)
    options = {"steps": 300, "rate": 0.1, "momentum": 0.0, "batch": 50}
    after = experiments.train_units(X, y, W, v, **options, coefficient=0.0, rng=rng)
    assert experiments._loss(X, y, after, v) < 0.1 * experiments._loss(X, y, W, v)


def test_one_step_of_training_is_a_step_along_the_gradient():
    """A batch of the same sample has the gradient D r of that sample."""
    from onenn.diversity import extended_features

    X, y, W, v = np.array([[1.0, 2.0]]), np.array([3.0]), np.array([[1.0, 1.0], [-1.0, 0.0]]), np.array([1.0, -1.0])
    options = {"steps": 1, "rate": 0.1, "momentum": 0.0, "batch": 7}
    after = experiments.train_units(X, y, W, v, **options, coefficient=0.0, rng=np.random.default_rng(0))
    r = np.maximum(X @ W.T, 0) @ v - y
    assert after == pytest.approx(W - 0.1 * (extended_features(X, W, v) @ r).reshape(2, 2))


def test_a_large_coefficient_spreads_the_units():
    """The regulariser is in the loss."""
    from onenn.diversity import squared_discrepancy

    rng = np.random.default_rng(1)
    X, W, v = rng.standard_normal((50, 4)), rng.standard_normal((6, 4)), np.ones(6)
    options = {"steps": 300, "rate": 0.1, "momentum": 0.9, "batch": 10}
    ends = [
        experiments.train_units(X, 0 * X[:, 0], W, v, **options, coefficient=c, rng=np.random.default_rng(2))
        for c in (0.0, 100.0)
    ]
    assert squared_discrepancy(ends[1]) < squared_discrepancy(ends[0])


def test_spreading_raises_the_singular_value():
    """One small case of the stored experiment."""
    result = experiments.spread_and_singular_value(k=20, n=150, rng=np.random.default_rng(0))
    assert result["square_after"] > result["square_before"]
    assert result["discrepancy_after"] < result["discrepancy_before"]


def _images(path, n=120):
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, n)
    images = rng.integers(0, 60, (n, 4, 4), dtype=np.uint8)
    images[np.arange(n), labels, :] += 150  # the label is a bright row
    np.savez(path, x_train=images[:90], y_train=labels[:90], x_test=images[90:], y_test=labels[90:])


@pytest.mark.slow
def test_images_of_a_local_file_are_classified(tmp_path, capsys):
    """The command on a small synthetic file of the format of mnist.npz; a bright row is easy to learn."""
    file, output = tmp_path / "images.npz", tmp_path / "mnist.json"
    _images(file)
    arguments = ["mnist", "--small", "--workers", "1", "--data", str(file), "--output", str(output)]
    assert main([*arguments, "--cache", str(tmp_path / "cache")]) == 0
    result = load(output)
    assert float(result["test_plain"].max()) < 20
    assert set(np.unique(result["chosen"])) <= set(experiments.COEFFICIENTS)
    assert "images.npz, SHA-256" in result.attrs["data"]


def test_mnist_needs_its_file(tmp_path, capsys):
    """Without --data, with a file that is not there, or with one of another format, the error says what to give."""
    assert main(["mnist", "--cache", str(tmp_path)]) == 2
    assert "--data FILE" in capsys.readouterr().err
    np.savez(tmp_path / "other.npz", x=np.zeros(3))
    with pytest.raises(ValueError, match="no array x_test"):
        experiments.load_images(tmp_path / "other.npz")
    np.savez(tmp_path / "flat.npz", x_train=np.zeros((3, 4)), y_train=[0], x_test=np.zeros((1, 2, 2)), y_test=[0])
    with pytest.raises(ValueError, match="images"):
        experiments.load_images(tmp_path / "flat.npz")


def test_images_are_scaled_and_the_test_part_is_last(tmp_path):
    """Bytes become numbers in [0, 1], rows are flattened."""
    _images(tmp_path / "images.npz")
    X, labels = experiments.load_images(tmp_path / "images.npz")
    assert X.shape == (120, 16) and 0 <= X.min() and X.max() <= 1 and len(labels) == 120

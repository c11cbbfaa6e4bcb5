"""Diversity in training: the discrepancy afterwards, s_min before and after spreading, and what the regulariser gains.

Networks sum_i v_i max(w_i.x, 0), W trained by SGD on L + c R;  classification with a softmax on top.

Chapter: diverse-units-random.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from .registry import Experiment

COEFFICIENTS = (1.0, 0.1, 0.01, 0.001)
"""The coefficients of the regulariser that the paper tries; 0 is added as the baseline."""


def train_units(
    X: np.ndarray,
    y: np.ndarray,
    W: np.ndarray,
    v: np.ndarray,
    *,
    steps: int,
    rate: float,
    momentum: float,
    batch: int,
    coefficient: float,
    rng: np.random.Generator,
) -> np.ndarray:
    """W after SGD with momentum on the squared loss + coefficient * R; v fixed.  X (n, d), y (n,), W (k, d), v (k,)."""
    from onenn.diversity import regularizer

    W, speed = W.copy(), np.zeros_like(W)
    for _ in range(steps):
        rows = rng.integers(0, len(X), batch)
        Z = X[rows] @ W.T
        r = (np.maximum(Z, 0) @ v - y[rows]) / batch
        gradient = ((r[:, None] * (Z > 0)) * v).T @ X[rows]
        if coefficient:
            gradient = gradient + coefficient * regularizer(W).gradient
        speed = momentum * speed - rate * gradient
        W += speed
    return W


def _loss(X: np.ndarray, y: np.ndarray, W: np.ndarray, v: np.ndarray) -> float:
    return float(np.mean((np.maximum(X @ W.T, 0) @ v - y) ** 2) / 2)


def discrepancy_after_training(*, k: int, rng: np.random.Generator) -> dict[str, float]:
    """L2^2 before and after 5000 steps of SGD (batch 100, rate 0.1) towards a teacher of 50 units in R^50."""
    from onenn.diversity import mean_squared_discrepancy, squared_discrepancy, uniform_inputs

    d, n = 50, 20_000
    X = uniform_inputs(n, d, rng)
    teacher, signs = uniform_inputs(50, d, rng), rng.choice([-1.0, 1.0], 50)
    y = np.maximum(X @ teacher.T, 0) @ signs
    W, v = rng.standard_normal((k, d)) / d**0.5, rng.choice([-1.0, 1.0], k)
    before, start = squared_discrepancy(W), _loss(X, y, W, v)
    W = train_units(X, y, W, v, steps=5000, rate=0.1, momentum=0.0, batch=100, coefficient=0.0, rng=rng)
    mean = mean_squared_discrepancy(k, d)
    after = squared_discrepancy(W)
    return {"before": before, "after": after, "ratio": after / mean, "loss_before": start, "loss": _loss(X, y, W, v)}


def spread_and_singular_value(*, k: int, n: int, rng: np.random.Generator) -> dict[str, float]:
    """s_min(D)^2 and L2^2 of k random units in R^k, before and after minimising R, for n uniform inputs."""
    from onenn.diversity import diversify, smallest_singular_value, squared_discrepancy, uniform_inputs

    X, W = uniform_inputs(n, k, rng), rng.standard_normal((k, k))
    after = diversify(W)
    return {
        "square_before": smallest_singular_value(X, W) ** 2,
        "square_after": smallest_singular_value(X, after) ** 2,
        "discrepancy_before": squared_discrepancy(W),
        "discrepancy_after": squared_discrepancy(after),
    }


def teacher_generalisation(*, k: int, rng: np.random.Generator) -> dict[str, float]:
    """Test losses of a student of k units without and with R, the coefficient chosen on data of its own.

    A teacher of 20 units in R^20, 500 training inputs, 6000 steps of SGD, rate 0.1, momentum 0.9, batch 100.
    """
    from onenn.diversity import uniform_inputs

    d, sizes = 20, {"train": 500, "choice": 2000, "test": 10_000}
    teacher, signs = uniform_inputs(20, d, rng), rng.choice([-1.0, 1.0], 20)
    data = {name: uniform_inputs(n, d, rng) for name, n in sizes.items()}
    labels = {name: np.maximum(X @ teacher.T, 0) @ signs for name, X in data.items()}
    start, v = rng.standard_normal((k, d)) / d**0.5, rng.choice([-1.0, 1.0], k)
    ends = {}
    for coefficient in (0.0, *COEFFICIENTS):
        ends[coefficient] = train_units(
            data["train"], labels["train"], start, v, steps=6000, rate=0.1, momentum=0.9, batch=100,
            coefficient=coefficient, rng=np.random.default_rng(rng.integers(2**63)),
        )  # fmt: skip
    losses = {c: {name: _loss(data[name], labels[name], W, v) for name in sizes} for c, W in ends.items()}
    chosen = min(COEFFICIENTS, key=lambda c: losses[c]["choice"])
    return {
        "train_plain": losses[0.0]["train"],
        "test_plain": losses[0.0]["test"],
        "train_spread": losses[chosen]["train"],
        "test_spread": losses[chosen]["test"],
        "chosen": chosen,
    }


def classify(
    X: np.ndarray,
    labels: np.ndarray,
    *,
    k: int,
    coefficient: float,
    epochs: int,
    rng: np.random.Generator,
    rate: float = 0.1,
    batch: int = 50,
) -> tuple[np.ndarray, np.ndarray]:
    """(W, V) of a ReLU layer of k units and a softmax, both trained by SGD with momentum 0.9 on cross-entropy + c R."""
    from onenn.diversity import regularizer

    n, d = X.shape
    classes = int(labels.max()) + 1
    W, V = rng.standard_normal((k, d)) * (2 / d) ** 0.5, rng.standard_normal((classes, k)) / k**0.5
    speeds = [np.zeros_like(W), np.zeros_like(V)]
    for _ in range(epochs):
        order = rng.permutation(n)
        for rows in np.array_split(order, max(1, n // batch)):
            H = np.maximum(X[rows] @ W.T, 0)
            scores = H @ V.T
            p = np.exp(scores - scores.max(axis=1, keepdims=True))
            p /= p.sum(axis=1, keepdims=True)
            p[np.arange(len(rows)), labels[rows]] -= 1
            p /= len(rows)
            gradient = ((p @ V) * (H > 0)).T @ X[rows]
            if coefficient:
                gradient += coefficient * regularizer(W).gradient
            speeds = [0.9 * speeds[0] - rate * gradient, 0.9 * speeds[1] - rate * (p.T @ H)]
            W, V = W + speeds[0], V + speeds[1]
    return W, V


def _errors(X: np.ndarray, labels: np.ndarray, W: np.ndarray, V: np.ndarray) -> float:
    return float(100 * np.mean(np.argmax(np.maximum(X @ W.T, 0) @ V.T, axis=1) != labels))


def _compare(
    X: np.ndarray, labels: np.ndarray, parts: tuple[int, int], *, k: int, epochs: int, rng: Any
) -> dict[str, float]:
    """Test errors in % without and with R, the coefficient chosen on the part between parts[0] and parts[1]."""
    train, choice = slice(0, parts[0]), slice(parts[0], parts[1])
    test = slice(parts[1], None)
    seed = int(rng.integers(2**63))
    results = {}
    for coefficient in (0.0, *COEFFICIENTS):
        W, V = classify(
            X[train], labels[train], k=k, coefficient=coefficient, epochs=epochs, rng=np.random.default_rng(seed)
        )
        results[coefficient] = [_errors(X[part], labels[part], W, V) for part in (train, choice, test)]
    chosen = min(COEFFICIENTS, key=lambda c: results[c][1])
    plain, spread = results[0.0], results[chosen]
    return {
        "train_plain": plain[0],
        "test_plain": plain[2],
        "train_spread": spread[0],
        "test_spread": spread[2],
        "chosen": chosen,
    }


def digits_generalisation(*, k: int, rng: np.random.Generator) -> dict[str, float]:
    """Test errors in % on scikit-learn's 1797 digits of 8 x 8 pixels: 897 train, 300 choose, 600 test; 60 epochs."""
    from sklearn.datasets import load_digits

    data: Any = load_digits()
    order = rng.permutation(len(data.target))
    X = (data.data[order] - data.data.mean()) / data.data.std()
    return _compare(X / X.shape[1] ** 0.5, data.target[order], (897, 1197), k=k, epochs=60, rng=rng)


def load_images(data: str | Path) -> tuple[np.ndarray, np.ndarray]:
    """(X, labels) of an .npz file in the format of mnist.npz: x_train, y_train, x_test, y_test; the test part last.

    Images are unsigned bytes (n, rows, columns), labels integers (n,). Returns X (n, rows * columns) in [0, 1].
    Raises: ValueError when an array is missing or its shape does not fit.
    """
    with np.load(data) as file:
        missing = {"x_train", "y_train", "x_test", "y_test"} - set(file.files)
        if missing:
            raise ValueError(f"{data} has no array {sorted(missing)[0]}; expected x_train, y_train, x_test, y_test")
        images = [file["x_train"], file["x_test"]]
        labels = [file["y_train"], file["y_test"]]
    if any(x.ndim != 3 or len(x) != len(y) for x, y in zip(images, labels, strict=True)):
        raise ValueError(f"{data}: expected images (n, rows, columns) and as many labels")
    X = np.concatenate([x.reshape(len(x), -1) for x in images]) / 255.0
    return X, np.concatenate(labels).astype(int)


def mnist_generalisation(*, k: int, rng: np.random.Generator, data: str) -> dict[str, float]:
    """Test errors in % on the images of a local file, a sixth of the training part kept to choose the coefficient."""
    X, labels = load_images(data)
    with np.load(data) as file:
        train = len(file["y_train"])
    order = np.concatenate([rng.permutation(train), np.arange(train, len(X))])
    return _compare(X[order], labels[order], (train - train // 6, train), k=k, epochs=30, rng=rng)


EXPERIMENTS = (
    Experiment(
        name="discrepancy-after-training",
        chapter="diverse-units-random",
        description="L2^2 before and after SGD against the number of units",
        function=discrepancy_after_training,
        grid={"k": [20, 40, 80, 160, 320, 640]},
        seeds=5,
        small={"k": [20, 40]},
    ),
    Experiment(
        name="spread-and-singular-value",
        chapter="diverse-units-random",
        description="s_min(D)^2 before and after minimising the regulariser",
        function=spread_and_singular_value,
        grid={"k": [100], "n": [3000]},
        seeds=10,
        small={"k": [30], "n": [300]},
    ),
    Experiment(
        name="teacher-generalisation",
        chapter="diverse-units-random",
        description="test loss with and without the regulariser, synthetic teachers",
        function=teacher_generalisation,
        grid={"k": [20, 30, 40, 60]},
        seeds=8,
        small={"k": [20]},
    ),
    Experiment(
        name="digits-generalisation",
        chapter="diverse-units-random",
        description="test error with and without the regulariser, scikit-learn's digits",
        function=digits_generalisation,
        grid={"k": [20, 40, 80, 160]},
        seeds=8,
        small={"k": [20]},
    ),
    Experiment(
        name="mnist",
        chapter="diverse-units-random",
        description="test error with and without the regulariser, a local file of images",
        function=mnist_generalisation,
        grid={"k": [200, 400, 600, 800]},
        seeds=3,
        small={"k": [10]},
        data="an .npz file with x_train, y_train, x_test, y_test, as mnist.npz has them",
    ),
)

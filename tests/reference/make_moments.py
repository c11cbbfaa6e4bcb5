"""Writes moments.toml: Gaussian moments of the twelve activations by mpmath quadrature, none of the package's formulas.

    python tests/reference/make_moments.py > tests/reference/moments.toml          (about four minutes)

alpha_q = E[phi'(s z) z^q], beta_q = E[phi'(s z)^2 z^q], gamma_j = E[phi(s z) z^j],
hermite_r = E[phi'(g) He_r(g)]/sqrt(r!);
T1, T2, T3 are differences of these moments, harmless at 50 digits. Gauss-Legendre panels double away from 0, where
the activations have their kinks and turn; each value is computed at two degrees, and both must agree to 30 digits.
"""

from __future__ import annotations

import mpmath as mp

DIGITS = 50
SIGMAS = ("0.001", "0.1", "1", "10", "1000")
SIGMAS_EXP = ("0.001", "0.1", "1", "2", "5")
ORDERS = (0, 1, 2, 3, 4, 5, 8, 9, 20, 21, 40, 41)

mp.mp.dps = DIGITS


def on_the_right(f):
    return lambda z: f(z) if z > 0 else mp.mpf(0)


PHI = {
    "linear": (lambda z: z, lambda z: mp.mpf(1)),
    "quadratic": (lambda z: z * z, lambda z: 2 * z),
    "relu": (on_the_right(lambda z: z), on_the_right(lambda z: mp.mpf(1))),
    "leaky_relu": (lambda z: z if z > 0 else z / 100, lambda z: mp.mpf(1) if z > 0 else mp.mpf(1) / 100),
    "squared_relu": (on_the_right(lambda z: z * z), on_the_right(lambda z: 2 * z)),
    "sigmoid": (lambda z: 1 / (1 + mp.exp(-z)), lambda z: 1 / (2 * mp.cosh(z / 2)) ** 2),
    "tanh": (mp.tanh, lambda z: mp.sech(z) ** 2),
    "erf": (mp.erf, lambda z: 2 / mp.sqrt(mp.pi) * mp.exp(-z * z)),
    "softplus": (lambda z: mp.log1p(mp.exp(z)), lambda z: 1 / (1 + mp.exp(-z))),
    "exp": (mp.exp, mp.exp),
    "gelu": (lambda z: z * mp.ncdf(z), lambda z: mp.ncdf(z) + z * mp.npdf(z)),
    "quartic_relu": (on_the_right(lambda z: z**4 + 4 * z), on_the_right(lambda z: 4 * z**3 + 4)),
}


def edges(sigma, reach):
    right = {mp.mpf(0), *(mp.mpf(k) for k in range(1, reach + 1))}
    x = 1 / (2 * sigma)
    while x < reach:
        right.add(x)
        x *= 2
    return sorted({-x for x in right} | right)


def expectation(f, sigma, reach):
    panels = edges(sigma, reach)
    low, high = (mp.quad(lambda z: f(z) * mp.npdf(z), panels, method="gauss-legendre", maxdegree=d) for d in (4, 5))
    if abs(high - low) > mp.mpf(10) ** -30 * (abs(high) + 1):
        raise ArithmeticError(f"two rules differ: {low}, {high}")
    return high if abs(high) > mp.mpf(10) ** -40 else mp.mpf(0)


def normalised_hermite(r, x):
    previous, value = mp.mpf(0), mp.mpf(1)
    for n in range(r):
        previous, value = value, (x * value - mp.sqrt(n) * previous) / mp.sqrt(n + 1)
    return value


def moments(name, sigma):
    phi, slope = PHI[name]
    s = mp.mpf(sigma)
    reach = 38 if name == "exp" else 18  # e^(5 z) moves the mass out to z = 10
    row = {f"alpha_{q}": expectation(lambda z, q=q: slope(s * z) * z**q, s, reach) for q in range(4)}
    row |= {f"beta_{q}": expectation(lambda z, q=q: slope(s * z) ** 2 * z**q, s, reach) for q in range(4)}
    row |= {f"gamma_{j}": expectation(lambda z, j=j: phi(s * z) * z**j, s, reach) for j in range(5)}
    a, b = [row[f"alpha_{q}"] for q in range(3)], [row[f"beta_{q}"] for q in range(3)]
    row["T_1"] = b[0] - a[0] ** 2 - a[1] ** 2
    row["T_2"] = b[2] - a[1] ** 2 - a[2] ** 2
    row["T_3"] = a[0] * a[2] - a[1] ** 2
    return {key: value if abs(value) > mp.mpf(10) ** -40 else mp.mpf(0) for key, value in row.items()}


if __name__ == "__main__":
    print("# Gaussian moments of the activations. Written by tests/reference/make_moments.py (see its text), unedited.")
    print(f"# mpmath {mp.__version__}, {DIGITS} digits, Gauss-Legendre panels; 25 digits are kept. Exact zeros are 0.")
    for name, (_, derivative) in PHI.items():
        for sigma in SIGMAS_EXP if name == "exp" else SIGMAS:
            print(f'\n[{name}."{sigma}"]')
            for key, value in moments(name, sigma).items():
                print(f'{key} = "{mp.nstr(value, 25)}"')
        print(f"\n[{name}.hermite]")
        for r in ORDERS:
            value = expectation(lambda z, r=r, f=derivative: f(z) * normalised_hermite(r, z), mp.mpf(1), 25)
            print(f'{r} = "{mp.nstr(value, 25)}"')

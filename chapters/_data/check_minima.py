"""Re-verify stored spurious minima with the standard library alone: python check_minima.py [FILE].

A certificate says: k = d ReLU units, teacher units e_i, v = 1, x ~ N(0, I); the population risk has a strict local
minimum at w_0 = (D, E, ..., E), w_j = C e_0 + A e_j + B (the others). A decimal x with n places stands for the interval
[x, x + 10^-n]: the box holds exactly one zero of the gradient (Krawczyk), with the risk and the least eigenvalue of the
Hessian as stated. Up to k = 8 existence and definiteness are proved again with all k^2 unknowns and no symmetry.
Intervals are of integers over 2^BITS, rounded outwards. The digest guards what has no proof: command, seed, versions.

    K(w, u) = E[(w.x)_+ (u.x)_+] = (r + t b)/(2 pi),  b = w.u,  r = sqrt(|w|^2 |u|^2 - b^2),  t = angle(w, -u)
"""
# fmt: off  (close lines: the whole is to be read at one sitting)
import hashlib, json, math, re, sys  # noqa: E401, I001
from fractions import Fraction
from pathlib import Path

BITS, ONE = 192, 1 << 192
PLACES = {"A": 24, "B": 24, "C": 24, "D": 24, "E": 24, "risk": 15, "least_eigenvalue": 10}

class I:  # noqa: E742
    def __init__(self, lo, hi=None):
        self.lo, self.hi = lo, lo if hi is None else hi
    def __add__(self, y):
        return I(self.lo + y.lo, self.hi + y.hi)
    def __sub__(self, y):
        return I(self.lo - y.hi, self.hi - y.lo)
    def __mul__(self, y):
        if isinstance(y, int):
            return I(min(self.lo * y, self.hi * y), max(self.lo * y, self.hi * y))
        p = (self.lo * y.lo, self.lo * y.hi, self.hi * y.lo, self.hi * y.hi)
        return I(min(p) >> BITS, -(-max(p) >> BITS))
    def __truediv__(self, y):
        y = I(y << BITS) if isinstance(y, int) else y
        if y.lo <= 0 <= y.hi:
            raise ValueError("division by an interval that may be 0")
        q = [(x << BITS, z) for x in (self.lo, self.hi) for z in (y.lo, y.hi)]
        return I(min(x // z for x, z in q), max(-(-x // z) for x, z in q))
    def sqrt(self):
        return I(math.isqrt(max(self.lo, 0) << BITS), math.isqrt(max(self.hi, 0) << BITS) + 1)
    def square(self):
        low, high = sorted((abs(self.lo), abs(self.hi)))
        return I(0 if self.lo <= 0 <= self.hi else low * low >> BITS, -(-high * high >> BITS))
def of(low, high=None):
    low, high = Fraction(low), Fraction(low if high is None else high)
    return I((low.numerator << BITS) // low.denominator, -((-high.numerator << BITS) // high.denominator))
ZERO, UNIT, ORBITS = I(0), I(ONE), ((1, 1), (1, 2), (1, 0), (0, 0), (0, 1))
def atan(x):
    if x.lo != x.hi:  # it increases, so the ends decide
        return I(atan(I(x.lo)).lo, atan(I(x.hi)).hi)
    for _ in range(8):  # the angle halved eight times, then the series
        x = x / (UNIT + (UNIT + x.square()).sqrt())
    total, power, square, j = ZERO, x, x.square(), 0
    while max(power.hi, -power.lo) > 1:
        term = power / (2 * j + 1)
        total, power, j = (total - term if j % 2 else total + term), power * square, j + 1
    rest = max(power.hi, -power.lo) + 2  # alternating: what is left out is less than its first term
    return I(total.lo - rest, total.hi + rest) * 256
PI = atan(UNIT) * 4
def supplement(r, b):  # pi - angle(w, u) = atan2(r, -b), r >= 0
    if b.lo > r.hi:
        return PI - atan(r / b)
    return atan(r / (ZERO - b)) if -b.hi > r.hi else PI / 2 + atan(b / r)
def dot(w, u, n):
    return sum((x * y * m for x, y, m in zip(w, u, n, strict=True) if m), ZERO)

class Risk:
    """Units U, those of the student first, with their weights; n counts equal coordinates; pairs are kept."""
    def __init__(self, U, weights, n):
        self.U, self.weights, self.n, self.known, self.size = U, weights, n, {}, [dot(u, u, n) for u in U]
    def pair(self, i, j):
        if (i, j) not in self.known:
            w, u, n = self.U[i], self.U[j], self.n
            minors = ((w[p] * u[q] - w[q] * u[p]).square() * (n[p] * n[q]) for p in range(len(w)) for q in range(p))
            b, r = dot(w, u, n), sum(minors, ZERO).sqrt()
            self.known[i, j] = self.known[j, i] = b, r, supplement(r, b)
        return self.known[i, j]
    def value(self, i, j):
        b, r, t = self.pair(i, j)
        return (r + t * b) / (PI * 2)
    def gradient(self, j, p):
        pairs = ((self.pair(j, i), u, c) for i, (u, c) in enumerate(zip(self.U, self.weights, strict=True)))
        return sum(((r / self.size[j] * self.U[j][p] + t * u[p]) * c for (_, r, t), u, c in pairs), ZERO) / (PI * 2)
    def hessian(self, j, p, i, q):
        w, u, a, same = self.U[j], self.U[i], self.size[j], p == q
        if i != j:
            b, r, t = self.pair(j, i)
            plane = w[p] * u[q] + u[p] * w[q] - b / self.size[i] * u[p] * u[q] - b / a * w[p] * w[q]
            return (plane / r + t * same) / (PI * 2)
        total = PI * same
        for l, c in enumerate(self.weights):
            if l != j:
                b, r, _ = self.pair(j, l)
                x, y = (self.U[l][s] - b / a * w[s] for s in (p, q))
                total = total + (r / a * (UNIT * same - w[p] * w[q] / a) + x * y / r) * c
        return total / (PI * 2)
def problem(k, p, shown, size):
    """`shown` units in `size` coordinates; those left out are equal to the last one."""
    A, B, C, D, E = p
    student = [[D] + [E] * (size - 1)] + [[C] + [A if i == j else B for i in range(1, size)] for j in range(1, shown)]
    signs, copies = [1] * (shown - 1) + [k - shown + 1], [1] * (size - 1) + [k - size + 1]
    teacher = [[UNIT if i == j else ZERO for i in range(size)] for j in range(shown)]
    return Risk(student + teacher, signs + [-s for s in signs], copies)
def table(R, rows, columns):
    return [[sum((R.hessian(*x, *y) * c for *y, c in column), ZERO) for column in columns] for x in rows]
def jacobian(R, m):
    """The derivatives in A, ..., E of the gradient at ORBITS: the Hessian summed over equal entries of W."""
    n, s = m - 2, (m - 2) * (m - 3)
    B = [(1, 2, 1), (2, 1, 1), (1, 3, n), (2, 3, n), (3, 1, n), (3, 2, n), (3, 4, s)]
    A, C, E = [(1, 1, 1), (2, 2, 1), (3, 3, n)], [(1, 0, 1), (2, 0, 1), (3, 0, n)], [(0, 1, 1), (0, 2, 1), (0, 3, n)]
    return table(R, ORBITS, [A, B, C, [(0, 0, 1)], E])
def blocks(R, m):
    """Pairs (X, S): the eigenvalues of the Hessian are the l with det(X - l S) = 0, S positive definite."""
    sizes, q = [m, m * (m - 1), m, 1, m], m - 3
    yield [[x * s for x in row] for row, s in zip(jacobian(R, m), sizes, strict=True)], diagonal(sizes)
    second = [(1, 2, 1), (1, 3, 1), (1, 4, q), (2, 1, -1), (2, 3, -1), (2, 4, -q)]
    third = [(j, i, c) for i, j, c in second]
    columns = [[(1, 1, 1), (2, 2, -1)], second, third, [(1, 0, 1), (2, 0, -1)], [(0, 1, 1), (0, 2, -1)]]
    M, G = table(R, ((1, 1), (1, 3), (3, 1), (1, 0), (0, 1)), columns), diagonal([1, m - 1, m - 1, 1, 1])
    G[1][2] = G[2][1] = -1
    yield [[sum((M[l][j] * G[i][l] for l in range(5)), ZERO) for j in range(5)] for i in range(5)], G
    square = [(1, 3, 1), (3, 1, 1), (2, 4, 1), (4, 2, 1), (1, 4, -1), (4, 1, -1), (2, 3, -1), (3, 2, -1)]
    triangle = [(1, 2, 1), (2, 3, 1), (3, 1, 1), (2, 1, -1), (3, 2, -1), (1, 3, -1)]
    yield table(R, [(1, 3)], [square]), [[1]]
    yield table(R, [(1, 2)], [triangle]), [[1]]
def diagonal(entries):
    return [[s * (i == j) for j in range(len(entries))] for i, s in enumerate(entries)]
def definite(X, S, shift):
    """Is X - shift S positive definite: True, False, or None for undecided."""
    n = len(X)
    L = [[(X[i][j] + X[j][i]) / 2 - of(shift) * S[i][j] for j in range(n)] for i in range(n)]
    for k in range(n):
        if L[k][k].lo <= 0:
            return False if L[k][k].hi < 0 else None
        for i in range(k + 1, n):
            factor = L[i][k] / L[k][k]
            for j in range(k + 1, i + 1):
                L[i][j] = L[j][i] = L[i][j] - factor * L[k][j]
    return True
def inverse(J):
    n = len(J)
    A = [[(x.lo + x.hi) // 2 for x in row] + [ONE * (i == j) for j in range(n)] for i, row in enumerate(J)]
    for k in range(n):
        pivot = max(range(k, n), key=lambda i: abs(A[i][k]))
        A[k], A[pivot] = A[pivot], A[k]
        A[k] = [(x << BITS) // A[k][k] for x in A[k]]
        shift = [row[k] * (i != k) for i, row in enumerate(A)]
        A = [[x - (t * y >> BITS) for x, y in zip(row, A[k], strict=True)] for t, row in zip(shift, A, strict=True)]
    return [[I(x) for x in row[n:]] for row in A]
def contracts(f, df, box):
    """Does the Krawczyk operator map the box into its interior? Then it holds exactly one zero of f."""
    n, centre = len(box), [I((x.lo + x.hi) // 2) for x in box]
    Y, J, value = inverse(df(centre)), df(box), f(centre)  # Y need not be exact
    for i in range(n):
        image = centre[i] - sum((Y[i][j] * value[j] for j in range(n)), ZERO)
        for j in range(n):
            entry = (UNIT if i == j else ZERO) - sum((Y[i][l] * J[l][j] for l in range(n)), ZERO)
            image = image + entry * (box[j] - centre[j])
        if not (box[i].lo < image.lo and image.hi < box[i].hi):
            return False
    return True

def verify(c):
    decimals = all(re.fullmatch(rf"-?(0|[1-9]\d*)\.\d{{{n}}}", str(c.get(name))) for name, n in PLACES.items())
    need(set(c) == {"k", *PLACES} and type(c["k"]) is int and c["k"] > 5 and decimals, "a field is malformed")
    k, m, least = c["k"], c["k"] - 1, Fraction(c["least_eigenvalue"])
    box = [of(c[name], Fraction(c[name]) + Fraction(1, 10**24)) for name in "ABCDE"]
    at = lambda p: problem(k, p, 6, 7)  # noqa: E731
    zero = contracts(lambda p: [at(p).gradient(*x) for x in ORBITS], lambda p: jacobian(at(p), m), box)
    need(zero, "the box is not proved to hold one zero")
    R = at(box)
    split = list(blocks(R, m))
    counts = ((0, 0, 1), (1, 1, m), (0, 1, m), (1, 0, m), (1, 2, m * (m - 1)))
    pairs = ((R.value(i, j) + R.value(6 + i, 6 + j) - R.value(i, 6 + j) * 2, n) for i, j, n in counts)
    risk, low, ulp = sum((x * n for x, n in pairs), ZERO) / 2, int(c["risk"].replace(".", "")), 10**15
    need(low * ONE <= risk.lo * ulp and risk.hi * ulp < (low + 1) * ONE, "risk is not that of the point")
    need(all(definite(X, S, least) for X, S in split), "an eigenvalue is not above least_eigenvalue")
    above = least + Fraction(1, 10**10)
    need(any(definite(X, S, above) is False for X, S in split), "all eigenvalues are above least_eigenvalue + 1e-10")
    need(least > 0 and Fraction(c["risk"]) > 0, "no spurious minimum")
    if k <= 8:
        P, places = problem(k, box, k, k), [(j, p) for j in range(k) for p in range(k)]
        net = lambda p: Risk([p[j * k : j * k + k] for j in range(k)] + P.U[k:], P.weights, P.n)  # noqa: E731
        H = lambda R: table(R, places, [[(*y, 1)] for y in places])  # noqa: E731
        g, W = (lambda p: [net(p).gradient(*x) for x in places]), [x for w in P.U[:k] for x in w]
        need(contracts(g, lambda p: H(net(p)), W), "the unreduced box is not proved to hold one zero")
        need(definite(H(P), diagonal([1] * k * k), least), "the unreduced Hessian has an eigenvalue below")
def need(truth, reason):
    if truth is not True:
        raise ValueError(reason)
def main(path):
    data = json.loads(Path(path).read_text(encoding="utf-8"))
    try:
        need(data.pop("sha256") == hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest(), "digest")
        need(data["format"] == "spurious minima 2" and data["activation"] == "relu" and bool(data["minima"]), "format")
        for certificate in data["minima"]:
            verify(certificate)
            print("k =", certificate["k"], "verified", flush=True)
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        sys.exit(f"REJECTED: {error}")
if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).with_name("spurious-minima.json"))

"""The coefficients in core/simd/math.inl: python3 polynomials.py (needs mpmath 1.3).

Each table is the minimax fit of one function, by Remez's exchange in 50 digits, for the error that matters there: the
relative error of the function that a kernel computes from it. Printed in the kernel's order, highest power first.
"""
import mpmath as mp

mp.mp.dps = 50


def extrema(error, low, high, count):
    """`count` points of alternating sign where |error| is largest, on a Chebyshev grid."""
    steps = 1500
    grid = [(low + high) / 2 - (high - low) / 2 * mp.cos(mp.pi * i / steps) for i in range(steps + 1)]
    runs = []
    for x in grid:
        e = error(x)
        if runs and mp.sign(e) == mp.sign(runs[-1][1]):
            if abs(e) > abs(runs[-1][1]):
                runs[-1] = (x, e)
        else:
            runs.append((x, e))
    while len(runs) > count:
        runs.pop(0 if abs(runs[0][1]) < abs(runs[-1][1]) else -1)
    return [x for x, _ in runs]


def polynomial(f, weight, degree, low, high):
    """Coefficients c₀…c_degree that minimise the largest |weight·(Σ cᵢxⁱ − f)| on [low, high], and that error."""
    low, high = mp.mpf(low), mp.mpf(high)
    count = degree + 2
    points = [(low + high) / 2 - (high - low) / 2 * mp.cos(mp.pi * i / (count - 1)) for i in range(count)]
    for _ in range(12):
        rows = [[x**i for i in range(degree + 1)] + [(-1) ** k / weight(x)] for k, x in enumerate(points)]
        solution = mp.lu_solve(mp.matrix(rows), mp.matrix([f(x) for x in points]))
        c = [solution[i] for i in range(degree + 1)]
        found = extrema(lambda x: weight(x) * (mp.polyval(c[::-1], x) - f(x)), low, high, count)
        if len(found) < count:
            break
        points = found
    return c, abs(solution[degree + 1])


def show(name, c, error):
    print(f"{name}  // {mp.nstr(error, 2)}")
    print("  {" + ", ".join(mp.nstr(x, 20) for x in reversed(c)) + "}")


def expm1_tail(r):
    return (mp.expm1(r) - r) / r**2 if abs(r) > 1e-12 else mp.mpf(1) / 2 + r / 6


def exp2m1_over_r(r):
    return (mp.mpf(2)**r - 1) / r if abs(r) > 1e-12 else mp.log(2)


def log_tail(z):
    """(ln((1+s)/(1−s)) − 2s)/s³ as a function of z = s²."""
    s = mp.sqrt(z)
    return (2 * mp.atanh(s) - 2 * s) / s**3 if z else mp.mpf(2) / 3


if __name__ == "__main__":
    half = mp.log(2) / 2 * mp.mpf("1.0001")
    for name, degree in (("float exp_tail", 4), ("double exp_tail", 10)):
        show(name, *polynomial(expm1_tail, lambda r: mp.mpf(1), degree, -half, half))
    edge = mp.mpf("0.5001")
    show("float exp2_tail", *polynomial(exp2m1_over_r, lambda r: 1 / exp2m1_over_r(r), 5, -edge, edge))
    widest = ((mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)) ** 2 * mp.mpf("1.0001")
    for name, degree in (("float log_tail", 2), ("double log_tail", 6)):
        show(name, *polynomial(log_tail, lambda z: mp.mpf(1), degree, 0, widest))
    for name, bits in (("float", 12), ("double", 41)):
        high = mp.nint(mp.log(2) * 2**bits) / mp.mpf(2) ** bits
        print(f"{name} ln2_high {mp.nstr(high, 20)} ln2_low {mp.nstr(mp.log(2) - high, 20)}")

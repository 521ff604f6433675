"""Gamma and Dirichlet geometry with many digits, straight from the definitions, and relative errors in epsilons."""

import itertools

import mpmath
import numpy as np
from mpmath import mpf

DIGITS = 60


def psi(order, x):
    return mpmath.polygamma(order, x)


def epsilons(computed, exact, dtype):
    """The largest relative error of an array of numbers, in machine epsilons."""
    worst = 0.0
    for c, e in zip(np.ravel(np.asarray(computed)), exact, strict=True):
        if not np.isfinite(c):
            return np.inf
        error = abs(mpf(float(c)) - e)
        if e == 0:
            assert c == 0
            continue
        worst = max(worst, float(error / abs(e)) / float(np.finfo(dtype).eps))
    return worst


def geometry(metric, third):
    """Inverse metric, Christoffel symbols and scalar curvature in a natural chart, flat lists."""
    n = len(metric)
    inverse = mpmath.matrix(metric) ** -1
    every = range(n)
    symbols = [
        [[mpmath.fsum(inverse[i, m] * third[m][j][k] for m in every) / 2 for k in every] for j in every] for i in every
    ]
    whole = mpmath.fsum(
        4 * symbols[i][j][k] * symbols[j][i][m] * inverse[k, m] for i, j, k, m in itertools.product(every, repeat=4)
    )
    trace = [2 * mpmath.fsum(symbols[i][i][k] for i in every) for k in every]
    traced = mpmath.fsum(trace[k] * trace[m] * inverse[k, m] for k, m in itertools.product(every, repeat=2))
    return {
        "metric": [entry for row in metric for entry in row],
        "inverse_metric": [inverse[i, j] for i in every for j in every],
        "skewness": [e for plane in third for row in plane for e in row],
        "christoffel": [e for plane in symbols for row in plane for e in row],
        "scalar_curvature": [(whole - traced) / 4],
    }


def dirichlet(alpha):
    """The tensors of a Dirichlet family at a point of machine numbers."""
    alpha = [mpf(float(v)) for v in alpha]
    total, every = mpmath.fsum(alpha), range(len(alpha))
    metric = [[(psi(1, alpha[i]) if i == j else 0) - psi(1, total) for j in every] for i in every]
    third = [[[(psi(2, alpha[i]) if i == j == k else 0) - psi(2, total) for k in every] for j in every] for i in every]
    return geometry(metric, third) | {"expectation": [psi(0, v) - psi(0, total) for v in alpha]}


def gamma(point):
    """The tensors of the gamma family in shape and rate."""
    a, b = (mpf(float(v)) for v in point)
    metric = [[psi(1, a), -1 / b], [-1 / b, a / b**2]]
    third = [[[psi(2, a), mpf(0)], [mpf(0), b**-2]], [[mpf(0), b**-2], [b**-2, -2 * a / b**3]]]
    return geometry(metric, third)

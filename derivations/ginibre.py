r"""The moduli of the eigenvalues of complex Gaussian matrices, and the cumulants of the sum of their squares.

The entries of an N x N matrix are independent complex normal numbers with ``E|a_ij|^2 = 1``: real and imaginary parts have
variance 1/2. Its eigenvalues have a density proportional to ``prod_{i<j} |z_i - z_j|^2 exp(-sum |z_i|^2)``.

Source: Ginibre 1965 for the density, Kostlan 1992 for the moduli.
"""

from itertools import permutations

import sympy as sp

from derivations.derivation import Derivation

LARGEST = 4
N = sp.Symbol("N", positive=True, integer=True)


def squared_radii(number: int) -> tuple[sp.Symbol, ...]:
    """The symbols ``r_i = |z_i|^2``."""
    return sp.symbols(f"r_1:{number + 1}", positive=True)


def angular_mean(number: int) -> sp.Expr:
    """The mean of ``prod_{i<j} |z_i - z_j|^2`` over independent uniform angles, in the squared radii."""
    z, conjugate = sp.symbols(f"z1:{number + 1}"), sp.symbols(f"w1:{number + 1}")
    pairs = [(i, j) for i in range(number) for j in range(i + 1, number)]
    product = sp.Mul(*((z[i] - z[j]) * (conjugate[i] - conjugate[j]) for i, j in pairs))
    terms = sp.Poly(product, *z, *conjugate).terms()
    # A power of z_i other than that of its conjugate turns with the angle, and its mean is 0.
    kept = [(powers[:number], weight) for powers, weight in terms if powers[:number] == powers[number:]]
    radii = squared_radii(number)
    return sp.Add(*(weight * sp.Mul(*(r**p for r, p in zip(radii, powers, strict=True))) for powers, weight in kept))


def moduli(first: int = 1, signed: bool = False) -> Derivation:
    """The set of squared moduli is distributed as independent gamma variables of shapes 1, 2, ..., N.

    Args:
        first: the claimed first shape.
        signed: whether permutations are claimed to count with their signs.
    """
    derivation = Derivation("The moduli are independent gamma variables")
    derivation.given(
        "p(z_1, \\dots, z_N)",
        r"c \prod_{i<j} {|z_i - z_j|}^2 \prod_i e^{-{|z_i|}^2}",
        "Ginibre, for entries of variance 1",
    )
    derivation.stated(
        r"\prod_{i<j} (z_j - z_i) = \sum_{\sigma} \operatorname{sgn}(\sigma) \prod_i z_i^{\sigma(i) - 1}",
        "Vandermonde and Leibniz; in its squared modulus two permutations that differ turn with an angle and average out",
    )
    for number in range(2, LARGEST + 1):
        radii = squared_radii(number)
        total = sp.Add(
            *(
                (sp.combinatorics.Permutation(list(sigma)).signature() if signed else 1)
                * sp.Mul(*(r ** (place + first - 1) for r, place in zip(radii, sigma, strict=True)))
                for sigma in permutations(range(number))
            )
        )
        derivation.equal(
            rf"\langle \prod_{{i<j}} {{|z_i - z_j|}}^2 \rangle_{{N={number}}}", total,
            "the mean over the angles, with r_i = |z_i|^2", value=angular_mean(number),
        )  # fmt: skip
    r, k = sp.Symbol("r", positive=True), sp.Symbol("k", positive=True, integer=True)
    derivation.equal(
        r"\int_0^\infty r^{k-1} e^{-r}\,dr", sp.gamma(k), "every term is a product of gamma densities of the shapes sigma(i)",
        value=sp.integrate(r ** (k - 1) * sp.exp(-r), (r, 0, sp.oo)),
    )  # fmt: skip
    derivation.stated(
        r"\{{|z_1|}^2, \dots, {|z_N|}^2\} \sim \{\Gamma_1, \dots, \Gamma_N\}",
        "each order of the N independent variables with the same weight, 1/N!: as sets, not one by one",
    )
    return derivation


def cumulants(shape: sp.Expr = N * (N + 1) / 2, factorial: int = -1) -> Derivation:
    """``sum |z_i|^2`` is one gamma variable of shape ``N(N+1)/2``; its cumulants are ``(q-1)! N(N+1)/2``.

    Args:
        shape: the claimed shape.
        factorial: the claimed cumulant of order q is ``(q + factorial)!`` times the shape.
    """
    tau, q = sp.Symbol("tau", real=True), sp.Symbol("q", positive=True, integer=True)
    derivation = Derivation("Cumulants of the sum of squared moduli")
    derivation.given(
        r"E\, e^{\tau \sum {|z|}^2}", r"c \int \prod_{i<j} {|z_i - z_j|}^2\, e^{-(1-\tau)\sum {|z_i|}^2}", "for tau < 1"
    )
    factors, area = N * (N - 1) / 2, N
    derivation.equal(
        r"\tfrac{N(N-1)}{2} + N", shape,
        "z = w (1 - tau)^(-1/2): a power 1/(1 - tau) for every factor |z_i - z_j|^2 and for every area",
        value=factors + area,
    )  # fmt: skip
    derivation.stated(
        r"\ln E\, e^{\tau \sum {|z|}^2} = -\tfrac{N(N+1)}{2}\ln(1 - \tau)", "with c from tau = 0: a gamma variable"
    )
    generating = -(N * (N + 1) / 2) * sp.log(1 - tau)
    for order in range(1, 7):
        derivation.equal(
            rf"\kappa_{order}", sp.factorial(order + factorial) * shape, "its derivative at 0",
            value=sp.diff(generating, tau, order).subs(tau, 0),
        )  # fmt: skip
    derivation.equal(
        r"\frac{d}{d\tau} \frac{1}{(1-\tau)^q}", q / (1 - tau) ** (q + 1), "so each derivative brings the next factor q",
        value=sp.diff((1 - tau) ** (-q), tau),
    )  # fmt: skip
    k = sp.Symbol("k", positive=True, integer=True)
    derivation.equal(
        r"\sum_{k=1}^N k", N * (N + 1) / 2, "the same from the shapes of the moduli", value=sp.summation(k, (k, 1, N))
    )
    derivation.equal(
        r"N^2 - \tfrac{N(N+1)}{2}", N * (N - 1) / 2,
        "what is left of sum |a_ij|^2, of shape N^2: the entries above the diagonal of the Schur form",
        value=N**2 - N * (N + 1) / 2,
    )  # fmt: skip
    return derivation

r"""Product laws as approximations of the Gibbs law of spins: the bound of Gibbs and Bogoliubov, and the ascent to it.

Spins are +1 or -1, with energy ``-sum h_i x_i - sum J_ij x_i x_j`` and temperature T; a product law is given by its means m.
Energies are sums over spins and pairs, entropies sums over spins: three spins have every kind of term.

Source: Balsubramani 2024, for the mean-field approximation; Wainwright & Jordan 2008, section 5, for the standard text.
"""

import itertools

import sympy as sp

from derivations.derivation import Derivation

_SPINS = 3
_T = sp.Symbol("T", positive=True)
_M = sp.symbols(f"m_1:{_SPINS + 1}", real=True)


def entropy(mean: sp.Expr) -> sp.Expr:
    """Of one spin."""
    return -sp.Add(*((1 + s * mean) / 2 * sp.log((1 + s * mean) / 2) for s in (1, -1)))


def bound(entropies: sp.Expr = sp.Integer(1)) -> Derivation:
    """``log Z = -E_q[U]/T + H(q) + KL(q || g)`` for a product law q and the Gibbs law g.

    Args:
        entropies: the claimed factor of the entropy in the bound.
    """
    fields = sp.symbols(f"h_1:{_SPINS + 1}", real=True)
    pairs = list(itertools.combinations(range(_SPINS), 2))
    couplings = {(i, j): sp.Symbol(f"J_{i + 1}{j + 1}", real=True) for i, j in pairs}
    log_partition = sp.Symbol("z", real=True)
    derivation = Derivation("The bound of Gibbs and Bogoliubov")
    divergence, total = sp.Integer(0), sp.Integer(0)
    for state in itertools.product((1, -1), repeat=_SPINS):
        factors = [(1 + s * m) / 2 for s, m in zip(state, _M, strict=True)]
        energy = -sp.Add(*(h * s for h, s in zip(fields, state, strict=True)))
        energy -= sp.Add(*(couplings[i, j] * state[i] * state[j] for i, j in pairs))
        logarithm = sp.Add(*(sp.log(a) for a in factors))
        divergence += sp.Mul(*factors) * (logarithm + energy / _T + log_partition)
        total += sp.Mul(*factors)
    derivation.given(r"\ln g(x)", r"-U(x)/T - \ln Z", "the Gibbs law")
    derivation.equal(r"\sum_x q(x)", sp.Integer(1), "a product law, of eight states", value=total)
    value = sp.Add(*(h * m for h, m in zip(fields, _M, strict=True)))
    value = (value + sp.Add(*(couplings[i, j] * _M[i] * _M[j] for i, j in pairs))) / _T
    value += entropies * sp.Add(*(entropy(m) for m in _M))
    derivation.equal(
        r"\ln Z - \mathrm{KL}(q\|g)",
        value,
        "h . m/T + sum J m m/T, and the entropy of each spin",
        value=log_partition - divergence,
    )
    derivation.stated(
        r"\ln Z \ge \frac1T \left(\sum_i h_i m_i + \sum_{i<j} J_{ij} m_i m_j\right) + \sum_i H(m_i)",
        "no divergence is negative; it is 0 where the Gibbs law is a product itself, as without couplings",
    )
    return derivation


def ascent(direction: int = 1) -> Derivation:
    """Moving one spin to ``tanh`` of its field over T raises the bound by a divergence.

    Args:
        direction: 1 for the divergence from the new mean, -1 for that from the old one.
    """
    old, new = sp.symbols("m m'", real=True)
    field = (sp.log(1 + new) - sp.log(1 - new)) / 2
    derivation = Derivation("Ascent by one spin")
    derivation.given(
        r"\theta", r"(h_i + \sum_j J_{ij} m_j)/T = \operatorname{artanh} m'", "the bound is theta m + H(m) in m_i"
    )
    derivation.equal(
        r"\frac{d}{dm}\left(\theta m + H(m)\right)", field - (sp.log(1 + old) - sp.log(1 - old)) / 2,
        "theta - artanh m: it rises below m' and falls above", value=sp.diff(field * old + entropy(old), old),
    )  # fmt: skip
    a, b = (old, new) if direction == 1 else (new, old)
    divergence = sp.Add(*((1 + s * a) / 2 * sp.log((1 + s * a) / (1 + s * b)) for s in (1, -1)))
    derivation.equal(
        r"\theta m' + H(m') - \theta m - H(m)", divergence, "KL of the old law of the spin from the new one: never negative",
        value=field * (new - old) + entropy(new) - entropy(old),
    )  # fmt: skip
    return derivation


def magnetisation(mean: sp.Rational = sp.Rational(3, 5)) -> Derivation:
    """Two spins without fields, J/T = (5/3) log 2: the best product law has the means 3/5 or -3/5, the Gibbs law 0.

    Args:
        mean: the claimed mean.
    """
    strength = sp.Rational(5, 3) * sp.log(2)
    derivation = Derivation("A magnetisation that is not there")
    weights = {state: sp.exp(strength * state[0] * state[1]) for state in itertools.product((1, -1), repeat=2)}
    derivation.equal(
        r"E_g x_1", sp.Integer(0), "the Gibbs law of two spins has no preferred sign",
        value=sp.Add(*(s[0] * w for s, w in weights.items())) / sp.Add(*weights.values()),
    )  # fmt: skip
    derivation.equal(
        r"\frac JT m - \operatorname{artanh} m", sp.Integer(0), "the bound is stationary at m = 3/5 for both spins",
        value=strength * mean - (sp.log(1 + mean) - sp.log(1 - mean)) / 2,
    )  # fmt: skip
    rise = strength * mean**2 + 2 * entropy(mean) - 2 * entropy(sp.Integer(0))
    derivation.equal(
        r"L(m, m) - L(0, 0)", sp.log(sp.Rational(5**10, 2**23)) / 5, "of the bound, for J/T = (5/3) ln 2", value=rise
    )
    derivation.holds(r"5^{10} > 2^{23}", 5**10 > 2**23, "so the bound is larger than at 0", "whole numbers")
    derivation.stated(
        r"m_1 = m_2 \in \{0, \pm m\}",
        "where the bound is stationary m_1 = tanh(J m_2/T) and the reverse: tanh grows, and is concave for positive arguments",
    )
    return derivation

r"""Energy, entropy and free energy of a finite system at the temperature T, in units of energy.

The Gibbs law is ``g_i = exp(-E_i/T) / Z``. Three states show the identities: sums over states have terms for one state or for
a pair of states.

Source: Balsubramani 2024, for energy, entropy and free energy; Callen 1985, chapter 17, for the standard text.
"""

import sympy as sp

from derivations.derivation import Derivation

_STATES = 3
_T = sp.Symbol("T", positive=True)
_ENERGIES = sp.symbols(f"E_1:{_STATES + 1}", real=True)
_WEIGHTS = [sp.exp(-energy / _T) for energy in _ENERGIES]
_Z = sp.Add(*_WEIGHTS)


def variational_principle(temperature: sp.Expr = _T) -> Derivation:
    """``E_q[E] - T H(q) = T KL(q || g) - T log Z`` for every law q.

    Args:
        temperature: the claimed factor of the divergence.
    """
    derivation = Derivation("The variational principle of Gibbs")
    first = sp.symbols(f"q_1:{_STATES}", positive=True)
    q = (*first, 1 - sp.Add(*first))
    entropy = -sp.Add(*(a * sp.log(a) for a in q))
    free_energy = sp.Add(*(a * energy for a, energy in zip(q, _ENERGIES, strict=True))) - _T * entropy
    divergence = sp.Add(*(a * (sp.log(a) + energy / _T + sp.log(_Z)) for a, energy in zip(q, _ENERGIES, strict=True)))
    derivation.given(r"\ln g_i", r"-E_i/T - \ln Z", "the Gibbs law")
    derivation.equal(
        r"E_q[E] - T H(q) + T \ln Z", temperature * divergence, "T KL(q || g)", value=free_energy + _T * sp.log(_Z)
    )
    derivation.stated(
        r"\min_q \left(E_q[E] - T H(q)\right) = -T \ln Z",
        "no divergence is negative; only that of the Gibbs law itself is 0",
    )
    return derivation


def derivatives(sign: int = -1, power: int = 2) -> Derivation:
    """``dF/dT = -S``, ``dU/dT = Var(E)/T^2`` and ``dS/dT = Var(E)/T^3``.

    Args:
        sign: the claimed sign of the entropy.
        power: the claimed power of the temperature below the variance.
    """
    derivation = Derivation("Free energy, entropy and heat capacity")
    law = [w / _Z for w in _WEIGHTS]
    energy = sp.Add(*(g * e for g, e in zip(law, _ENERGIES, strict=True)))
    variance = sp.Add(*(law[i] * law[j] * (_ENERGIES[i] - _ENERGIES[j]) ** 2 for i in range(_STATES) for j in range(i)))
    free_energy = -_T * sp.log(_Z)
    # -sum g log g, with log g = -E/T - log Z.
    entropy = sp.Add(*(g * (e / _T + sp.log(_Z)) for g, e in zip(law, _ENERGIES, strict=True)))
    derivation.equal("F", energy - _T * entropy, "-T log Z, the energy U less T times the entropy S", value=free_energy)
    derivation.equal(r"\frac{dF}{dT}", sign * entropy, "minus the entropy", value=sp.diff(free_energy, _T))
    beta = sp.Symbol("beta", positive=True)
    derivation.equal(
        r"-\frac{d \ln Z}{d(1/T)}", energy, "the mean energy",
        value=-sp.diff(sp.log(_Z.subs(_T, 1 / beta)), beta).subs(beta, 1 / _T),
    )  # fmt: skip
    derivation.equal(
        r"\frac{dU}{dT}", variance / _T**power, "the variance of the energy over T squared: never negative",
        value=sp.diff(energy, _T),
    )  # fmt: skip
    derivation.equal(
        r"\frac{dS}{dT}", variance / _T ** (power + 1), "so the entropy grows, by dU/T", value=sp.diff(entropy, _T)
    )
    return derivation


def third_law(linear: int = 1, residual: int = 1) -> Derivation:
    """``0 <= S - log g <= (n/g - 1) (1 + D/T) exp(-D/T)`` with a g-fold ground state, a gap D and n states.

    Args:
        linear: the claimed factor of D/T in the bound.
        residual: that of log g in the entropy at the temperature 0.
    """
    ground, excited = sp.symbols("g m", positive=True)
    x, y = sp.symbols("x_1 x_2", positive=True)
    derivation = Derivation("The third law")
    rare = [sp.exp(-x), sp.exp(-y)]
    total = ground + sp.Add(*rare)
    derivation.given(
        r"x_i", r"(E_i - E_0)/T", "for the states above the ground state, which is g-fold; here two of them"
    )
    entropy = (ground / total) * sp.log(total) + sp.Add(
        *(r / total * (sp.log(total) + z) for r, z in zip(rare, (x, y), strict=True))
    )
    excess = sp.Add(*rare) / ground
    heat = sp.Add(*(z * r for z, r in zip((x, y), rare, strict=True)))
    derivation.equal(
        r"S - \ln g", sp.log(1 + excess) + heat / total,
        "ln(1 + sum e^(-x)/g) + sum x e^(-x) / (g + sum e^(-x)), none of which is negative",
        value=entropy - sp.log(ground),
    )  # fmt: skip
    slope = sp.diff((1 + linear * x) * sp.exp(-x), x)
    derivation.equal(r"\frac{d}{dx}\, (1 + x)\, e^{-x}", -x * sp.exp(-x), "it falls", value=slope)
    derivation.stated(
        r"0 \le S - \ln g \le \frac1g \sum_i (1 + x_i)\, e^{-x_i}",
        "neither term is negative, and ln(1 + u) is at most u",
    )
    derivation.stated(
        r"\sum_i (1 + x_i)\, e^{-x_i} \le (n - g)\left(1 + \frac{\Delta}{T}\right) e^{-\Delta/T}",
        "n - g states, for which x is at least D/T with the gap D",
    )
    derivation.equal(
        r"E_0 - T \ln g - F", _T * sp.log(1 + excess), "T ln(1 + sum e^(-x)/g): at most T (n - g)/g e^(-D/T)",
        value=_T * sp.log(total) - _T * sp.log(ground),
    )  # fmt: skip
    two = sp.exp(-1 / _T)
    whole = sp.log(ground + excited * two) + excited * two / _T / (ground + excited * two)
    derivation.equal(
        r"\left(\lim_{T\to 0} S,\; \lim_{T\to\infty} S\right)", [residual * sp.log(ground), sp.log(ground + excited)],
        "of g states at 0 and m states at 1: the logarithm of the degeneracy, and of the number of states",
        value=[sp.limit(whole, _T, 0, "+"), sp.limit(whole, _T, sp.oo)],
    )  # fmt: skip
    return derivation

r"""Structured knowledge accumulation: knowledge z, decision probability ``D = 1/(1 + exp(-z))``, entropy ``-int z dD``.

Source: Mahi 2025, both papers; Olver 1993, Applications of Lie Groups to Differential Equations, section 4.1, for null
Lagrangians.
"""

from collections.abc import Sequence

import sympy as sp

from derivations.derivation import Derivation

Z, U, B = sp.symbols("z u b", real=True)


def sigmoid(z: sp.Expr) -> sp.Expr:
    """The decision probability of the knowledge z."""
    return sp.exp(z) / (1 + sp.exp(z))


def euler_lagrange(
    lagrangian: sp.Expr,
    places: Sequence[sp.Symbol],
    velocities: Sequence[sp.Symbol],
    accelerations: Sequence[sp.Symbol],
) -> list[sp.Expr]:
    """``dL/dz - d/dt dL/du`` for every coordinate z with velocity u.

    Args:
        lagrangian: in places and velocities.
        places: the coordinates.
        velocities: their velocities.
        accelerations: their accelerations.
    """

    def rate(expression: sp.Expr) -> sp.Expr:
        return sum(
            sp.diff(expression, z) * u + sp.diff(expression, u) * b
            for z, u, b in zip(places, velocities, accelerations, strict=True)
        )

    return [sp.diff(lagrangian, z) - rate(sp.diff(lagrangian, u)) for z, u in zip(places, velocities, strict=True)]


def entropy(weight: int = 1) -> Derivation:
    """``-int z dD`` is a change of Shannon's entropy, and a sum over steps is that without divergences of the steps.

    Args:
        weight: the claimed number of divergences that a step lacks.
    """
    before, after = sp.symbols("D D'", positive=True)
    derivation = Derivation("Entropy from knowledge")
    derivation.given("z", sp.log(before) - sp.log(1 - before), "as D = 1/(1 + exp(-z))")

    def shannon(p: sp.Expr) -> sp.Expr:
        return -p * sp.log(p) - (1 - p) * sp.log(1 - p)

    derivation.given("h(D)", shannon(before), "Shannon's entropy of a decision, in nats")
    derivation.equal(
        r"\frac{dh}{dD} + z", sp.Integer(0), "so -int z dD over a path is h at its end less h at its beginning",
        value=sp.diff(shannon(before), before) + sp.log(before) - sp.log(1 - before),
    )  # fmt: skip
    divergence = before * (sp.log(before) - sp.log(after)) + (1 - before) * (sp.log(1 - before) - sp.log(1 - after))
    derivation.equal(
        r"-z'(D' - D) - h(D') + h(D) + \mathrm{KL}(D \,\|\, D')", sp.Integer(0),
        "a step of a sum, with z' after the step: it lacks the divergence of the decision before from that after",
        value=-(sp.log(after) - sp.log(1 - after)) * (after - before) - shannon(after) + shannon(before)
        + weight * divergence,
    )  # fmt: skip
    step = sp.Symbol("epsilon", real=True)
    series = sum(sp.diff(divergence, after, n).subs(after, before) * step**n / sp.factorial(n) for n in range(3))
    derivation.equal(
        r"\mathrm{KL}(D \,\|\, D + \epsilon)", step**2 / (2 * before * (1 - before)),
        "up to third order: so the sum over ever shorter steps of a path tends to the change of h", value=series,
    )  # fmt: skip
    return derivation


def null_lagrangian(power: int = 1, size: int = 2) -> Derivation:
    """The Lagrangian ``-sum z_k dD_k/dt`` is a total derivative: every path satisfies its Euler-Lagrange equation.

    Args:
        power: the claimed power of the velocity in it.
        size: the number of decisions.
    """
    z, u, b = (sp.symbols(f"{name}_1:{size + 1}", real=True) for name in "zub")
    terms = [-place * sp.diff(sigmoid(place), place) * speed**power for place, speed in zip(z, u, strict=True)]
    lagrangian = sum(terms)
    derivation = Derivation("A null Lagrangian")
    derivation.given(
        r"L(z, u)", r"-\sum_k z_k\, \sigma(z_k)\left(1 - \sigma(z_k)\right) u_k",
        "with velocities u; the rate of D is s(1-s) u, s being the sigmoid of z",
    )  # fmt: skip
    derivation.equal(
        r"\frac{\partial L}{\partial z_k} - \frac{d}{dt}\frac{\partial L}{\partial u_k}", [sp.Integer(0)] * size,
        "for all places, velocities and accelerations: an equation that says nothing",
        value=euler_lagrange(lagrangian, z, u, b),
    )  # fmt: skip
    potential = [sp.log(1 + sp.exp(place)) - place * sigmoid(place) for place in z]
    derivation.equal(
        r"L - \frac{d}{dt}\sum_k \left(\log(1 + e^{z_k}) - z_k\, \sigma(z_k)\right)", sp.Integer(0), "the total derivative",
        value=lagrangian - sum(sp.diff(p, place) * speed for p, place, speed in zip(potential, z, u, strict=True)),
    )  # fmt: skip
    yes, no = Z - sp.log(1 + sp.exp(Z)), -sp.log(1 + sp.exp(Z))
    derivation.equal(
        r"\log(1 + e^{z}) - z\,\sigma(z) - h(\sigma(z))", sp.Integer(0),
        "the sum is Shannon's entropy h: the logarithms of s and 1 - s are z - log(1 + e^z) and -log(1 + e^z)",
        value=sp.log(1 + sp.exp(Z)) - Z * sigmoid(Z) + sigmoid(Z) * yes + (1 - sigmoid(Z)) * no,
    )  # fmt: skip
    derivation.stated(
        r"\int_0^\tau L\, dt = h_\tau - h_0",
        "the action depends on the ends only: all paths between them, and in any parameters, have the same",
    )
    kinetic = lagrangian + sum(speed**2 for speed in u) / 2
    derivation.equal(
        r"\left(\frac{\partial}{\partial z_k} - \frac{d}{dt}\frac{\partial}{\partial u_k}\right) (L + \tfrac12 {|u|}^2)",
        [-x for x in b], "beside a kinetic energy it does nothing: the paths are the free ones",
        value=euler_lagrange(kinetic, z, u, b),
    )  # fmt: skip
    return derivation


def learning(lag: sp.Expr = sp.Integer(1)) -> Derivation:
    """Learning in steps tends to a flow in the time ``eta K``, and is ahead of it by a multiple of the step size.

    Args:
        lag: the claimed factor of the change of D in the gradient.
    """
    before, start, start_slope = sp.symbols("D_- z_0 D'_0", positive=True)
    z = sp.Symbol("z", positive=True)
    slope = sigmoid(z) * (1 - sigmoid(z))
    derivation = Derivation("Steps and the time of learning")
    derivation.equal(
        r"\frac{\partial}{\partial z} z\,(\sigma(z) - D_-)", z * slope + lag * (sigmoid(z) - before),
        "over log 2 minus the gradient of a step's entropy, D_- being the decision before it",
        value=sp.diff(z * (sigmoid(z) - before), z),
    )  # fmt: skip
    derivation.stated(
        r"\dot z = F(z) = \frac{{|x|}^2}{\log 2}\, z\, D'(z)",
        "the flow of short steps, for knowledge w.x of one input x and D' = D(1-D); it depends on the time eta K only",
    )
    derivation.stated(
        r"z_{k+1} - z_k = \eta F + \eta^2 \frac{F}{z} F + O(\eta^3)",
        "a step of the gradient: as D' over log 2 is F over z, and D has changed by eta F D' in the step before",
    )
    # In units of |x|^2/log 2; the deviation from the flow is eta e.
    speed = z * slope
    ahead = speed / 2 * (sp.log(z) - sp.log(slope) + sp.log(start_slope) - sp.log(start))
    derivation.given(
        "e", r"\tfrac12 F \log\frac{z\, D'_0}{z_0\, D'}", "0 at the start and positive later, as D' falls with z"
    )
    derivation.equal(
        r"\dot e - F' e - \frac{F^2}{z} + \tfrac12 F F'", sp.Integer(0),
        "so eta e is how far steps are ahead of the flow, which itself gains F F'/2 in second order",
        value=sp.diff(ahead, z) * speed - sp.diff(speed, z) * ahead - lag * speed**2 / z + speed * sp.diff(speed, z) / 2,
    )  # fmt: skip
    return derivation

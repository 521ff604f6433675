"""What is a tensor and what is not, under random smooth changes of chart."""

from functools import cache

import hypothesis.strategies as st
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import sympy as sp

from derivations import reparametrisation
from numerics.reparametrisation import diffeomorphism, from_divergence, pull_back, pull_back_metric
from numerics.riemannian import from_metric
from properties.checks import agree, derived
from properties.claims import claim
from properties.subjects import BATCH, geometry_of

SEEDS = st.integers(0, 2**32 - 1)


def maps(seed, dimension):
    """A batch of points and of diffeomorphisms in general position: y, linear, waves, bends."""
    random = np.random.default_rng(seed)
    square = random.uniform(-0.5, 0.5, (2, BATCH, dimension, dimension))
    unit = np.eye(dimension)
    linear = (unit + np.tril(square[0], -1)) @ (unit * np.exp(square[0]) + np.triu(square[1], 1))
    waves = random.uniform(-1, 1, (BATCH, dimension, dimension))
    bends = random.uniform(-0.5, 0.5, (BATCH, dimension))
    return random.uniform(-1, 1, (BATCH, dimension)), linear, waves, bends


def chart(*parameters):
    """A chart of a family with one positive coordinate: the last one is an exponential."""

    def phi(y):
        x = diffeomorphism(y, *parameters)
        return jnp.stack([x[0], jnp.exp(0.5 * x[1])])

    return phi


def gaussian_law(theta):
    """Nodes and weights for the law at theta, and the logarithm of the density at any parameters."""
    nodes = jnp.linspace(-9.0, 9.0, 129)
    x, weight = theta[0] + theta[1] * nodes, theta[1] * (nodes[1] - nodes[0])
    return weight, lambda t: -0.5 * ((x - t[0]) / t[1]) ** 2 - jnp.log(t[1] * (2 * jnp.pi) ** 0.5)


def von_mises_law(theta):
    x = jnp.linspace(-jnp.pi, jnp.pi, 128, endpoint=False)
    weight = x[1] - x[0]
    return weight, lambda t: t[1] * jnp.cos(x - t[0]) - jnp.log(jnp.sum(jnp.exp(t[1] * jnp.cos(x))) * weight)


LAWS = {"gaussian": gaussian_law, "von_mises": von_mises_law}


@cache
def in_both_charts(family):
    """Metric, Christoffel symbols and skewness from the divergence in y, and by the formulas in theta, with J and H.

    The divergence is summed over the density, by trapezoidal rules that are exact to rounding here.
    """
    geometry = geometry_of(family)

    def tensors(y, *parameters):
        phi = chart(*parameters)
        theta = phi(y)
        weight, log_density = LAWS[family](theta)

        def divergence(a, b):
            one, other = log_density(phi(a)), log_density(phi(b))
            return weight * jnp.sum(jnp.exp(one) * (one - other))

        here = (geometry.metric(theta), geometry.christoffel(theta), geometry.skewness(theta))
        return from_divergence(divergence)(y), here, jax.jacfwd(phi)(y), jax.jacfwd(jax.jacfwd(phi))(y)

    return jax.jit(jax.vmap(tensors))


@cache
def curvature_in_both_charts():
    """Of a random metric in three dimensions: Christoffel symbols, Riemann tensor and R in x and in y, with J and H."""

    def tensors(y, linear, waves, bends, frequencies):
        def phi(point):
            return diffeomorphism(point, linear, waves, bends)

        def metric(x):
            frame = jnp.sin(jnp.einsum("ijk,k->ij", frequencies, x) + frequencies[:, :, 0])
            return jnp.eye(3) + frame.T @ frame

        names = ("christoffel", "riemann", "scalar_curvature")
        here, there = from_metric(metric), from_metric(pull_back_metric(metric, phi))
        return (
            [there[name](y) for name in names],
            [here[name](phi(y)) for name in names],
            jax.jacfwd(phi)(y),
            jax.jacfwd(jax.jacfwd(phi))(y),
        )

    return jax.jit(jax.vmap(tensors))


@cache
def scalar_curvature_in_y(family):
    geometry = geometry_of(family)

    def both(y, *parameters):
        phi = chart(*parameters)
        there = from_metric(pull_back_metric(geometry.metric, phi))
        return there["scalar_curvature"](y), geometry.scalar_curvature(phi(y))

    return jax.jit(jax.vmap(both))


def size(tensor):
    """The largest component at each point, to compare components with."""
    tensor = np.abs(np.asarray(tensor))
    return tensor.max(axis=tuple(range(1, tensor.ndim)), keepdims=True)


def pulled(tensor, jacobian):
    """A batch of covariant tensors with the Jacobian applied to every index."""
    return np.asarray(PULL_BACK(jnp.asarray(tensor), jnp.asarray(jacobian)))


PULL_BACK = jax.jit(jax.vmap(pull_back))


def both_sides(there, here, jacobian, hessian, weight, transposed):
    """Both sides of the law of the Christoffel symbols, with the weight given to the second derivatives of the map."""
    claimed = np.swapaxes(jacobian, 1, 2) if transposed else jacobian
    homogeneous = np.einsum("nabc,nbj,nck->najk", here, claimed, claimed)
    return np.einsum("nai,nijk->najk", jacobian, there), homogeneous + weight * np.asarray(hessian)


CHRISTOFFEL_FALSIFIERS = {
    "inhomogeneous term dropped": {"weight": 0.0},
    "inhomogeneous term of the other sign": {"weight": -1.0},
    "half the inhomogeneous term": {"weight": 0.5},
    "Jacobian transposed": {"transposed": True},
}


@claim(
    "fisher-metric-covariant",
    evidence="exact",
    linear_term=sp.Integer(0),
    covector=True,
    falsifiers={
        "divergence with a slope on the diagonal": {"linear_term": sp.Integer(1)},
        "Jacobian transposed": {"covector": False},
    },
)
def test_law_of_metric_and_skewness(linear_term, covector):
    derived(reparametrisation.metric_law(linear_term))
    derived(reparametrisation.skewness_law(covector))


@pytest.mark.slow
@claim(
    "fisher-metric-covariant",
    evidence="property",
    given={"seed": SEEDS},
    transposed=False,
    sign=1.0,
    falsifiers={"Jacobian transposed": {"transposed": True}, "skewness of the other sign": {"sign": -1.0}},
)
def test_metric_and_skewness_from_the_divergence(seed, transposed, sign):
    """Gaussian and von Mises: derivatives of the divergence in a random chart against pulled-back formulas."""
    for family in LAWS:
        (metric, _, skewness), here, jacobian, _ = in_both_charts(family)(*maps(seed, 2))
        claimed = np.swapaxes(jacobian, 1, 2) if transposed else jacobian
        # Sums over 128 nodes and three derivatives; 1500 seeds left 1e-15 and 1e-14.
        agree(metric, pulled(here[0], claimed), tolerance=1e-14, scale=size(metric))
        agree(skewness, sign * pulled(here[2], claimed), tolerance=1e-13, scale=size(skewness))


@pytest.mark.slow
@claim(
    "christoffel-inhomogeneous",
    evidence="exact",
    inhomogeneous=sp.Integer(1),
    transposed=False,
    falsifiers={
        "inhomogeneous term dropped": {"inhomogeneous": sp.Integer(0)},
        "inhomogeneous term of the other sign": {"inhomogeneous": sp.Integer(-1)},
        "Jacobian transposed": {"transposed": True},
    },
)
def test_law_of_the_christoffel_symbols(inhomogeneous, transposed):
    for dimension in (2, 3):
        derived(reparametrisation.christoffel_law(inhomogeneous, transposed, dimension))


@claim(
    "christoffel-inhomogeneous",
    evidence="property",
    given={"seed": SEEDS},
    weight=1.0,
    transposed=False,
    falsifiers=CHRISTOFFEL_FALSIFIERS,
)
def test_christoffel_symbols_from_the_divergence(seed, weight, transposed):
    """Gaussian and von Mises: mixed third derivatives of the divergence in a random chart obey the law."""
    for family in LAWS:
        (_, there, _), (_, here, _), jacobian, hessian = in_both_charts(family)(*maps(seed, 2))
        left, right = both_sides(there, here, jacobian, hessian, weight, transposed)
        # 1500 seeds left 1e-14.
        agree(left, right, tolerance=1e-13, scale=size(hessian) + size(right))


@pytest.mark.slow
@claim(
    "christoffel-inhomogeneous",
    evidence="property",
    given={"seed": SEEDS},
    weight=1.0,
    transposed=False,
    falsifiers=CHRISTOFFEL_FALSIFIERS,
)
def test_christoffel_symbols_in_three_dimensions(seed, weight, transposed):
    there, here, jacobian, hessian = random_space(seed)
    left, right = both_sides(there[0], here[0], jacobian, hessian, weight, transposed)
    # 1500 seeds left 6e-14.
    agree(left, right, tolerance=6e-13, scale=size(hessian) + size(right))


@pytest.mark.slow
@claim(
    "curvature-covariant",
    evidence="exact",
    power=2,
    falsifiers={"density of weight 1": {"power": 1}},
)
def test_law_of_the_curvature(power):
    derived(reparametrisation.curvature_law(power))


@claim(
    "curvature-covariant",
    evidence="property",
    given={"seed": SEEDS},
    exchanged=False,
    weight=1.0,
    falsifiers={"last indices exchanged": {"exchanged": True}, "R scales like the metric": {"weight": 1.001}},
)
def test_curvature_in_three_dimensions(seed, exchanged, weight):
    there, here, jacobian, _ = random_space(seed)
    riemann = np.swapaxes(here[1], 3, 4) if exchanged else here[1]
    right = pulled(riemann, jacobian)
    # Second derivatives of the metric and third ones of the map; 2000 seeds left 2e-10 and 2e-11.
    agree(there[1], right, tolerance=2e-9, scale=size(right))
    agree(there[2], weight * np.asarray(here[2]), tolerance=2e-10, scale=1 + np.abs(here[2]))


@pytest.mark.slow
@claim(
    "curvature-covariant",
    evidence="property",
    given={"seed": SEEDS},
    weight=1.0,
    falsifiers={"R doubled": {"weight": 2.0}, "sign": {"weight": -1.0}},
)
def test_scalar_curvature_of_families(seed, weight):
    """Gaussian and von Mises: R of the metric pulled back to a random chart."""
    for family in LAWS:
        there, here = scalar_curvature_in_y(family)(*maps(seed, 2))
        # 1500 seeds left 2e-12.
        agree(there, weight * np.asarray(here), tolerance=2e-11, scale=1.0)


def random_space(seed):
    frequencies = np.random.default_rng([seed, 1]).uniform(-1, 1, (BATCH, 3, 3, 3))
    return jax.tree.map(np.asarray, curvature_in_both_charts()(*maps(seed, 3), frequencies))

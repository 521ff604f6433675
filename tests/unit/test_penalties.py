"""Penalties: against other formulas, at the reference, outside the domain, and in training loops."""

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import optax
import pytest

import thermogeometry as tg
from numerics.charts import chart_of
from numerics.geometry import example
from numerics.log_ratios import exponential_excess
from numerics.penalties import fisher_rao_penalty, kl_penalty
from numerics.squared_angles import squared_arccosh
from numerics.squared_distances import has_closed_form, squared_distance
from numerics.von_mises_stretch import COEFFICIENTS, von_mises_stretch

KNOWN = [name for name in tg.families() if has_closed_form(tg.geometry(name, **example(name)).family)]
HEADS = {
    "gaussian": ([0.3, 1.7], "usual", {}), "diagonal_normal": ([0.3, -1.0, 1.7, 0.4], "usual", {"dimension": 2}),
    "von_mises": ([0.4, 2.0], "usual", {}), "categorical": ([0.5, -1.0, 2.0], "natural", {"categories": 4}),
}  # fmt: skip


def points(here, number=5, span=1.5, dtype="float64"):
    free = np.random.default_rng(0).uniform(-span, span, (number, here.dimension)).astype(dtype)
    return jax.jit(jax.vmap(here.from_unconstrained))(free)


def both(reference, family, chart, index):
    return {
        "distance": fisher_rao_penalty(family, reference, chart, **index),
        "to": kl_penalty(family, reference, "to_reference", chart, **index),
        "from": kl_penalty(family, reference, "from_reference", chart, **index),
    }


@pytest.mark.parametrize("name", [name for name in KNOWN if name != "von_mises"])
def test_squares_of_distances(name):
    """Apart the distance of the geometry is as good; at the reference the gradient is 0 and the Hessian twice the metric."""
    here = tg.geometry(name, **example(name))
    theta = points(here)
    penalty = fisher_rao_penalty(name, theta[0], **example(name))

    def gradient(x):
        value, slope = jax.value_and_grad(penalty)(x)
        return slope, (slope, value, here.distance(x, theta[0]) ** 2, here.metric(x))

    compute = jax.jit(jax.vmap(jax.jacfwd(gradient, has_aux=True)))
    hessian, (slope, value, expected, metric) = jax.tree.map(np.asarray, compute(theta))
    np.testing.assert_allclose(value, expected, rtol=1e-9, atol=1e-14)
    unit = np.sqrt(np.diagonal(metric[0]))
    assert value[0] == 0
    assert not slope[0].any()
    np.testing.assert_allclose(hessian[0] / np.outer(unit, unit), 2 * metric[0] / np.outer(unit, unit), atol=1e-12)


@pytest.mark.parametrize("chart", ["natural", "expectation"])
@pytest.mark.parametrize("name", ["categorical", "gaussian", "inverse_gaussian"])
def test_squares_of_distances_in_other_charts(name, chart):
    """Close to the reference too, where differences of coordinates are what is given."""
    usual, here = tg.geometry(name, **example(name)), tg.geometry(name, chart, **example(name))
    there = jax.jit(jax.vmap(lambda x: usual.convert(x, chart)))(points(usual, span=0.5))
    penalty = jax.jit(jax.vmap(fisher_rao_penalty(name, there[0], chart, **example(name))))
    np.testing.assert_allclose(penalty(there), jax.vmap(here.distance, (0, None))(there, there[0]) ** 2, rtol=1e-9)
    metric = np.asarray(here.metric(there[0]))
    step = there - there[0]
    near = penalty(there[0] + 1e-9 * step)
    moved = np.asarray(there[0] + 1e-9 * step) - np.asarray(there[0])
    np.testing.assert_allclose(near, np.einsum("ni,ij,nj->n", moved, metric, moved), rtol=1e-7)


OTHERS = ("beta", "dirichlet", "exponential", "gamma", "inverse_gaussian", "isotropic_normal", "poisson")


@pytest.mark.slow
@pytest.mark.parametrize("name", OTHERS)
def test_divergences_of_other_families(name):
    """Values by the geometry; at the reference gradient 0 and the metric for a Hessian."""
    here = tg.geometry(name, **example(name))
    theta = points(here, span=1.0)
    metric = np.asarray(here.metric(theta[1]))
    unit = np.sqrt(np.diagonal(metric))
    for direction in ("to_reference", "from_reference"):
        penalty = kl_penalty(name, theta[1], direction, **example(name))
        expected = jax.vmap(lambda x, d=direction: here.kl(*((x, theta[1]) if d == "to_reference" else (theta[1], x))))
        np.testing.assert_allclose(jax.vmap(penalty)(theta), expected(theta), rtol=1e-9, atol=1e-13)
        gradient, hessian = jax.jit(lambda x, p=penalty: (jax.grad(p)(x), jax.hessian(p)(x)))(theta[1])
        np.testing.assert_allclose(gradient / unit, 0, atol=1e-12)
        np.testing.assert_allclose(hessian / np.outer(unit, unit), metric / np.outer(unit, unit), atol=1e-8)


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_shapes_dtypes_and_transformations(head, dtype):
    reference, chart, index = HEADS[head]
    here = tg.geometry(head, chart, **index)
    theta = points(here, dtype=dtype)
    for kind, penalty in both(reference, head, chart, index).items():
        with jax.numpy_dtype_promotion("strict"), jax.numpy_rank_promotion("raise"):
            value, gradient = jax.jit(jax.vmap(jax.value_and_grad(penalty)))(theta)
        assert value.dtype == gradient.dtype == dtype, kind
        assert value.shape == (5,), kind
        assert gradient.shape == theta.shape, kind
        assert np.isfinite(gradient).all(), kind
        assert (np.asarray(value) > 0).all(), kind


@pytest.mark.parametrize("head", HEADS)
def test_outside_the_domain_value_and_gradient_are_nan(head):
    reference, chart, index = HEADS[head]
    outside = [*reference[:-1], -1.0] if head != "categorical" else [*reference[:-1], np.inf]
    for kind, penalty in both(reference, head, chart, index).items():
        for theta in (outside, [np.nan, *reference[1:]]):
            value, gradient = jax.value_and_grad(penalty)(jnp.asarray(theta))
            assert np.isnan(value), kind
            assert np.isnan(gradient).any(), kind


def test_errors_name_what_is_wrong():
    with pytest.raises(ValueError, match="sigma = -1"):
        fisher_rao_penalty("gaussian", [0.0, -1.0])
    with pytest.raises(ValueError, match=r"shape \(3,\); it must be \(2,\)"):
        kl_penalty("gaussian", [0.0, 1.0, 2.0])
    with pytest.raises(ValueError, match="no family is called 'normal'"):
        fisher_rao_penalty("normal", [0.0, 1.0])
    with pytest.raises(ValueError, match="no chart is called 'logits'"):
        kl_penalty("gaussian", [0.0, 1.0], chart="logits")
    with pytest.raises(ValueError, match="direction = 'forward'; there are to_reference, from_reference"):
        kl_penalty("gaussian", [0.0, 1.0], "forward")
    with pytest.raises(TypeError, match="takes categories"):
        fisher_rao_penalty("categorical", [0.0, 1.0])
    with pytest.raises(NotImplementedError, match=r"gamma: .*categorical.*von_mises, and kl_penalty for every family"):
        fisher_rao_penalty("gamma", [1.0, 1.0])
    penalty = fisher_rao_penalty("gaussian", [0.0, 1.0])
    with pytest.raises(ValueError, match=r"theta has shape \(4, 2\)"):
        penalty(jnp.ones((4, 2)))
    with pytest.raises(TypeError, match="theta has dtype int"):
        penalty(jnp.ones(2, int))


def test_penalties_made_while_compiling():
    """The reference must be known, but the penalty may be made inside."""
    for chart, reference in (("usual", [0.0, 1.0]), ("natural", [0.0, -0.5])):
        made = jax.jit(lambda theta, c=chart, r=reference: fisher_rao_penalty("gaussian", r, c)(theta))
        assert made(jnp.asarray(reference)) == 0
    with pytest.raises(TypeError, match="reference is traced"):
        jax.jit(lambda reference: kl_penalty("gaussian", reference)(jnp.ones(2)))(jnp.ones(2))


def test_far_away_and_beyond():
    """A ratio of deviations of 1e30 in float32, and what overflows."""
    penalty = fisher_rao_penalty("gaussian", np.array([0.0, 1e-15], np.float32))
    value, gradient = jax.value_and_grad(penalty)(jnp.array([0.0, 1e15], jnp.float32))
    np.testing.assert_allclose(value, 2 * np.log(1e30) ** 2, rtol=1e-6)
    np.testing.assert_allclose(gradient[1], 4 * np.log(1e30) / 1e15, rtol=1e-6)
    assert penalty(jnp.array([1e30, 1e-15], jnp.float32)) == np.inf
    logits = fisher_rao_penalty("categorical", np.array([80.0], np.float32), "natural", categories=2)
    value, gradient = jax.value_and_grad(logits)(jnp.array([-80.0], jnp.float32))
    np.testing.assert_allclose(value, np.pi**2, rtol=1e-6)
    assert np.isfinite(gradient).all()


@pytest.mark.slow
def test_von_mises_against_the_integrated_geodesics():
    """Over the whole circle, at the uniform law and from it; mu counts modulo 2 pi."""
    here = tg.geometry("von_mises")
    angle, kappa = np.meshgrid([-4.0, 0.4, 0.5, 2.5, 3.54, 8.0], [0.0, 1e-6, 0.3, 2.0, 41.0])
    theta = jnp.asarray(np.stack([angle.ravel(), kappa.ravel()], axis=1))
    distance = jax.jit(jax.vmap(here.distance, (0, None)))
    inside = theta[:, 1] > 0
    metric = np.asarray(jax.vmap(here.metric)(theta))[inside]
    for reference in ([0.4, 0.0], [0.4, 2.0], [3.0, 40.0]):
        value, gradient = jax.jit(jax.vmap(jax.value_and_grad(fisher_rao_penalty("von_mises", reference))))(theta)
        np.testing.assert_allclose(
            value, np.asarray(distance(theta, jnp.asarray(reference))) ** 2, rtol=1e-9, atol=1e-12
        )
        assert np.isfinite(gradient).all()
        # The gradient of a squared distance has the length 2 d.
        square = np.einsum("ni,nij,nj->n", gradient[inside], np.linalg.inv(metric), gradient[inside])
        np.testing.assert_allclose(square, 4 * np.asarray(value)[inside], rtol=1e-9, atol=1e-14)


def test_von_mises_in_natural_parameters():
    chart, here = "natural", tg.geometry("von_mises")
    theta = points(here)
    there = jax.vmap(lambda x: here.convert(x, chart))(theta)
    value, gradient = jax.vmap(jax.value_and_grad(fisher_rao_penalty("von_mises", there[0], chart)))(there)
    expected = jax.vmap(fisher_rao_penalty("von_mises", theta[0]))(theta)
    np.testing.assert_allclose(value, expected, rtol=1e-12, atol=1e-14)
    metric = np.asarray(jax.vmap(tg.geometry("von_mises", chart).metric)(there))
    square = np.einsum("ni,nij,nj->n", gradient, np.linalg.inv(metric), gradient)
    np.testing.assert_allclose(square, 4 * np.asarray(value), rtol=1e-10, atol=1e-14)


def test_von_mises_hessian_at_and_about_the_uniform_law():
    """In kappa it is 2 A' = 1 there; elsewhere that of differences of gradients."""
    two_points = squared_distance(chart_of(tg.geometry("von_mises").family, "usual"))
    gradient = jax.jit(jax.vmap(jax.grad(two_points)))
    theta = jnp.array([[1.0, 0.0], [1.0, 0.7], [1.0, 5.0]])
    reference = jnp.array([[0.0, 0.0], [0.3, 2.0], [0.3, 2.0]])
    hessian = np.asarray(jax.jit(jax.vmap(jax.jacfwd(jax.grad(two_points))))(theta, reference))
    np.testing.assert_allclose(hessian[0], [[0, 0], [0, 1]], atol=1e-15)
    for i, unit in enumerate(1e-5 * np.eye(2)):
        change = gradient(theta + unit, reference) - gradient(theta - unit, reference)
        np.testing.assert_allclose(hessian[1:, i], change[1:] / 2e-5, rtol=1e-7, atol=1e-8)


def test_stretch_against_its_definition():
    """By mpmath to 30 digits, with C from the concentration; the polynomials join."""
    mpmath.mp.dps = 30
    for kappa in np.exp(np.linspace(-2, 7, 40)):
        ratio = mpmath.besseli(1, kappa) / mpmath.besseli(0, kappa)
        slope = 1 - ratio / kappa - ratio**2
        weight = kappa * ratio
        stretch = mpmath.sqrt(4 * slope * weight * (1 + weight / 2)) / (ratio + kappa * slope)
        complement = 1 / (1 + weight / 2)
        expected = (stretch - 1) / (4 * complement * (1 - complement))
        assert abs(float(von_mises_stretch(jnp.asarray(float(complement)))) / expected - 1) < 4e-15
    for end in (0.125, 0.25, 0.5):
        below, above = von_mises_stretch(jnp.asarray([np.nextafter(end, 0), end]))
        assert abs(below - above) < 1e-15
    assert abs(von_mises_stretch(jnp.asarray(1.0)) - 1 / 8) < 1e-15
    assert abs(von_mises_stretch(jnp.asarray(0.0)) - 3 / 32) < 1e-15
    assert {len(piece) for piece in COEFFICIENTS} == {24}


@pytest.mark.parametrize("x", [-1.9, -1.0, -0.5, -0.3, -1e-9, 0.0, 1e-12, 0.2, 0.5, 3.0, 1e9])
def test_squared_arccosh_and_its_derivatives(x):
    mpmath.mp.dps = 60
    found = [f(x) for f in (squared_arccosh, jax.grad(squared_arccosh), jax.grad(jax.grad(squared_arccosh)))]
    derivatives = mpmath.taylor(lambda t: mpmath.re(mpmath.acosh(1 + t) ** 2), x + mpmath.mpf(10) ** -25, 2)
    for order, value in enumerate(found):
        expected = float(derivatives[order] * mpmath.factorial(order))
        np.testing.assert_allclose(value, expected, rtol=1e-14, atol=1e-24)


def test_squared_arccosh_outside():
    assert np.isnan(squared_arccosh(jnp.array(-2.1)))
    assert np.isnan(jax.grad(squared_arccosh)(-2.1))
    np.testing.assert_allclose(squared_arccosh(jnp.array(-2.0)), -(np.pi**2), rtol=1e-15)


def test_exponential_excess():
    mpmath.mp.dps = 40
    x = np.concatenate([-np.logspace(-12, 1, 60), np.logspace(-12, 1, 60), [0.0, 1.0, -1.0]])
    expected = [float(mpmath.expm1(v) - mpmath.mpf(v)) for v in x]
    np.testing.assert_allclose(exponential_excess(x), expected, rtol=8 * 2.0**-52)
    np.testing.assert_allclose(jax.vmap(jax.grad(exponential_excess))(x), np.expm1(x), rtol=1e-15)


# What a network of two outputs, or of three, says: a point of the family.
LINKS = {
    "gaussian": (lambda z: jnp.stack([z[0], jax.nn.softplus(z[1])]), 2, "usual", {}),
    "von_mises": (lambda z: jnp.stack([jnp.arctan2(z[1], z[0]), jax.nn.softplus(z[2])]), 3, "usual", {}),
    "categorical": (lambda z: z, 3, "natural", {"categories": 4}),
}


def network(parameters, x):
    (first, bias), (second, last) = parameters
    return jnp.tanh(x @ first + bias) @ second + last


@pytest.mark.parametrize("head", LINKS)
def test_training_loops(head):
    """A network learns its data; a strong penalty takes it to the reference; in float32 and jitted throughout."""
    link, outputs, chart, index = LINKS[head]
    here = tg.geometry(head, chart, **index)
    random = np.random.default_rng(0)
    x = jnp.asarray(random.normal(size=(32, 3)), jnp.float32)
    reference = np.asarray(points(here)[2], np.float32)
    data = jax.vmap(lambda key: here.sample(key, jnp.asarray(reference)))(jax.random.split(jax.random.key(1), 32))
    sizes = (((3, 8), (8,)), ((8, outputs), (outputs,)))
    begin = [tuple(jnp.asarray(0.5 * random.normal(size=s), jnp.float32) for s in layer) for layer in sizes]
    optimiser = optax.adam(0.05)
    for penalty in both(reference, head, chart, index).values():

        def objective(parameters, strength, penalty=penalty):
            beliefs = jax.vmap(link)(network(parameters, x))
            losses = -jax.vmap(here.log_density)(data, beliefs)
            penalties = jax.vmap(penalty)(beliefs)
            return jnp.mean(losses) + strength * jnp.mean(penalties), (jnp.mean(losses), jnp.mean(penalties))

        @jax.jit
        def train(strength, objective=objective):
            def step(state, _):
                parameters, memory = state
                (_, parts), slope = jax.value_and_grad(objective, has_aux=True)(parameters, strength)
                updates, memory = optimiser.update(slope, memory, parameters)
                return (optax.apply_updates(parameters, updates), memory), parts

            return jax.lax.scan(step, (begin, optimiser.init(begin)), None, 150)[1]

        (free, far), (held, near) = (train(jnp.float32(s)) for s in (0.0, 100.0))
        assert np.isfinite([free, far, held, near]).all()
        assert free[-1] < held[-1] < free[0]
        assert near[-1] < 0.2 * far[-1]

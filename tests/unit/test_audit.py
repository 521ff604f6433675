"""The audit on ensembles whose flow is known: every quantity, verdict and warning, and what it refuses."""

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import thermogeometry as tg
from numerics import ensembles, update_rules
from numerics.checkpoints import CheckpointError
from numerics.ensemble_path import EnsemblePath

CURVATURE = np.array([1.0, 4.0])
STEP, LAST = 0.002, 500


def quadratic(x, _):
    return 0.5 * jnp.sum(jnp.asarray(CURVATURE) * x**2)


def trained(rule, members=400, every=25, seed=0):
    """Checkpoints and energies of an ensemble that begins around (1, 1)."""
    begin, key = jax.random.split(jax.random.key(seed))
    state = ensembles.ensemble(rule, 1.0 + 0.5 * jax.random.normal(begin, (members, 2), jnp.float64), key)
    found, energy = {0: np.asarray(state.parameters)}, [np.asarray(ensembles.energies(quadratic, state))]
    for step in range(every, LAST + 1, every):
        state = ensembles.advance(rule, quadratic, state, jnp.full(every, STEP))
        found[step] = np.asarray(state.parameters)
        energy.append(np.asarray(ensembles.energies(quadratic, state)))
    return found, np.array(energy)


@pytest.fixture(scope="module")
def descent():
    return trained(update_rules.gradient_descent())


@pytest.fixture(scope="module")
def langevin():
    return trained(update_rules.langevin(0.2))


def flow(temperature):
    return tg.gaussian_flow(np.diag(CURVATURE), np.zeros(2), temperature, np.ones(2), 0.25 * np.eye(2))


@pytest.mark.parametrize("temperature", [0.0, 0.2])
def test_bounds_hold_the_exact_flow(descent, langevin, temperature):
    """400 members, bounds at 0.99: every bound is on its side, estimates within a tenth."""
    parameters, energy = langevin if temperature else descent
    optimiser = "langevin" if temperature else "gradient_descent"
    found = tg.audit(
        parameters, learning_rate=STEP, energy=energy, temperature=temperature, optimiser=optimiser, confidence=0.99
    )
    exact, clock = flow(temperature), STEP * LAST
    distance, production = float(exact.transport_cost(clock)), float(exact.entropy_production(clock))
    for shown, truth in (
        (found.squared_distance, distance),
        (found.entropy_production, production),
        (found.efficiency, distance / (clock * production)),
    ):
        assert shown.lower < truth < shown.upper
        assert abs(shown.estimate / truth - 1) < 0.1
    assert found.verdict == "consistent"
    assert found.drop == found.entropy_production
    np.testing.assert_allclose(found.clock, np.arange(0, 1.001, 0.05), atol=1e-12)
    # Gradient descent loses a part of the order of the step: what checkpoints do not resolve.
    assert 0.93 < found.resolved < 1.05


def test_split_of_the_efficiency(descent):
    parameters, energy = descent
    found = tg.audit(parameters, learning_rate=STEP, energy=energy)
    for straight, whole in zip(vars(found.straightness).values(), vars(found.squared_distance).values(), strict=True):
        assert straight == min(1.0, whole / found.length**2)
    product = found.straightness.estimate * found.pace * found.resolved
    np.testing.assert_allclose(found.efficiency.estimate, product, rtol=1e-12)
    assert not found.warnings


def test_a_wrong_mobility_is_rejected_and_few_members_decide_nothing(descent):
    parameters, energy = descent
    wrong = tg.audit(parameters, learning_rate=STEP, energy=energy, mobility=0.3)
    assert wrong.verdict == "rejected"
    assert "not what was stated" in wrong.reason
    few = {step: x[:8] for step, x in parameters.items()}
    # A tenth of the displacement is drift that all share: few members show little of it.
    found = tg.audit(few, learning_rate=STEP, energy=energy[:, :8], confidence=0.9999)
    assert found.verdict == "inconclusive"
    assert "would not have been noticed" in found.reason


def test_mobility_of_every_parameter(descent):
    """The same ensemble in other units: x / 10 in the first coordinate is preconditioned by 1/100."""
    parameters, energy = descent
    scaled = {step: x * [0.1, 1.0] for step, x in parameters.items()}
    found = tg.audit(scaled, learning_rate=STEP, energy=energy, mobility=np.array([0.01, 1.0]))
    expected = tg.audit(parameters, learning_rate=STEP, energy=energy)
    np.testing.assert_allclose(found.squared_distance.lower, expected.squared_distance.lower, rtol=1e-9)
    np.testing.assert_allclose(found.action, expected.action, rtol=1e-9)


def test_a_schedule_is_summed(descent):
    parameters, energy = descent
    schedule = np.linspace(0.5, 1.5, LAST) * STEP
    found = tg.audit(parameters, learning_rate=schedule, energy=energy)
    np.testing.assert_allclose(found.clock[1:], [schedule[:k].sum() for k in list(parameters)[1:]], rtol=1e-12)


def test_a_moving_objective_needs_its_work(descent):
    parameters, energy = descent
    moving = {"learning_rate": STEP, "energy": energy, "is_objective_fixed": False}
    without = tg.audit(parameters, **moving)
    assert without.entropy_production.estimate is None
    assert without.drop.estimate is not None
    assert without.verdict == "inconclusive"
    assert "moving-objective" in without.warnings
    worked = tg.audit(parameters, **moving, work=np.full(400, 0.5))
    assert worked.entropy_production.estimate == pytest.approx(worked.drop.estimate + 0.5)


def test_smoothness_loosens_the_limit(descent):
    parameters, energy = descent
    found = tg.audit(parameters, learning_rate=STEP, energy=energy, smoothness=4.0)
    plain = tg.audit(parameters, learning_rate=STEP, energy=energy)
    assert found.squared_distance == plain.squared_distance
    with pytest.raises(ValueError, match="below 2/smoothness"):
        tg.audit(parameters, learning_rate=STEP, energy=energy, smoothness=1e4)


def test_without_energies(descent):
    found = tg.audit(descent[0], learning_rate=STEP)
    assert found.entropy_production.estimate is found.efficiency.estimate is found.energy is None
    assert found.verdict == "inconclusive"
    assert found.pace is not None


@pytest.mark.parametrize("optimiser", ["sgd", "momentum", "adam"])
def test_optimisers_without_a_limit(descent, optimiser):
    parameters, energy = descent
    found = tg.audit(parameters, learning_rate=STEP, energy=energy, optimiser=optimiser, mobility=0.01)
    assert found.verdict == "inconclusive"
    assert found.reason == found.warnings["optimiser"]


def test_momentum_has_its_clock():
    parameters, energy = trained(update_rules.momentum(0.9), members=16)
    found = tg.audit(parameters, learning_rate=STEP, energy=energy, optimiser="momentum", decay=0.9)
    np.testing.assert_allclose(found.clock[-1], STEP * LAST * 10)


def test_warnings(descent, langevin):
    parameters, energy = langevin
    noisy = {"learning_rate": STEP, "optimiser": "langevin", "temperature": 0.2}
    found = tg.audit(parameters, energy=energy, **noisy)
    assert "% of the squared displacement" in found.warnings["noise"]
    ends = {step: parameters[step] for step in (0, LAST)}
    assert "two checkpoints" in tg.audit(ends, energy=energy[[0, -1]], **noisy).warnings["coarse-checkpoints"]
    few = {step: np.tile(x[:10], (1, 5)) for step, x in parameters.items()}
    assert "too few to estimate" in tg.audit(few, energy=energy[:, :10], **noisy).warnings["entropy"]
    parameters, energy = descent
    rising = tg.audit(parameters, learning_rate=STEP, energy=energy[::-1])
    assert "need not be an error" in rising.warnings["rising-free-energy"]
    twins = {step: np.concatenate([x, x[:3]]) for step, x in parameters.items()}
    assert tg.audit(twins, learning_rate=STEP).warnings["twins"].startswith("3 members")
    scattered = {0: parameters[0] - 1, 10: 1 - parameters[0]}
    assert "wide ranges" in tg.audit(scattered, learning_rate=STEP).warnings["loose-bound"]


def test_coarse_checkpoints_are_noticed():
    """Around a circle: each checkpoint a sixth of a turn further."""
    start = np.random.default_rng(0).normal(size=(20, 2)) * 0.01 + [1.0, 0.0]
    turns = {k: start @ np.array([[np.cos(k), np.sin(k)], [-np.sin(k), np.cos(k)]]) for k in range(7)}
    found = tg.audit(turns, learning_rate=1.0)
    assert found.warnings["coarse-checkpoints"].startswith("Checkpoints are coarse: every second one shows 77%")


def test_entropy_that_is_known_at_the_beginning(langevin):
    parameters, energy = langevin
    known = 2 * (0.5 * np.log(2 * np.pi * np.e) + np.log(0.5))
    options = {"learning_rate": STEP, "energy": energy, "temperature": 0.2, "optimiser": "langevin"}
    found = tg.audit(parameters, **options, entropy="maximum", initial_entropy=known)
    production = float(flow(0.2).entropy_production(STEP * LAST))
    assert production < found.entropy_production.upper < 1.3 * production
    assert found.entropy_production.estimate is None
    assert found.verdict == "consistent"
    assert tg.audit(parameters, **options, entropy="nearest-neighbour").verdict == "consistent"


def test_numbers_are_json(langevin):
    parameters, energy = langevin
    found = tg.audit(parameters, learning_rate=STEP, energy=energy, temperature=0.2, optimiser="langevin")
    content = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert content["squared_distance"]["lower"] == found.squared_distance.lower
    assert content["training"]["optimiser"] == "langevin"
    assert isinstance(found.path, EnsemblePath)


def test_progress_is_told(descent):
    seen = []
    tg.audit(descent[0], learning_rate=STEP, progress=lambda done, number: seen.append((done, number)))
    assert seen == [(k, 21) for k in range(1, 22)]


REFUSED = {
    "no learning rate": ({"learning_rate": None}, "learning_rate is missing"),
    "negative learning rate": ({"learning_rate": -0.1}, "learning_rate = -0.1: it must be finite and above 0"),
    "short schedule": ({"learning_rate": np.ones(3)}, r"learning_rate has shape \(3,\); it must be \(\) or \(500,\)"),
    "energy of others": ({"energy": np.ones((21, 3))}, r"energy has shape \(21, 3\); it must be \(21, 400\)"),
    "NaN energy": ({"energy": np.full((21, 400), np.nan)}, "energy = nan: it must be finite"),
    "mobility": ({"mobility": 0.0}, "mobility = 0.0: it must be finite and above 0"),
    "temperature": ({"temperature": -1.0, "optimiser": "sgd"}, "temperature = -1.0: it must have temperature >= 0"),
    "temperature without noise": ({"temperature": 1.0}, "gradient_descent adds no noise"),
    "langevin without temperature": ({"optimiser": "langevin"}, "langevin needs that of its noise"),
    "optimiser": ({"optimiser": "lion"}, "optimiser = 'lion'; there are gradient_descent, langevin"),
    "entropy": ({"entropy": "kde"}, "entropy = 'kde'; there are gaussian"),
    "maximum": ({"entropy": "maximum"}, "initial_entropy is missing"),
    "confidence": ({"confidence": 1.0}, "confidence = 1.0"),
    "decay": ({"decay": 0.9}, "decay = 0.9 belongs to the optimiser momentum"),
    "decay of 1": ({"decay": 1.0, "optimiser": "momentum"}, "decay = 1.0: it must have 0 <= decay < 1"),
    "work": ({"work": np.ones(3)}, r"work has shape \(3,\); it must be \(400,\)"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals(descent, case):
    change, pattern = REFUSED[case]
    with pytest.raises(ValueError, match=pattern):
        tg.audit(descent[0], **({"learning_rate": STEP} | change))


@pytest.mark.parametrize(("name", "value"), [("learning_rate", "fast"), ("temperature", True), ("energy", ["low"])])
def test_refused_types(descent, name, value):
    with pytest.raises(TypeError, match=f"{name} (=|has dtype)"):
        tg.audit(descent[0], **({"learning_rate": STEP} | {name: value}))


def test_refused_names(descent):
    with pytest.raises(TypeError, match=r"no arguments \['learningrate'\]"):
        tg.audit(descent[0], learningrate=STEP)


def test_too_few_members():
    with pytest.raises(ValueError, match="7 members; an audit needs at least 8"):
        tg.audit({0: np.ones((7, 2)), 1: np.ones((7, 2))}, learning_rate=1.0)


def test_a_file_may_say_how_it_was_trained(descent, tmp_path):
    parameters, energy = descent
    content = {f"checkpoint/{step}": x for step, x in parameters.items()}
    np.savez(tmp_path / "e.npz", **content, learning_rate=STEP, energy=energy, mobility=np.ones(2))
    found, expected = tg.audit(tmp_path / "e.npz"), tg.audit(parameters, learning_rate=STEP, energy=energy)
    assert found.squared_distance == expected.squared_distance
    assert found.entropy_production == expected.entropy_production
    # What is given comes first.
    assert tg.audit(str(tmp_path / "e.npz"), mobility=2.0).clock[-1] == 2 * expected.clock[-1]
    tg.audit(tmp_path / "e.npz", mobility=np.full(2, 2.0), energy=energy)
    np.savez(tmp_path / "odd.npz", **content, momentum=0.9)
    with pytest.raises(ValueError, match=r"the file has arrays \['momentum'\]"):
        tg.audit(tmp_path / "odd.npz", learning_rate=STEP)
    with pytest.raises(CheckpointError, match="no such file"):
        tg.audit(tmp_path / "none.npz")

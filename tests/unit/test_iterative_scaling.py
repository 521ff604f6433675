"""Iterative scaling and fitting of margins: what they start from and tend to, domain and shapes."""

import jax
import numpy as np
import pytest

from numerics.information_projection import information_projection
from numerics.iterative_scaling import iterative_proportional_fitting, iterative_scaling

BASE = np.array([2.0, 1.0, 3.0, 2.0])
STATISTICS = np.array([[1.0, 0.0], [0.6, 0.4], [0.3, 0.7], [0.0, 1.0]])
MEANS = np.array([0.7, 0.3])
TABLE = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 0.0]])


@pytest.fixture(autouse=True)
def strict():
    with jax.enable_x64(True), jax.numpy_dtype_promotion("strict"), jax.numpy_rank_promotion("raise"):
        yield


def test_scaling_starts_from_the_base_and_tends_to_the_projection():
    laws = iterative_scaling(BASE, STATISTICS, MEANS, 200)
    assert laws.shape == (201, 4)
    np.testing.assert_allclose(laws[0], BASE / 8, rtol=1e-15)
    np.testing.assert_allclose(laws[-1], information_projection(BASE, STATISTICS, MEANS).law, rtol=1e-12)
    assert iterative_scaling(BASE, STATISTICS, MEANS, 0).shape == (1, 4)


def test_fitting_meets_the_margins_in_turn():
    rows, columns = np.array([0.4, 0.6]), np.array([0.3, 0.5, 0.2])
    tables = iterative_proportional_fitting(TABLE, rows, columns, 101)
    np.testing.assert_allclose(tables[0], TABLE / 15, rtol=1e-15)
    np.testing.assert_allclose(tables[1].sum(axis=1), rows, rtol=1e-14)
    np.testing.assert_allclose(tables[2].sum(axis=0), columns, rtol=1e-14)
    np.testing.assert_allclose(tables[-1].sum(axis=0), columns, rtol=1e-12)
    assert tables[-1][1, 2] == 0
    # What is left of the table is its odds.
    odds = [t[0, 0] * t[1, 1] / (t[0, 1] * t[1, 0]) for t in (TABLE, tables[-1])]
    np.testing.assert_allclose(odds[1], odds[0], rtol=1e-12)


def test_a_margin_that_is_nothing_empties_its_row():
    tables = iterative_proportional_fitting(TABLE, np.array([0.0, 1.0]), np.array([0.4, 0.6, 0.0]), 2)
    np.testing.assert_allclose(tables[-1], [[0, 0, 0], [0.4, 0.6, 0]], rtol=1e-14)


@pytest.mark.parametrize(
    "change",
    [{"base": -BASE}, {"means": np.array([0.7, 0.4])}, {"means": np.array([1.2, -0.2])}, {"statistics": 2 * STATISTICS},
     {"statistics": np.array([[1.5, -0.5], *STATISTICS[1:]])}, {"base": np.zeros(4)}],
    ids=str,
)  # fmt: skip
def test_scaling_outside_the_domain_is_nan(change):
    arguments = {"base": BASE, "statistics": STATISTICS, "means": MEANS} | change
    assert np.isnan(iterative_scaling(**arguments, steps=2)).all()


@pytest.mark.parametrize(
    "change",
    [{"table": -TABLE}, {"rows": np.array([0.5, 0.6])}, {"columns": np.array([-0.1, 0.9, 0.2])}],
    ids=str,
)
def test_fitting_outside_the_domain_is_nan(change):
    arguments = {"table": TABLE, "rows": np.array([0.4, 0.6]), "columns": np.array([0.3, 0.5, 0.2])} | change
    assert np.isnan(iterative_proportional_fitting(**arguments, steps=2)).all()


def test_a_margin_where_the_table_has_nothing_is_nan():
    tables = iterative_proportional_fitting(np.array([[1.0, 1.0], [0.0, 0.0]]), np.full(2, 0.5), np.full(2, 0.5), 2)
    assert np.isnan(tables[1:]).all()


def test_dtype_follows_the_input():
    arguments = [a.astype(np.float32) for a in (BASE, STATISTICS, MEANS)]
    assert iterative_scaling(*arguments, 3).dtype == np.float32


def test_wrong_shapes_and_numbers_raise():
    with pytest.raises(ValueError, match="means has shape"):
        iterative_scaling(BASE, STATISTICS, np.ones(3) / 3, 2)
    with pytest.raises(ValueError, match="steps = -1"):
        iterative_scaling(BASE, STATISTICS, MEANS, -1)
    with pytest.raises(ValueError, match="table has shape"):
        iterative_proportional_fitting(BASE, MEANS, MEANS, 2)
    with pytest.raises(ValueError, match="columns has shape"):
        iterative_proportional_fitting(TABLE, MEANS, MEANS, 2)
    with pytest.raises(TypeError, match="steps"):
        iterative_proportional_fitting(TABLE, MEANS, np.ones(3) / 3, 2.0)

"""Pictures of the regulator with the shortest convergence time, for Ising observers computed when the page is made."""

import itertools
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from numerics.geometry import geometry
from numerics.good_regulator import Regulator, convergence_time, regulator_alpha
from reports.figures.drawing import INK, MUTED, SERIES, Figure, drawing

_RING = ((0, 1), (1, 2), (2, 3), (0, 3))
_NAMES = {3: "triangle", 4: "four spins", 5: "five spins"}
_RANDOM = 400


def _edges(spins: int) -> tuple[tuple[int, int], ...]:
    """Of the complete graph."""
    return tuple(itertools.combinations(range(spins), 2))


def _fisher(edges: tuple[tuple[int, int], ...], couplings: np.ndarray) -> jax.Array:
    """The Fisher matrices of equal couplings, shape (number, edges, edges)."""
    return jax.vmap(geometry("ising", edges=edges).metric)(jnp.asarray(np.outer(couplings, np.ones(len(edges)))))


def _optima(fisher: jax.Array, cond_power: float = 1.0) -> tuple[Regulator, np.ndarray]:
    """The optima of a batch of Fisher matrices, and their condition numbers."""
    found = jax.vmap(lambda f: regulator_alpha(f, cond_power))(fisher)
    values = np.asarray(found.eigenvalues)
    return found, values[:, -1] / values[:, 0]


def _times(_: Mapping[str, Any]) -> list[Figure]:
    share = np.linspace(0, 1.6, 200)
    with drawing("times") as picture, jax.enable_x64(True):
        axes = picture.axes
        graphs = {"ring of four": _RING, **{name: _edges(n) for n, name in _NAMES.items()}}
        for (name, edges), colour in zip(graphs.items(), SERIES, strict=True):
            fisher = _fisher(edges, np.full(1, 0.5))
            optimum, condition = _optima(fisher)
            largest = optimum.eigenvalues[0, -1]
            times = np.asarray(jax.vmap(lambda b, f=fisher[0]: convergence_time(f, b))(jnp.asarray(share) * largest))
            axes.semilogy(share, times / times[0], color=colour, label=f"{name}, cond(F) = {condition[0]:.2f}")
            best = convergence_time(fisher[0], optimum.beta[0]) / times[0]
            axes.semilogy(optimum.beta[0] / largest, best, "o", color=colour, clip_on=False)
        axes.set(
            xlabel=r"weight $\beta$, in units of $\lambda_{\max}$",
            ylabel="convergence time, 1 at weight 0",
            xlim=(0, 1.6),
            ylim=(0.15, 4.5),
        )
        axes.set_yticks([0.2, 0.5, 1, 2], ["0.2", "0.5", "1", "2"])
        axes.minorticks_off()
        axes.legend(loc="upper center", ncol=2)
    return [
        Figure(
            picture.svg,
            "The convergence time and where it is least",
            r"Ising observers with all couplings $\tfrac12$; the points are at "
            r"$\beta^* = \max(0, \lambda_{\max} - 2\lambda_{\min})$. The ring is below the threshold cond(F) = 2: "
            "any weight of F makes it slower.",
            "Four curves against the weight: one rises from the start, three fall to a marked lowest point and rise again.",
        )
    ]


def _thresholds(_: Mapping[str, Any]) -> list[Figure]:
    with jax.enable_x64(True), drawing("thresholds") as picture:
        axes, fisher = picture.axes, _fisher(_edges(4), np.linspace(0, 0.45, 200))
        for power, colour in zip((2.0, 1.0, 0.5), SERIES, strict=False):
            found, condition = _optima(fisher, power)
            label = {2.0: r"cond$^2\,\rho$", 1.0: r"cond $\rho$", 0.5: r"cond $\rho^2$"}[power]
            axes.plot(condition, np.asarray(found.alpha), color=colour, label=f"{label}: from {1 + 1 / power:g}")
            axes.plot(1 + 1 / power, 0, "o", color=colour, clip_on=False)
        axes.set(xlabel="cond(F)", ylabel=r"optimal exponent $\alpha^*$", xlim=(1, 8), ylim=(0, 0.85))
        axes.legend(loc="lower right")
    return [
        Figure(
            picture.svg,
            "The threshold is set by two powers",
            r"The complete graph of four spins as its couplings grow. The exponent leaves 0 at $\mathrm{cond}(F) = 1 + b/a$ "
            r"for the convergence time $\mathrm{cond}(g)^a\rho(g)^b$.",
            "Three curves against the condition number that leave 0 at 1.5, 2 and 3.",
        )
    ]


def _observers(_: Mapping[str, Any]) -> list[Figure]:
    random = np.random.default_rng(0)
    with jax.enable_x64(True), drawing("observers") as picture:
        axes = picture.axes
        metric = jax.vmap(geometry("ising", edges=_edges(5)).metric)
        drawn = random.uniform(-1, 1, (_RANDOM, 10)) * random.uniform(0, 1, (_RANDOM, 1))
        found, condition = _optima(metric(jnp.asarray(drawn)))
        axes.semilogx(condition, found.alpha, ".", color=MUTED, markersize=3, label="five spins, random couplings")
        for (spins, name), colour in zip(_NAMES.items(), SERIES, strict=False):
            found, condition = _optima(_fisher(_edges(spins), np.linspace(0, 1.5, 300)))
            axes.semilogx(condition, found.alpha, color=colour, label=f"{name}, equal couplings")
            found, condition = _optima(_fisher(_edges(spins), np.full(1, 0.5)))
            axes.semilogx(condition, found.alpha, "o", color=colour)
        axes.axvline(2.0, color=INK, linewidth=1.0, linestyle="--")
        axes.set(xlabel="cond(F)", ylabel=r"optimal exponent $\alpha^*$", xlim=(1, 200), ylim=(0, 0.88))
        axes.set_xticks([1, 2, 5, 10, 20, 50, 100], ["1", "2", "5", "10", "20", "50", "100"])
        axes.minorticks_off()
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncol=2, fontsize=8)
    return [
        Figure(
            picture.svg,
            "Exponents of observers",
            "Beyond the threshold, the dashed line, the exponent is no function of the condition number: it depends on the "
            "size of F, in the units of the parameters. Curves run to the right as the couplings grow from 0 to "
            r"$\tfrac32$, with points at $\tfrac12$.",
            "Exponents against the condition number: 0 to the left of 2, three arches and many scattered points to the right.",
        )
    ]


def _charts(_: Mapping[str, Any]) -> list[Figure]:
    """Charts with Jacobian ``F^-s``, where the Fisher matrix is ``F^(1 - 2 s)``."""
    steps = np.linspace(0, 1, 301)
    with jax.enable_x64(True), drawing("charts") as picture:
        axes = picture.axes
        values = np.asarray(_optima(_fisher(_edges(4), np.full(1, 0.5)))[0].eigenvalues)[0]
        squares = jax.vmap(lambda s: regulator_alpha(jnp.diag(jnp.asarray(values) ** (1 - 2 * s))).alpha)(
            jnp.asarray(steps)
        )
        exponents = np.linspace(0, 0.9, 2000)
        weights = exponents**2 / (1 - exponents)
        metric = values ** (1 - 2 * steps[:, None, None]) * (values + weights[:, None])
        times = metric.max(axis=2) ** 2 / metric.min(axis=2)
        axes.plot(steps, squares, label=r"$M = F^2$ in every chart")
        axes.plot(steps, exponents[times.argmin(axis=1)], label="M as a tensor")
        axes.set(ylabel=r"optimal exponent $\alpha^*$", xlim=(0, 1), ylim=(0, 1))
        axes.set_xticks([0, 0.5, 1], ["natural\nparameters", "F whitened", "expectation\nparameters"])
        axes.legend(loc="upper center")
    return [
        Figure(
            picture.svg,
            "One observer in many charts",
            r"The complete graph of four spins at coupling $\tfrac12$, in charts with Jacobian $F^{-s}$ for s from 0 to 1. "
            "With the square of F in every chart whitening takes the exponent to 0; with M carried along it stays as it is "
            "up to there, and is gone in expectation parameters.",
            "Two curves from natural to expectation parameters: one falls from 0.6 to 0 in the middle and rises again, the "
            "other stays at 0.6 up to the middle and then falls to 0.",
        )
    ]


def _directions(_: Mapping[str, Any]) -> list[Figure]:
    with jax.enable_x64(True), drawing("directions") as picture:
        axes = picture.axes
        optimum = _optima(_fisher(_edges(4), np.full(1, 0.5)))[0]
        alpha = np.linspace(0, 0.999, 300)
        weight = alpha**2 / (1 - alpha)
        values = np.unique(np.round(np.asarray(optimum.eigenvalues)[0], 10))
        for value in values[::-1]:
            axes.plot(alpha, value / (value + weight), label=rf"$\alpha_k$ for $\lambda_k = {value:.3f}$")
        axes.plot(alpha, alpha, color=MUTED, linestyle="--", linewidth=1.2, label=r"$\alpha$ itself")
        axes.axvline(float(optimum.alpha[0]), color=INK, linewidth=1.0)
        axes.annotate(
            r"$\alpha^*$", (float(optimum.alpha[0]), 1.0), xytext=(4, -4), textcoords="offset points", va="top"
        )
        axes.set(
            xlabel=r"exponent $\alpha$ of the observer",
            ylabel=r"exponents $\alpha_k$ of directions",
            xlim=(0, 1),
            ylim=(0, 1.02),
        )
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncol=2)
    return [
        Figure(
            picture.svg,
            "Exponents of directions against that of the observer",
            r"The complete graph of four spins at coupling $\tfrac12$. All fall from 1 to 0 as $\alpha$ grows; "
            r"at the optimum $\alpha^*$ all of them are smaller than it.",
            "Three falling curves, a dashed diagonal, and a vertical line to the right of where the curves cross the diagonal.",
        )
    ]


CLAIMS = {
    "regulator-optimal-exponent": _times,
    "regulator-threshold": _thresholds,
    "regulator-complete-graphs": _observers,
    "regulator-invariant": _charts,
    "regulator-directional-refines": _directions,
}

"""The derivations of a family, gathered for people to read."""

import importlib
import importlib.util
import inspect
import pkgutil
from collections.abc import Iterator

import sympy as sp

import derivations
from derivations.derivation import Derivation
from derivations.family import Family
from derivations.typeset import latex
from reports.mathematics import line
from reports.standalone import standalone
from reports.vocabulary import METHODS, method


def derivations_of(family: Family, shipped: bool) -> Iterator[Derivation]:
    """What follows for any family, then the derivations in the modules named after a shipped one."""
    yield geometry_of(family)
    if family.forms:
        yield family.forms_agree()
    if not shipped:
        return
    for module in pkgutil.iter_modules(derivations.__path__):
        if module.name == family.name or module.name.startswith(f"{family.name}_curvature"):
            yield from _derivations_in(f"derivations.{module.name}")


def geometry_of(family: Family) -> Derivation:
    """Metric, skewness, Christoffel symbols and curvature of a family, as the steps of a derivation."""
    derivation = Derivation(f"{family.title or family.name}: from the definition to the curvature", family.field)
    derivation.given(r"\theta", latex(list(family.coordinates)), "coordinates")
    if family.log_partition is not None:
        derivation.given(r"\psi", family.log_partition, "log-partition function")
        derivation.given(r"\eta", latex(list(family.natural)), "natural parameters")
        derivation.given("m", family.expectation.T, r"expectation parameters, the gradient of psi by eta")
    else:
        derivation.given(r"\ln p", family.log_density, "density")
    geometry, tensor = family.geometry, family.skewness
    derivation.computed("g", geometry.metric, "Fisher metric, the covariance of the score")
    for i, coordinate in enumerate(family.coordinates):
        derivation.computed(
            f"T_{{{latex(coordinate)}}}", tensor[i, :, :], "skewness tensor, third moments of the score"
        )
    for i, coordinate in enumerate(family.coordinates):
        derivation.computed(rf"\Gamma^{{{latex(coordinate)}}}", geometry.christoffel[i, :, :], "Levi-Civita connection")
    derivation.computed(r"\mathrm{Ric}", geometry.ricci, "Ricci tensor")
    derivation.computed("R", geometry.scalar_curvature, "scalar curvature, its trace")
    if family.log_partition is not None:
        reason = "another route to R, for exponential families"
        derivation.equal(r"\tfrac14\left(|T|^2 - |\mathrm{tr}\,T|^2\right)", geometry.scalar_curvature, reason,
                         value=_curvature_from_skewness(family))  # fmt: skip
    return derivation


def _curvature_from_skewness(family: Family) -> sp.Expr:
    inverse, tensor = family.geometry.inverse_metric, family.skewness
    indices = range(family.dimension)
    raised = sp.tensorcontraction(sp.tensorproduct(sp.Array(inverse), tensor), (1, 2))
    trace = [sum(raised[i, i, k] for i in indices) for k in indices]
    mixed = sp.tensorcontraction(sp.tensorproduct(raised, sp.Array(inverse)), (1, 3))  # T^i_k^j
    norm = sum(mixed[i, k, j] * raised[k, i, j] for i in indices for j in indices for k in indices)
    return (norm - sum(inverse[i, j] * trace[i] * trace[j] for i in indices for j in indices)) / 4


def page(title: str, found: list[Derivation]) -> str:
    """A standalone HTML page of derivations."""
    return standalone("derivation.html", title=title, derivations=found, methods=METHODS)


def _derivations_in(module_name: str) -> Iterator[Derivation]:
    module = importlib.import_module(module_name)
    for _, function in inspect.getmembers(module, inspect.isfunction):
        signature = inspect.signature(function)
        complete = all(p.default is not p.empty for p in signature.parameters.values())
        if function.__module__ == module_name and signature.return_annotation is Derivation and complete:
            yield function()


def show(found: list[Derivation]) -> None:
    """Print derivations in the terminal: formulas in one line of Unicode each, with reasons and checks below."""
    from rich.console import Console

    console = Console(highlight=False)
    for derivation in found:
        console.print(f"\n{derivation.title}", style="bold", markup=False)
        for number, step in enumerate(derivation, start=1):
            is_checked = method(step.method) == "checked"
            formula = line(step.statement).replace("−", "-")
            console.print(f"{number:3d}. {formula}", style="cyan", markup=False, soft_wrap=True)
            console.print(f"     {step.reason}", markup=False, soft_wrap=True)
            said = f"     {'✓ ' + step.method if is_checked else '· ' + step.method + ', not checked here'}"
            console.print(said, style="green" if is_checked else "dim", markup=False, soft_wrap=True)

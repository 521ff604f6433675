"""Thermogeometry: machine-checked geometry and thermodynamics of learning. The public names, on one page.

``import thermogeometry as tg``; ``python -m thermogeometry`` is the command line.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from derivations.family import Family, load_family
    from numerics import ensembles, update_rules
    from numerics.alpha_estimate import AlphaEstimate, estimate_alpha
    from numerics.alpha_exponent import stationary_covariance
    from numerics.audit import Audit, audit
    from numerics.curvature_identities import curvature_identities
    from numerics.gaussian_flow import GaussianFlow, gaussian_flow, validate_gaussian_flow
    from numerics.geometry import Geometry, families, geometry
    from numerics.good_regulator import Regulator, convergence_time, deviation_tensor, regulator_alpha
    from numerics.information_projection import information_projection, reverse_projection
    from numerics.iterative_scaling import iterative_proportional_fitting, iterative_scaling
    from numerics.lambdify import UnsupportedFunction, lambdify
    from numerics.lattice_curvature import LatticeCurvature, lattice_curvature
    from numerics.natural_gradient import natural_gradient
    from numerics.newton_schulz import newton_schulz
    from numerics.penalties import fisher_rao_penalty, kl_penalty
    from numerics.preconditioning import scale_by_natural_gradient
    from numerics.riemannian import RiemannianManifold, riemannian
    from numerics.structured_momentum import structured_step

__version__ = "0.1.0"

_HOME = {
    "families": "numerics.geometry",
    "geometry": "numerics.geometry",
    "Geometry": "numerics.geometry",
    "riemannian": "numerics.riemannian",
    "stationary_covariance": "numerics.alpha_exponent",
    "estimate_alpha": "numerics.alpha_estimate",
    "AlphaEstimate": "numerics.alpha_estimate",
    "audit": "numerics.audit",
    "Audit": "numerics.audit",
    "gaussian_flow": "numerics.gaussian_flow",
    "GaussianFlow": "numerics.gaussian_flow",
    "validate_gaussian_flow": "numerics.gaussian_flow",
    "regulator_alpha": "numerics.good_regulator",
    "Regulator": "numerics.good_regulator",
    "convergence_time": "numerics.good_regulator",
    "deviation_tensor": "numerics.good_regulator",
    "curvature_identities": "numerics.curvature_identities",
    "lattice_curvature": "numerics.lattice_curvature",
    "LatticeCurvature": "numerics.lattice_curvature",
    "natural_gradient": "numerics.natural_gradient",
    "fisher_rao_penalty": "numerics.penalties",
    "kl_penalty": "numerics.penalties",
    "scale_by_natural_gradient": "numerics.preconditioning",
    "information_projection": "numerics.information_projection",
    "reverse_projection": "numerics.information_projection",
    "iterative_scaling": "numerics.iterative_scaling",
    "iterative_proportional_fitting": "numerics.iterative_scaling",
    "structured_step": "numerics.structured_momentum",
    "newton_schulz": "numerics.newton_schulz",
    "RiemannianManifold": "numerics.riemannian",
    "lambdify": "numerics.lambdify",
    "UnsupportedFunction": "numerics.lambdify",
    "Family": "derivations.family",
    "load_family": "derivations.family",
}

# Modules that are used whole.
_MODULES = {"ensembles": "numerics.ensembles", "update_rules": "numerics.update_rules"}

__all__ = [
    "AlphaEstimate",
    "Audit",
    "Family",
    "GaussianFlow",
    "Geometry",
    "LatticeCurvature",
    "Regulator",
    "RiemannianManifold",
    "UnsupportedFunction",
    "audit",
    "convergence_time",
    "curvature_identities",
    "deviation_tensor",
    "ensembles",
    "estimate_alpha",
    "families",
    "fisher_rao_penalty",
    "gaussian_flow",
    "geometry",
    "information_projection",
    "iterative_proportional_fitting",
    "iterative_scaling",
    "kl_penalty",
    "lambdify",
    "lattice_curvature",
    "load_family",
    "natural_gradient",
    "newton_schulz",
    "regulator_alpha",
    "reverse_projection",
    "riemannian",
    "scale_by_natural_gradient",
    "stationary_covariance",
    "structured_step",
    "update_rules",
    "validate_gaussian_flow",
]


def __getattr__(name: str) -> object:
    if name in _MODULES:
        return importlib.import_module(_MODULES[name])
    if name not in _HOME:
        raise AttributeError(f"module 'thermogeometry' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)


if __name__ == "__main__":
    from reports.cli import app

    app()

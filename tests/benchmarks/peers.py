"""The alternatives a user would otherwise reach for, for the same tensors."""

import jax.numpy as jnp
import sympy as sp
from jax.scipy.special import i0e, i1e

from derivations import families
from derivations.bessel import BesselRatio, riccati
from numerics.riemannian import from_metric


def textbook_metric(family):
    """The metric as it stands in a textbook, in JAX."""
    if family == "gaussian":
        return lambda t: jnp.diag(jnp.stack([1.0, 2.0]).astype(t.dtype)) / t[1] ** 2

    def metric(theta):
        kappa = theta[1]
        ratio = i1e(kappa) / i0e(kappa)
        return jnp.diag(jnp.stack([kappa * ratio, 1 - ratio / kappa - ratio**2]))

    return metric


def automatic(family, tensor):
    """Automatic differentiation of the textbook metric."""
    return from_metric(textbook_metric(family))[tensor]


def sympy_lambdify(family, tensor):
    """``sympy.lambdify(..., "jax")`` of the derived tensor, with Bessel functions for A."""
    described = families.load(family)
    kappa = described.coordinates[1]
    quotient = {BesselRatio(0, kappa): sp.besseli(1, kappa) / sp.besseli(0, kappa)}
    function = sp.lambdify(described.coordinates, _derived(described, tensor).xreplace(quotient).tolist(), "jax")
    return lambda t: jnp.asarray(function(t[0], t[1]), dtype=t.dtype)


def sympy2jax_module(family, tensor):
    """The derived tensor as a ``sympy2jax.SymbolicModule``, with A handed to it as a function."""
    import sympy2jax

    described = families.load(family)
    kappa, ratio = described.coordinates[1], sp.Function("bessel_quotient")
    array = _derived(described, tensor).xreplace({BesselRatio(0, kappa): ratio(kappa)})
    module = sympy2jax.SymbolicModule(sp.flatten(array.tolist()), extra_funcs={ratio: lambda k: i1e(k) / i0e(k)})
    names = [c.name for c in described.coordinates]

    def function(t):
        values = module(**dict(zip(names, t, strict=True)))
        return jnp.stack([jnp.asarray(v, t.dtype) for v in values]).reshape(array.shape)

    return function


def _derived(family, tensor):
    """The derived tensor as a rational function of the coordinates and A."""
    return sp.Array(family.derived(tensor)).applyfunc(riccati)

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
    """``sympy.lambdify(..., "jax")`` of the derived tensor."""
    described = families.load(family)
    function = sp.lambdify(described.coordinates, _textbook(described, tensor).tolist(), "jax")
    return lambda t: jnp.asarray(function(t[0], t[1]), dtype=t.dtype)


def sympy2jax_module(family, tensor):
    """The derived tensor as a ``sympy2jax.SymbolicModule``."""
    import sympy2jax

    described = families.load(family)
    array = _textbook(described, tensor)
    entries = sp.flatten(array.tolist())
    functions = {sp.besseli: lambda n, x: (i0e(x) if n == 0 else i1e(x)) * jnp.exp(x)}
    module = sympy2jax.SymbolicModule([sp.sympify(e) for e in entries], extra_funcs=functions)
    names = [c.name for c in described.coordinates]
    shape = tuple(array.shape)

    def function(t):
        values = module(**dict(zip(names, t, strict=True)))
        return jnp.stack([jnp.asarray(v, t.dtype) for v in values]).reshape(shape)

    return function


def _textbook(family, tensor):
    """The tensor in elementary and Bessel functions."""
    kappa = family.coordinates[1]
    ratio = sp.besseli(1, kappa) / sp.besseli(0, kappa)
    derived = sp.Array(family.derived(tensor)) if tensor == "metric" else family.derived(tensor)
    return derived.applyfunc(lambda e: riccati(e).xreplace({BesselRatio(0, kappa): ratio}))

"""Compilation for checks that count rounding errors.

Compilation is what the checks spend most of their time on, so that the Makefile asks XLA for the lightest one, by
``XLA_FLAGS``. Rounding depends on it; checks that count machine epsilons therefore ask for the code that users get.
"""

from collections.abc import Callable, Sequence
from typing import Any

import jax

# XLA's own defaults on a CPU; on other devices there is nothing to undo.
_DEFAULTS = {"xla_backend_optimization_level": 3, "xla_cpu_use_fusion_emitters": True}
# Three quarters of the time that the defaults take in all, for the geodesics: nearly as fast, at half the compilation.
_FOR_LOOPS = {"xla_backend_optimization_level": 1, "xla_cpu_use_fusion_emitters": False}


def optimised_jit(
    function: Callable[..., Any], static_argnums: int | Sequence[int] | None = None
) -> Callable[..., Any]:
    """``jax.jit`` with the optimisations that XLA has by default, whatever ``XLA_FLAGS`` says."""
    options = _DEFAULTS if jax.default_backend() == "cpu" else None
    return jax.jit(function, static_argnums=static_argnums, compiler_options=options)


def loop_jit(function: Callable[..., Any]) -> Callable[..., Any]:
    """``jax.jit`` for code that runs about as long as it takes to compile, whatever ``XLA_FLAGS`` says."""
    options = _FOR_LOOPS if jax.default_backend() == "cpu" else None
    return jax.jit(function, compiler_options=options)

"""Fisher-Rao geometry in JAX: generated formulas, special functions, geodesics, certificates."""

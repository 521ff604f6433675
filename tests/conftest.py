"""Shapes and dtypes in the annotations of our own JAX functions are checked while the tests run."""

from jaxtyping import install_import_hook

_ANNOTATED = ("numerics.geodesics", "numerics.linear_algebra", "numerics.von_mises")

install_import_hook(_ANNOTATED, "beartype.beartype")

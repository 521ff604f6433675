"""Shapes of what is compared: scalars, lists, arrays and matrices."""

from dataclasses import dataclass

import sympy as sp


@dataclass(frozen=True)
class _Entries:
    shape: tuple[int, ...]
    flat: list[sp.Expr]


def entry_pairs(left: object, right: object) -> list[tuple[sp.Expr, sp.Expr]]:
    """The entries of both sides, side by side; a scalar on the right stands against every entry.

    A list, tuple or array of n entries has the shape of a row and of a column of n entries.

    Raises:
        ValueError: if the shapes differ or there is nothing to compare.
    """
    one, another = _entries(left), _entries(right)
    if not one.flat or not another.flat:
        raise ValueError("there is nothing to compare")
    if another.shape == ():
        return [(entry, another.flat[0]) for entry in one.flat]
    if not _alike(one.shape, another.shape):
        raise ValueError(f"shapes differ: {_spelled(one.shape)} against {_spelled(another.shape)}")
    return list(zip(one.flat, another.flat, strict=True))


def shape_of(value: object) -> tuple[int, ...]:
    """The shape of an expression, list, array or matrix; ValueError for a list whose items differ in shape."""
    return _entries(value).shape


def _entries(value: object) -> _Entries:
    if isinstance(value, sp.MatrixBase):
        return _Entries(tuple(map(int, value.shape)), list(value))
    if isinstance(value, sp.NDimArray):
        flat = list(sp.flatten(value.tolist())) if value.rank() else [value[()]]
        return _Entries(tuple(map(int, value.shape)), flat)
    if isinstance(value, list | tuple | sp.Tuple):
        items = [_entries(item) for item in value]
        if len({item.shape for item in items}) > 1:
            raise ValueError(f"the items of the list {value} differ in shape")
        return _Entries((len(items), *(items[0].shape if items else ())), [e for item in items for e in item.flat])
    return _Entries((), [sp.sympify(value)])


def _alike(one: tuple[int, ...], another: tuple[int, ...]) -> bool:
    if one == another:
        return True
    short, long = sorted((one, another), key=len)
    return len(short) == 1 and len(long) == 2 and long in ((1, *short), (*short, 1))


def _spelled(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape)) or "one expression"

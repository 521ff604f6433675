"""The sizes of families."""

import numbers


def whole_number(value: object, name: str, least: int) -> int:
    """The value as an int.

    Raises:
        TypeError: if it is no whole number.
        ValueError: if it is below ``least``.
    """
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{name} must be a whole number, not {value!r}")
    if value < least:
        raise ValueError(f"{name} = {value}; it must be at least {least}")
    return int(value)

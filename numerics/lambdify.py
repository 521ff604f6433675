"""SymPy expressions to JAX: a printer with an explicit table of functions, and an error for any other.

Differences from ``sympy.lambdify(..., "jax")``: a function that JAX cannot evaluate is refused when the function is
built; integer powers are products and negative ones products of reciprocals; every entry of an array, constants
included, takes the batch shape and dtype of the arguments; constants such as ``gamma(1/3)`` are evaluated by SymPy.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import sympy as sp
from sympy.core.relational import Relational
from sympy.printing.printer import Printer

from numerics.arrays import agreeing
from numerics.expressions import constants, flatten, identifiers, number
from numerics.functions import FUNCTIONS, HIGHEST_ORDER, JNP, RESERVED, SPECIAL, UnsupportedFunction


@dataclass(frozen=True)
class Body:
    """Straight-line code: assignments, one printed expression per entry, and the imports they need."""

    assignments: tuple[tuple[str, str], ...]
    entries: tuple[str, ...]
    imports: frozenset[str]


def print_body(entries: Sequence[sp.Basic], names: Mapping[sp.Basic, str] | None = None) -> Body:
    """Print expressions as JAX source, common subexpressions first.

    Args:
        entries: the expressions.
        names: the Python names of their symbols, none of them private; those of :func:`identifiers` if not given.

    Raises:
        UnsupportedFunction: naming the function and the expression that contains it.
    """
    for entry in entries:
        if not isinstance(entry, sp.Expr):
            raise _unsupported(entry)
    if names is None:
        free = set().union(*(entry.free_symbols for entry in entries))
        names = identifiers(sorted(free, key=str), RESERVED)
    known = {constant: sp.Dummy(str(constant)) for entry in entries for constant in constants(entry)}
    printer = _JaxPrinter({**names, **{dummy: number(constant) for constant, dummy in known.items()}}, known.values())
    temporaries = sp.numbered_symbols("_x", cls=_Temporary)
    replacements, reduced = sp.cse([entry.xreplace(known) for entry in entries], temporaries, order="canonical")
    assignments = tuple((symbol.name, printer.assigned(value)) for symbol, value in replacements)
    return Body(assignments, tuple(printer.doprint(entry) for entry in reduced), frozenset(printer.imports))


def _unsupported(expression: sp.Basic) -> UnsupportedFunction:
    name = type(expression).__name__
    return UnsupportedFunction(
        f"{name} (in {expression}) has no JAX counterpart here; supported are "
        f"{', '.join(sorted(f.__name__ for f in FUNCTIONS))}, polygamma, Min, Max and Piecewise"
    )


class _Temporary(sp.Dummy):
    """A common subexpression."""


class _JaxPrinter(Printer):
    """Prints the kinds of expressions that it has a method for, and refuses all others.

    Args:
        names: what is printed for each symbol, Python names or numbers.
        numbers: the symbols that are numbers.
    """

    def __init__(self, names: Mapping[sp.Basic, str], numbers: Iterable[sp.Symbol]) -> None:
        super().__init__()
        self.imports: set[str] = set()
        self._names, self._numbers = names, frozenset(numbers)
        self._array = next((name for symbol, name in names.items() if symbol not in self._numbers), "")

    def assigned(self, expression: sp.Basic) -> str:
        """The source of a common subexpression, which may be a condition."""
        return self._print(expression) if isinstance(expression, sp.Expr) else self._condition(expression)

    def emptyPrinter(self, expr: sp.Basic) -> str:
        raise _unsupported(expr)

    def _print_Symbol(self, expression: sp.Symbol) -> str:
        if isinstance(expression, _Temporary):
            return expression.name
        if type(expression) not in (sp.Symbol, sp.Dummy) or not expression.is_commutative:
            raise UnsupportedFunction(f"{expression} is a {type(expression).__name__}, no symbol of a real number")
        return self._names[expression]

    def _print_Integer(self, expression: sp.Integer) -> str:
        return number(expression)

    _print_Rational = _print_Float = _print_Pi = _print_Exp1 = _print_Integer
    _print_EulerGamma = _print_Catalan = _print_GoldenRatio = _print_Integer

    def _print_UnevaluatedExpr(self, expression: sp.Expr) -> str:
        return f"({self._print(expression.args[0])})"

    def _print_Add(self, expression: sp.Add, order: str | None = None) -> str:
        text = ""
        for term in expression.as_ordered_terms():
            coefficient, _ = term.as_coeff_Mul()
            if text and coefficient.is_negative:
                text += f" - {self._factor(-term)}"
            else:
                text += f" + {self._factor(term)}" if text else self._factor(term)
        return text

    def _print_Mul(self, expression: sp.Mul) -> str:
        coefficient, rest = expression.as_coeff_Mul()
        factors = [self._factor(factor) for factor in sp.Mul.make_args(rest)]
        if coefficient == -1:
            return "-" + " * ".join(factors)
        return " * ".join(factors if coefficient == 1 else [self._print(coefficient), *factors])

    def _print_Pow(self, expression: sp.Pow, rational: bool = False) -> str:
        base, exponent = expression.as_base_exp()
        if expression.exp.is_Integer or (expression.exp.is_Rational and expression.exp.q == 2):
            base, exponent = expression.base, expression.exp
            root = self._atom(base)
            if exponent.q == 2:
                self.imports.add(JNP)
                root = f"jnp.sqrt({self._print(base)})"
            if exponent.is_negative:
                root = f"(1.0 / {root})"
            return _product(root, abs(int(exponent.p)))
        self.imports.add(JNP)
        return f"jnp.power({self._print(base)}, {self._print(exponent)})"

    def _print_Piecewise(self, expression: sp.Piecewise) -> str:
        self.imports.add(JNP)
        shown = [self._or_infinity(value) for value, _ in expression.args]
        if all(self._is_number(value) for value, _ in expression.args):
            shown = [self._as_array(value) for value in shown]
        text = "jnp.nan"
        for value, (_, condition) in reversed(list(zip(shown, expression.args, strict=True))):
            text = value if condition == sp.true else f"jnp.where({self._condition(condition)}, {value}, {text})"
        return text

    def _condition(self, expression: sp.Basic) -> str:
        if isinstance(expression, _Temporary):
            return expression.name
        if isinstance(expression, Relational):
            return f"({self._or_infinity(expression.lhs)} {expression.rel_op} {self._or_infinity(expression.rhs)})"
        if isinstance(expression, sp.Not):
            self.imports.add(JNP)
            return f"jnp.logical_not({self._condition(expression.args[0])})"
        if isinstance(expression, sp.And | sp.Or):
            sign = " & " if isinstance(expression, sp.And) else " | "
            return f"({sign.join(map(self._condition, expression.args))})"
        raise _unsupported(expression)

    def _or_infinity(self, expression: sp.Expr) -> str:
        """An expression where infinity makes sense: as a bound, or as the value of one piece."""
        self.imports.add(JNP)
        return {sp.oo: "jnp.inf", -sp.oo: "-jnp.inf"}.get(expression) or self._print(expression)

    def _is_number(self, expression: sp.Expr) -> bool:
        return expression.is_number or expression in self._numbers

    def _as_array(self, text: str) -> str:
        """A number with the dtype of the arguments, where they do not determine it by themselves."""
        self.imports.add(JNP)
        return f"jnp.asarray({text}, {self._array}.dtype)"

    def _print_Min(self, expression: sp.Min) -> str:
        return self._fold("jnp.minimum", expression)

    def _print_Max(self, expression: sp.Max) -> str:
        return self._fold("jnp.maximum", expression)

    def _print_polygamma(self, expression: sp.Function) -> str:
        order, argument = expression.args
        if not (order.is_Integer and order >= 0):
            raise UnsupportedFunction(f"{expression}: the order of polygamma must be an integer >= 0")
        self.imports.add(SPECIAL)
        if order == 0:
            return f"special.digamma({self._print(argument)})"
        return f"special.polygamma({int(order)}, {self._print(argument)})"

    def _print_log(self, expression: sp.log) -> str:
        # SymPy turns loggamma of an integer symbol into the logarithm of a factorial, which overflows at 171.
        (argument,) = expression.args
        if isinstance(argument, sp.factorial):
            argument = sp.gamma(argument.args[0] + 1)
        if isinstance(argument, sp.gamma) and argument.args[0].is_positive:
            self.imports.add(SPECIAL)
            return f"special.gammaln({self._print(argument.args[0])})"
        return self._print_Function(expression)

    def _print_Function(self, expression: sp.Function) -> str:
        target = FUNCTIONS.get(expression.func)
        if target is None:
            raise _unsupported(expression)
        self.imports.add(target.imports)
        arguments = []
        for position, argument in enumerate(expression.args):
            if position in target.orders:
                arguments.append(self._order(expression, argument))
            else:
                text = self._print(argument)
                arguments.append(self._as_array(text) if self._is_number(argument) else text)
        return target.template.format(*arguments)

    def _order(self, expression: sp.Function, order: sp.Expr) -> str:
        if not (order.is_Integer and 0 <= order <= HIGHEST_ORDER):
            raise UnsupportedFunction(f"{type(expression).__name__} (in {expression}): orders are 0 to {HIGHEST_ORDER}")
        return str(order)

    def _fold(self, function: str, expression: sp.Expr) -> str:
        self.imports.add(JNP)
        text = self._print(expression.args[0])
        for argument in expression.args[1:]:
            text = f"{function}({text}, {self._print(argument)})"
        return text

    def _factor(self, expression: sp.Expr) -> str:
        text = self._print(expression)
        return f"({text})" if expression.is_Add or text.startswith("-") else text

    def _atom(self, expression: sp.Expr) -> str:
        text = self._print(expression)
        return text if text.isidentifier() or expression.is_Function else f"({text})"


def _product(factor: str, power: int) -> str:
    if power == 1:
        return factor
    half = _product(factor, power // 2)
    square = f"({half} * {half})"
    return square if power % 2 == 0 else f"({square} * {factor})"


def lambdify(expressions: object, symbols: Sequence[sp.Symbol]) -> Callable[..., jax.Array]:
    """A jitted JAX function that evaluates SymPy expressions.

    Args:
        expressions: one expression, or a list, matrix or array of them of shape ``s``.
        symbols: the arguments of the function, in order.

    Returns:
        A function of as many arrays as there are symbols, all float32 or all float64, of shapes that broadcast to a
        batch shape ``b``. Its result has shape ``b + s`` and the arguments' dtype, for constant entries too; Python
        numbers take the dtype of the arrays beside them. It composes with ``jit``, ``vmap``, ``grad`` and ``jacfwd``.
        Arguments that are not floating, or of both dtypes, raise TypeError.

    Raises:
        UnsupportedFunction: when an expression contains something without a JAX counterpart; it names it.
        ValueError: when an expression contains a symbol that is not an argument, when symbols are repeated or
            missing, and when a list of expressions is empty or ragged.
    """
    are_given = isinstance(symbols, Sequence | sp.Tuple) and len(symbols) > 0
    if not are_given or not all(isinstance(symbol, sp.Symbol) for symbol in symbols):
        raise ValueError(f"symbols must be a list of at least one SymPy symbol, not {symbols!r}")
    if repeated := {str(symbol) for symbol in symbols if list(symbols).count(symbol) > 1}:
        raise ValueError(f"symbols that are repeated: {', '.join(sorted(repeated))}")
    entries, shape = flatten(expressions)
    if free := set().union(*(entry.free_symbols for entry in entries)) - set(symbols):
        raise ValueError(f"symbols that are no arguments: {sorted(map(str, free))}")
    names = identifiers(symbols, RESERVED)
    evaluate = _compile(print_body(entries, names), names.values())

    @jax.jit
    def compiled(*values: jax.Array) -> jax.Array:
        batch, dtype = jnp.broadcast_shapes(*(v.shape for v in values)), values[0].dtype
        flat = [jnp.broadcast_to(jnp.asarray(entry, dtype), batch) for entry in evaluate(*values)]
        return jnp.stack(flat, axis=-1).reshape(*batch, *shape)

    def function(*values: object) -> jax.Array:
        if len(values) != len(symbols):
            raise TypeError(f"{len(values)} arguments given, {len(symbols)} needed: {', '.join(map(str, symbols))}")
        return compiled(*agreeing(values, [symbol.name for symbol in symbols]))

    return function


def _compile(body: Body, arguments: Iterable[str]) -> Callable[..., tuple[object, ...]]:
    lines = [*sorted(body.imports), f"def evaluate({', '.join(arguments)}):"]
    lines += [f"    {name} = {value}" for name, value in body.assignments]
    lines += [f"    return ({', '.join(body.entries)},)"]
    namespace: dict[str, object] = {}
    exec("\n".join(lines), namespace)
    return namespace["evaluate"]  # type: ignore[return-value]

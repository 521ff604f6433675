"""SymPy expressions to JAX: a printer with an explicit table of functions, and an error for any other.

Differences from ``sympy.lambdify(..., "jax")``: a function that JAX cannot evaluate is refused when the function is
built; integer powers are products and negative ones products of reciprocals; every entry of an array, constants
included, takes the batch shape and dtype of the arguments.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import sympy as sp
from sympy.printing.str import StrPrinter

from derivations import bessel, elementary
from numerics.arrays import as_floating

_JNP = "import jax.numpy as jnp"
_SPECIAL = "from jax.scipy import special"
_BESSEL = "numerics.bessel_ratio"
_CURVATURE = "numerics.von_mises_curvature"
_DIVERGENCE = "numerics.bessel_divergence"
_ELEMENTARY = "numerics.elementary"


@dataclass(frozen=True)
class Target:
    """How a SymPy function is written in JAX: a format of its printed arguments, and the import it needs."""

    template: str
    imports: str = _JNP


def _project(module: str, template: str) -> Target:
    return Target(template, f"from {module} import {template.partition('(')[0]}")


FUNCTIONS: dict[type, Target] = {
    **{
        function: Target(f"jnp.{name}({{0}})")
        for function, name in {
            sp.exp: "exp", sp.log: "log", sp.Abs: "abs", sp.sign: "sign", sp.floor: "floor", sp.ceiling: "ceil",
            sp.sin: "sin", sp.cos: "cos", sp.tan: "tan", sp.asin: "arcsin", sp.acos: "arccos", sp.atan: "arctan",
            sp.sinh: "sinh", sp.cosh: "cosh", sp.tanh: "tanh", sp.asinh: "arcsinh", sp.acosh: "arccosh",
            sp.atanh: "arctanh", sp.sinc: "sinc",
        }.items()
    },
    sp.sinc: Target("jnp.sinc({0} / jnp.pi)"),
    sp.sech: Target("(1.0 / jnp.cosh({0}))"),
    sp.csch: Target("(1.0 / jnp.sinh({0}))"),
    sp.coth: Target("(1.0 / jnp.tanh({0}))"),
    sp.sec: Target("(1.0 / jnp.cos({0}))"),
    sp.csc: Target("(1.0 / jnp.sin({0}))"),
    sp.cot: Target("(1.0 / jnp.tan({0}))"),
    sp.atan2: Target("jnp.arctan2({0}, {1})"),
    sp.erf: Target("special.erf({0})", _SPECIAL),
    sp.erfc: Target("special.erfc({0})", _SPECIAL),
    sp.gamma: Target("special.gamma({0})", _SPECIAL),
    sp.loggamma: Target("special.gammaln({0})", _SPECIAL),
    sp.digamma: Target("special.digamma({0})", _SPECIAL),
    sp.beta: Target("special.beta({0}, {1})", _SPECIAL),
    elementary.Log1pmx: _project(_ELEMENTARY, "log1pmx({0})"),
    bessel.BesselRatio: _project(_BESSEL, "bessel_ratio({1}, {0})"),
    bessel.BesselRatioComplement: _project(_BESSEL, "bessel_ratio_complement({0})"),
    bessel.BesselRatioQuotient: _project(_BESSEL, "bessel_ratio_quotient({0}, {1}, {2})"),
    bessel.BesselRatioIntercept: _project(_BESSEL, "bessel_ratio_intercept({0})"),
    bessel.BesselRatioSlopeReciprocal: _project(_BESSEL, "bessel_ratio_reciprocal_slope({0})"),
    bessel.LogBesselI0: _project(_BESSEL, "log_bessel_i0({0})"),
    bessel.LogBesselI0Divergence: _project(_DIVERGENCE, "log_bessel_i0_divergence({0}, {1})"),
    bessel.VonMisesScalarCurvature: _project(_CURVATURE, "von_mises_scalar_curvature({0})"),
}  # fmt: skip


class UnsupportedFunction(ValueError):
    """An expression contains something the table of functions does not have."""


@dataclass(frozen=True)
class Body:
    """Straight-line code: assignments, one printed expression per entry, and the imports they need."""

    assignments: tuple[tuple[str, str], ...]
    entries: tuple[str, ...]
    imports: frozenset[str]


def print_body(entries: Sequence[sp.Expr]) -> Body:
    """Print expressions as JAX source, common subexpressions first.

    Raises:
        UnsupportedFunction: naming the function and the expression that contains it.
    """
    printer = _JaxPrinter()
    temporaries = sp.numbered_symbols("x", cls=sp.Dummy)
    replacements, reduced = sp.cse([sp.sympify(e) for e in entries], symbols=temporaries, order="canonical")
    assignments = tuple((printer.doprint(symbol), printer.doprint(value)) for symbol, value in replacements)
    return Body(assignments, tuple(printer.doprint(entry) for entry in reduced), frozenset(printer.imports))


class _JaxPrinter(StrPrinter):
    def __init__(self) -> None:
        super().__init__({"order": None})
        self.imports: set[str] = set()

    def _print_Symbol(self, expression: sp.Symbol) -> str:
        return identifier(expression)

    def _print_Dummy(self, expression: sp.Dummy) -> str:
        return f"_{expression.name}"

    def _print_Integer(self, expression: sp.Integer) -> str:
        return f"{int(expression)}.0"

    def _print_Rational(self, expression: sp.Rational) -> str:
        return repr(expression.p / expression.q)

    def _print_Float(self, expression: sp.Float) -> str:
        return repr(float(expression))

    def _print_NumberSymbol(self, expression: sp.NumberSymbol) -> str:
        return repr(float(expression))

    _print_Pi = _print_Exp1 = _print_EulerGamma = _print_Catalan = _print_GoldenRatio = _print_NumberSymbol

    def _print_Infinity(self, expression: sp.Expr) -> str:
        return "jnp.inf"

    def _print_Add(self, expression: sp.Add, order: str | None = None) -> str:
        text = ""
        for term in expression.as_ordered_terms():
            number, _ = term.as_coeff_Mul()
            if text and number.is_negative:
                text += f" - {self._factor(-term)}"
            else:
                text += f" + {self._factor(term)}" if text else self._factor(term)
        return text

    def _print_Mul(self, expression: sp.Mul) -> str:
        number, rest = expression.as_coeff_Mul()
        factors = [self._factor(factor) for factor in sp.Mul.make_args(rest)]
        if number == -1:
            return "-" + " * ".join(factors)
        return " * ".join(factors if number == 1 else [self._print(number), *factors])

    def _print_Pow(self, expression: sp.Pow, rational: bool = False) -> str:
        base, exponent = expression.as_base_exp()
        if expression.exp.is_Integer or (expression.exp.is_Rational and expression.exp.q == 2):
            base, exponent = expression.base, expression.exp
            root = self._atom(base)
            if exponent.q == 2:
                self.imports.add(_JNP)
                root = f"jnp.sqrt({self._print(base)})"
            if exponent.is_negative:
                root = f"(1.0 / {root})"
            return _product(root, abs(int(exponent.p)))
        self.imports.add(_JNP)
        return f"jnp.power({self._print(base)}, {self._print(exponent)})"

    def _print_Piecewise(self, expression: sp.Piecewise) -> str:
        text = "jnp.nan"
        for value, condition in reversed(expression.args):
            text = (
                self._print(value) if condition == sp.true else f"jnp.where({condition}, {self._print(value)}, {text})"
            )
        self.imports.add(_JNP)
        return text

    def _print_Min(self, expression: sp.Min) -> str:
        return self._fold("jnp.minimum", expression)

    def _print_Max(self, expression: sp.Max) -> str:
        return self._fold("jnp.maximum", expression)

    def _print_polygamma(self, expression: sp.Function) -> str:
        order, argument = expression.args
        if not (order.is_Integer and order >= 0):
            raise UnsupportedFunction(f"{expression}: the order of polygamma must be an integer >= 0")
        self.imports.add(_SPECIAL)
        if order == 0:
            return f"special.digamma({self._print(argument)})"
        return f"special.polygamma({int(order)}, {self._print(argument)})"

    def _print_Function(self, expression: sp.Function) -> str:
        target = FUNCTIONS.get(expression.func)
        if target is None:
            raise UnsupportedFunction(
                f"{expression.func.__name__} (in {expression}) has no JAX counterpart here; "
                f"supported are {', '.join(sorted(f.__name__ for f in FUNCTIONS))}, polygamma, Min, Max and Piecewise"
            )
        self.imports.add(target.imports)
        arguments = [
            str(int(a)) if a.is_Integer and "," in target.template else self._print(a) for a in expression.args
        ]
        return target.template.format(*arguments)

    def emptyPrinter(self, expr: sp.Basic) -> str:
        raise UnsupportedFunction(f"{type(expr).__name__} (in {expr}) has no JAX counterpart here")

    _print_exp = _print_log = _print_Abs = _print_sign = _print_Function
    _print_Derivative = _print_Integral = _print_Sum = _print_Limit = _print_Product = _print_Subs = emptyPrinter
    _print_ImaginaryUnit = _print_ComplexInfinity = _print_NaN = _print_NegativeInfinity = emptyPrinter

    def _fold(self, function: str, expression: sp.Expr) -> str:
        self.imports.add(_JNP)
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


def identifier(symbol: sp.Symbol) -> str:
    """The Python name of a symbol."""
    name = symbol.name.replace("{", "").replace("}", "").replace("'", "prime")
    if not name.isidentifier():
        raise ValueError(f"symbol {symbol.name!r} is not a Python identifier")
    return f"{name}_" if name in ("lambda", "in", "is", "as", "jnp", "special", "jax") else name


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
        A function of as many arrays as there are symbols, float32 or float64, of shapes that broadcast to a batch
        shape ``b``. Its result has shape ``b + s`` and the arguments' dtype, for constant entries too. It composes
        with ``jit``, ``vmap``, ``grad`` and ``jacfwd``. Arguments that are not floating raise TypeError.

    Raises:
        UnsupportedFunction: when an expression contains something without a JAX counterpart; it names it.
        ValueError: when an expression contains a symbol that is not an argument.
    """
    array = sp.Array(expressions) if not isinstance(expressions, sp.Expr) else sp.Array([expressions])
    shape = () if isinstance(expressions, sp.Expr) else tuple(array.shape)
    entries = [array[index] for index in _indices(array.shape)]
    symbols = tuple(symbols)
    if free := set().union(*(entry.free_symbols for entry in entries)) - set(symbols):
        raise ValueError(f"symbols that are no arguments: {sorted(map(str, free))}")
    evaluate = _compile(print_body(entries), [identifier(symbol) for symbol in symbols])

    @jax.jit
    def compiled(*values: jax.Array) -> jax.Array:
        batch, dtype = jnp.broadcast_shapes(*(v.shape for v in values)), jnp.result_type(*values)
        flat = [jnp.broadcast_to(jnp.asarray(entry, dtype), batch) for entry in evaluate(*values)]
        return jnp.stack(flat, axis=-1).reshape(*batch, *shape)

    def function(*values: object) -> jax.Array:
        if len(values) != len(symbols):
            raise TypeError(f"{len(values)} arguments given, {len(symbols)} needed: {', '.join(map(str, symbols))}")
        return compiled(*(as_floating(v, str(s)) for v, s in zip(values, symbols, strict=True)))

    return function


def _indices(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    return [tuple(index) for index in sp.utilities.iterables.iproduct(*map(range, shape))]


def _compile(body: Body, arguments: Sequence[str]) -> Callable[..., tuple[object, ...]]:
    lines = [*sorted(body.imports), f"def evaluate({', '.join(arguments)}):"]
    lines += [f"    {name} = {value}" for name, value in body.assignments]
    lines += [f"    return ({', '.join(body.entries)},)"]
    namespace: dict[str, object] = {}
    exec("\n".join(lines), namespace)
    return namespace["evaluate"]  # type: ignore[return-value]

"""The command line: an expression, its value, gradient and Hessian, each beside finite differences and mpmath.

Exit codes: 0 all is well; 1 the derivatives cannot be computed (a function without a derivative, a point outside its domain);
2 the command line or the expression is wrong.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import mpmath
import numpy as np

from dualdiff.checks.check import check_derivatives
from dualdiff.checks.finite_differences import finite_difference, finite_difference_hessian
from dualdiff.expressions import Expression, ExpressionError, literal
from dualdiff.numbers import base
from dualdiff.operand import Operand
from dualdiff.taylor import taylor
from dualdiff.traces.evaluation_trace import trace
from dualdiff.transforms import hessian, jacobian

EXAMPLES = """examples:
  python -m dualdiff "x*x*y + y + 2" x=3 y=4
  python -m dualdiff "sum(x**2) * exp(-x[0])" "x=[1, 2, 3]"
  python -m dualdiff "x*y + exp(x*y) - sin(y)" x=0.5 y=2 --trace reverse --html trace.html
  python -m dualdiff "exp(sin(x))" x=1 --taylor 5 --digits 50"""


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(prog="dualdiff", description="Differentiate an expression.", epilog=EXAMPLES,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    result.add_argument("expression", help="of names, numbers, and the functions of math and NumPy")
    result.add_argument("values", nargs="*", metavar="name=value", help="a number, or a list: x=[1,2,3]")
    result.add_argument("--trace", choices=["forward", "reverse"], help="show every step with its tangent or adjoint")
    result.add_argument("--taylor", type=int, metavar="n", help="Taylor coefficients to order n (of one variable)")
    result.add_argument("--digits", type=int, metavar="n", help="compute with n digits, in mpmath")
    result.add_argument("--html", metavar="FILE", help="write the trace as a page to step through")
    result.add_argument("--json", action="store_true", help="print JSON")
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    options = parser().parse_args(arguments)
    try:
        expression = Expression(options.expression)
        with mpmath.workdps(max(options.digits or 15, 15)):
            convert: Callable[[str], Any] = mpmath.mpf if options.digits else float
            values = given(expression, options.values, convert)
            _check(options, values)
            f = expression.function(convert, bool(options.digits))
            f.__name__ = "f"
            return run(options, expression, f, values)
    except ExpressionError as error:
        print(f"dualdiff: {error}", file=sys.stderr)
        return 2
    except (ArithmeticError, ValueError, TypeError, IndexError, OSError, RecursionError, MemoryError) as error:
        print(f"dualdiff: {error}", file=sys.stderr)
        return 1


def given(expression: Expression, assignments: Sequence[str], convert: Callable[[str], Any]) -> list[Any]:
    """The values of the expression's variables, in their order."""
    found: dict[str, Any] = {}
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        name = name.strip()
        if not equals or not name.isidentifier():
            raise ExpressionError("a value is given as name=number", assignment, 0)
        if name in found or name not in expression.names:
            why = "has a value already" if name in found else f"is not a variable of {expression.text}"
            raise ExpressionError(f"{name} {why}", assignment, 0)
        found[name] = literal(text, convert)
    for name in expression.names:
        if name not in found:
            raise ExpressionError(f"{name} has no value; add {name}=…", expression.text, max(expression.text.find(name), 0))
    return [found[name] for name in expression.names]


def _check(options: argparse.Namespace, values: Sequence[Any]) -> None:
    if options.taylor is not None and (len(values) != 1 or options.taylor < 0 or options.taylor > 1000):
        raise ExpressionError("--taylor takes an order from 0 to 1000, and an expression of one variable", options.expression, 0)
    if options.digits is not None and not 1 <= options.digits <= 100_000:
        raise ExpressionError("--digits is between 1 and 100000", str(options.digits), 0)
    if not values:
        raise ExpressionError("there is no variable to differentiate in", options.expression, 0)


def run(options: argparse.Namespace, expression: Expression, f: Callable[..., Any], values: list[Any]) -> int:
    if options.trace or options.html:
        found = trace(f)(*values, mode=options.trace or "forward")
        for step, name in zip(found.steps, expression.names):
            step.operation = name
        if options.html:
            found.save(options.html)
            print(f"wrote {Path(options.html)}", file=sys.stderr)
        if options.trace:
            rows = [{"name": s.name, "operation": s.operation, "value": plain(s.value), "formula": s.formula,
                     "derivative": plain(s.tangent if s.tangent is not None else s.adjoint)} for s in found]
            print(json.dumps(rows, ensure_ascii=False) if options.json else found)
        return 0
    if options.taylor is not None:
        coefficients = taylor(f, values[0], options.taylor)
        print(json.dumps({"taylor": plain(coefficients)}) if options.json else
              "\n".join(f"c{k:<3} {shown(c, options.digits)}" for k, c in enumerate(coefficients)))
        return 0
    value, rows = f(*values), table(expression, f, values, options.digits)
    if options.json:
        print(json.dumps({"value": plain(value), "derivatives": rows}, ensure_ascii=False))
        return 0
    print(f"value  {shown(value, options.digits)}\n")
    columns = [key for key in ("entry", "forward", "finite difference", "error", "mpmath", "mpmath error")
               if any(key in row for row in rows)]
    cells = [columns, *([str(row.get(key, "")) for key in columns] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells)]
    print("\n".join("  ".join(cell.ljust(w) for cell, w in zip(row, widths)).rstrip() for row in cells))
    return 0


def table(expression: Expression, f: Callable[..., Any], values: list[Any], digits: int | None) -> list[dict[str, Any]]:
    """One row for each entry of the gradient and of the Hessian."""
    argnums = tuple(range(len(values)))
    shape = np.shape(f(*values))
    rows = []
    for n, transform, difference in ((1, jacobian, finite_difference), (2, hessian, finite_difference_hessian)):
        found, differences = flat(transform(f, argnums=argnums)(*values)), flat(difference(f, *values, argnums=argnums))
        exact = [] if digits or shape else check_derivatives(expression.function(), *values, argnums=argnums, n=n).rows
        for name, place, forward, differed in zip(
                entries(expression.names, values, shape, n), places(values, n) * int(np.prod(shape)), found, differences):
            row = {"entry": name, "forward": shown(forward, digits), "finite difference": shown(differed, digits),
                   "error": f"{float(abs(differed - forward)):.1e}"}
            oracle = exact[place].mpmath if place < len(exact) else None
            if oracle is not None:
                row |= {"mpmath": shown(float(oracle), None), "mpmath error": f"{abs(float(oracle) - float(forward)):.1e}"}
            rows.append(row)
    return rows


def places(values: Sequence[Any], n: int) -> list[int]:
    """Where each entry of the derivatives of a scalar stands in a report, which has one of each symmetric pair."""
    stops = np.cumsum([0, *map(np.size, values)])
    blocks = [range(a, b) for a, b in itertools.pairwise(stops)]
    if n == 1:
        return [i for block in blocks for i in block]
    return [max(i, j) * (max(i, j) + 1) // 2 + min(i, j) for first in blocks for second in blocks for i in first for j in second]


def flat(value: Any) -> list[Any]:
    if isinstance(value, tuple):
        return [entry for part in value for entry in flat(part)]
    return list(np.ravel(np.asarray(value)))


def entries(names: Sequence[str], values: Sequence[Any], shape: tuple[int, ...], n: int) -> list[str]:
    """Names for the entries of the derivatives, in the order of `flat`."""
    def at_each(of: tuple[int, ...]) -> list[str]:
        return ["".join(f"[{i}]" for i in index) for index in np.ndindex(of)]

    own = [[f"∂{name}{at}" for at in at_each(np.shape(value))] for name, value in zip(names, values)]
    if n == 1:
        return [f"∂f{out}/{x}" for group in own for out in at_each(shape) for x in group]
    return [f"∂²f{out}/{x}{y}" for first in own for second in own for out in at_each(shape) for x in first for y in second]


def shown(value: Any, digits: int | None) -> str:
    value = base(value) if isinstance(value, Operand) else value
    if np.ndim(value):
        return "[" + ", ".join(shown(entry, digits) for entry in value) + "]"
    if isinstance(value, (mpmath.mpf, mpmath.mpc)):
        return str(mpmath.nstr(value, digits or 17))
    return repr(float(value)) if isinstance(value, (float, np.floating, int)) else str(value)


def plain(value: Any) -> Any:
    """For JSON: numbers as they are, those with more digits (and nan, inf) as texts."""
    value = base(value) if isinstance(value, Operand) else value
    if np.ndim(value):
        return [plain(entry) for entry in value]
    if isinstance(value, (int, float, np.number)) and np.isrealobj(value) and np.isfinite(value):
        return float(value)
    return str(value)

"""The command line: an expression, its value, gradient and Hessian, each beside finite differences and mpmath."""

from __future__ import annotations

import argparse
import inspect
import io
import json
import os
import re
import sys
from collections.abc import Callable, Sequence
from typing import Any

import mpmath
import numpy as np

from dualdiff.command_line.derivative_table import derivative_rows, notes, written
from dualdiff.command_line.expressions import CONSTANTS, FAILURES, Expression, ExpressionError, literal
from dualdiff.command_line.functions import functions
from dualdiff.numbers import base
from dualdiff.operand import Operand
from dualdiff.traces.evaluation_trace import Trace
from dualdiff.traces.tracer import trace
from dualdiff.transforms import taylor

HELP = """\
examples:
  python -m dualdiff "x*x*y + y + 2" x=3 y=4
  python -m dualdiff "sum(x**2) * exp(-x[0])" "x=[1, 2, 3]"
  python -m dualdiff "x*y + exp(x*y) - sin(y)" x=1/2 y=2 --trace reverse --html trace.html
  python -m dualdiff "exp(sin(x))" x=1 --taylor 5 --digits 50

An expression has numbers, lists, arithmetic (a power is **, a matrix product @), comparisons, "a if b else c", x[0], x[1:],
pi, e, tau, inf, nan, and the functions
{functions}

exit code: 0 all is well; 1 the derivatives cannot be computed here, or are contradicted; 2 the command line is wrong"""


def parser() -> argparse.ArgumentParser:
    names, lines = sorted(functions()), [" "]
    for name in names:
        if len(lines[-1]) + len(name) > 110:
            lines.append(" ")
        lines[-1] += f" {name}"
    result = argparse.ArgumentParser(prog="dualdiff", description="Differentiate an expression, and show how.", allow_abbrev=False,
                                     epilog=HELP.format(functions="\n".join(lines)),
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    result.add_argument("expression", help="of variables, numbers, and functions of math and NumPy")
    result.add_argument("values", nargs="*", metavar="name=value", help="a number, or a list: x=1/3 y=[1,2,3]")
    what = result.add_mutually_exclusive_group()
    what.add_argument("--trace", choices=["forward", "reverse"], help="show every step with its tangent or adjoint")
    what.add_argument("--taylor", type=int, metavar="n", help="Taylor coefficients to order n (of one variable)")
    result.add_argument("--digits", type=int, metavar="n", help="compute with n digits, in mpmath")
    result.add_argument("--html", metavar="FILE", help="write the trace as a page to step through")
    result.add_argument("--json", action="store_true", help="print JSON")
    result.add_argument("--version", action="version", version=f"dualdiff {sys.modules['dualdiff'].__version__}")
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without ∂
    reader = parser()
    options = reader.parse_intermixed_args(expressions_marked(reader, given))
    if options.taylor is not None and not 0 <= options.taylor <= 1000:
        reader.error("argument --taylor: an order from 0 to 1000 is wanted")
    if options.digits is not None and not 1 <= options.digits <= 100_000:
        reader.error("argument --digits: a number from 1 to 100000 is wanted")
    try:
        code = run(options)
        if sys.stdout is not None:
            sys.stdout.flush()
        return code
    except ExpressionError as error:
        print(f"dualdiff: {error}", file=sys.stderr)
        return error.code
    except BrokenPipeError:  # of ``| head``: nobody reads on
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        print(f"dualdiff: cannot write {error.filename or 'the output'}: {error.strerror}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except FAILURES as error:
        said = "it divides by zero" if isinstance(error, ZeroDivisionError) else str(error) or type(error).__name__
        print(f"dualdiff: the derivative cannot be computed here: {said}", file=sys.stderr)
        return 1


def expressions_marked(reader: argparse.ArgumentParser, arguments: Sequence[str]) -> list[str]:
    """The arguments, with a blank before what begins with a minus and is no option: -x**2 is an expression."""
    known = {option for action in reader._actions for option in action.option_strings}
    return [f" {text}" if text[:1] == "-" and not re.match("--[a-z]", text) and text not in known else text for text in arguments]


def run(options: argparse.Namespace) -> int:
    expression = Expression(options.expression)
    with mpmath.workdps(max(options.digits or 15, 15)):
        convert: Callable[[str], Any] = mpmath.mpf if options.digits else float
        values = assigned(expression, options.values, convert)
        f = named(expression, expression.function(convert, bool(options.digits)))
        with np.errstate(all="ignore"):
            value = expression.evaluated(f, values)
            if options.trace or options.html:
                return show_trace(options, trace(f)(*values, mode=options.trace or "forward"))
            if options.taylor is not None:
                return show_taylor(options, expression, f, values)
            return show_derivatives(options, expression, f, values, value)


def named(expression: Expression, f: Callable[..., Any]) -> Callable[..., Any]:
    """The function with its parameters' names, for those who show them."""
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    f.__name__, f.__signature__ = "f", inspect.Signature([inspect.Parameter(n, kind) for n in expression.names])  # type: ignore[attr-defined]
    return f


def assigned(expression: Expression, assignments: Sequence[str], convert: Callable[[str], Any]) -> list[Any]:
    """The values of the expression's variables, in their order."""
    found: dict[str, Any] = {}
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        name = name.strip()
        if not equals or not name.isidentifier():
            raise ExpressionError("a value is given as name=number", assignment, 0)
        if name in found or name not in expression.names:
            why = ("has a value already" if name in found else "is a constant; choose another name" if name in CONSTANTS else
                   "is a function; choose another name" if name in expression.functions else
                   f"is not a variable of {expression.text}")
            raise ExpressionError(f"{name} {why}", assignment, 0)
        found[name] = literal(text, convert)
        if not all(map(is_finite, np.ravel(found[name]))):
            raise ExpressionError(f"{name} is not finite: there is no neighbourhood to take a derivative in", assignment, 0)
    missing = [name for name in expression.names if name not in found]
    if missing:
        raise ExpressionError(f"{' and '.join(missing)} {'has' if len(missing) == 1 else 'have'} no value: add "
                              f"{' '.join(f'{name}=…' for name in missing)}", expression.text, expression.column(missing[0]))
    if not found:
        raise ExpressionError("there is no variable to differentiate in", expression.text, 0)
    return [found[name] for name in expression.names]


def is_finite(value: Any) -> bool:
    return bool(mpmath.isfinite(value))


def show_trace(options: argparse.Namespace, found: Trace) -> int:
    if options.html:
        found.save(options.html)
        print(f"wrote {options.html}", file=sys.stderr)
    if options.trace and options.json:
        print_json([{"name": s.name, "operation": s.operation, "value": plain(s.value), "formula": s.formula,
                     "derivative": plain(s.tangent if s.tangent is not None else s.adjoint)} for s in found])
    elif options.trace:
        print(found)
    return 0


def show_taylor(options: argparse.Namespace, expression: Expression, f: Callable[..., Any], values: Sequence[Any]) -> int:
    if len(values) != 1 or np.ndim(values[0]):
        raise ExpressionError("--taylor wants an expression of one variable, a number", expression.text, 0)
    coefficients = taylor(f, values[0], options.taylor)
    if options.json:
        print_json({"taylor": plain(coefficients)})
    else:
        print("\n".join(f"c{k:<3} {written(c, options.digits)}" for k, c in enumerate(coefficients)))
    return 0


def show_derivatives(options: argparse.Namespace, expression: Expression, f: Callable[..., Any], values: Sequence[Any],
                     value: Any) -> int:
    rows = derivative_rows(expression, f, values, options.digits)
    if options.json:
        print_json({"value": plain(value), "derivatives": [{key: plain(x) for key, x in row.items()} for row in rows]})
        return int(any(row["verdict"] == "DISAGREES" for row in rows))
    print(f"value  {written(value, options.digits)}\n")
    columns = [key for key in ("entry", "forward", "finite difference", "error", "mpmath", "mpmath error")
               if any(row.get(key) is not None for row in rows)]
    cells = [columns, *([f"{row[key]:.1e}" if "error" in key and row[key] is not None else written(row[key], options.digits)
                         for key in columns] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells)]
    print("\n".join("  ".join(cell.ljust(w) for cell, w in zip(row, widths)).rstrip() for row in cells))
    remarks = notes(rows, values)
    if remarks:
        print("", *remarks, sep="\n")
    return int(any(row["verdict"] == "DISAGREES" for row in rows))


def print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False))


def plain(value: Any) -> Any:
    """For JSON: numbers as they are, those with more digits (and nan, inf) as texts."""
    value = base(value) if isinstance(value, Operand) else value
    if isinstance(value, str) or value is None:
        return value
    if np.ndim(value):
        return [plain(entry) for entry in value]
    if isinstance(value, (int, float, np.number, np.bool_)) and np.isrealobj(value) and np.isfinite(value):
        return float(value)
    return str(value)

"""Expressions as users type them: parsed, checked node by node, and only then evaluated.

Arithmetic, comparisons, names, calls of known functions, indexing, and number or list literals pass. Anything else is refused
with the place where it stands; nothing is ever handed to Python that has not been checked.
"""

from __future__ import annotations

import ast
import importlib
import math as constants
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from dualdiff import math
from dualdiff.rules.table import TABLE

LONGEST, DEEPEST, BIGGEST = 10_000, 60, 10_000  # characters, nesting, the largest exponent of a literal
CONSTANTS = {"pi": constants.pi, "e": constants.e, "tau": constants.tau, "inf": constants.inf, "nan": constants.nan}
# NumPy's functions that take and return numbers and arrays, as far as they have a rule. (Not those that make arrays of any
# size, call functions back, or read files.)
ARRAYS = ("sum prod mean var std max min dot matmul outer inner cross cumsum cumprod diff sort clip where maximum minimum trace "
          "transpose diag norm det inv solve square absolute arctan2 sinc logaddexp heaviside sign cbrt power exp2 log2 "
          "arcsin arccos arctan arcsinh arccosh arctanh array").split()
OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult, ast.USub, ast.UAdd,
             ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq, ast.Load)
CONTAINERS = (ast.Expression, ast.BinOp, ast.UnaryOp, ast.Compare, ast.IfExp, ast.Subscript, ast.Slice, ast.List, ast.Tuple)
WORDS = {ast.Attribute: "attributes", ast.Lambda: "functions", ast.NamedExpr: "assignments", ast.Dict: "dictionaries",
         ast.ListComp: "loops", ast.GeneratorExp: "loops", ast.SetComp: "loops", ast.DictComp: "loops", ast.Set: "sets",
         ast.JoinedStr: "texts", ast.Starred: "starred arguments", ast.Await: "await", ast.BoolOp: "and/or", ast.Not: "not"}


class ExpressionError(ValueError):
    """What is wrong with an expression, and where."""

    def __init__(self, message: str, text: str, column: int) -> None:
        super().__init__(f"{message}\n  {text}\n  {' ' * column}^")


def functions() -> dict[str, Callable[..., Any]]:
    """The functions an expression may call: those of `dualdiff.math`, and NumPy's on arrays."""
    found: dict[str, Callable[..., Any]] = {}
    for name in ARRAYS:
        function = getattr(np, name, None) or getattr(np.linalg, name)
        if function in TABLE:
            found[name] = function
    found |= {name: getattr(math, name) for name in math.__all__
              if callable(getattr(math, name)) and name not in ("factorial", "comb", "perm", "prod", "pow", "ldexp", "gcd", "lcm")}
    return found | {"abs": abs}


class Numbers(ast.NodeTransformer):
    """Literals as numbers of the type asked for, so that no power of whole ones grows without end; not in indices and exponents."""

    def visit_Constant(self, node: ast.Constant) -> Any:
        return ast.copy_location(ast.Call(ast.Name("_number", ast.Load()), [ast.Constant(str(node.value))], []), node)

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        node.left = self.visit(node.left)
        if not (isinstance(node.op, ast.Pow) and _is_whole(node.right)):
            node.right = self.visit(node.right)
        return node

    def visit_Subscript(self, node: ast.Subscript) -> Any:
        node.value = self.visit(node.value)
        parts = [part for item in (node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice])
                 for part in (ast.iter_child_nodes(item) if isinstance(item, ast.Slice) else [item])]
        if not all(_is_whole(part) for part in parts):
            node.slice = self.visit(node.slice)
        return node

    def visit_keyword(self, node: ast.keyword) -> Any:
        return node if _is_whole(node.value) else self.generic_visit(node)


def _is_whole(node: ast.AST) -> bool:
    inner = node.operand if isinstance(node, ast.UnaryOp) else node
    return isinstance(inner, ast.Constant) and type(inner.value) is int


class Expression:
    """A checked expression. ``names`` are its variables in the order in which they appear."""

    def __init__(self, text: str) -> None:
        self.text = text.strip()
        self.functions = functions()
        if len(self.text) > LONGEST or "\n" in self.text:
            raise ExpressionError("the expression is too long, or has more than one line", self.text.splitlines()[0][:70], 0)
        try:
            self.tree = ast.parse(self.text, mode="eval")
        except SyntaxError as error:
            raise ExpressionError(f"cannot be read: {error.msg}", self.text, max((error.offset or 1) - 1, 0)) from None
        except (ValueError, RecursionError, MemoryError):
            raise ExpressionError("cannot be read", self.text[:70], 0) from None
        self.names: list[str] = []
        self._check(self.tree.body, 0)

    def refuse(self, node: Any, message: str) -> ExpressionError:
        column = len(self.text.encode()[:getattr(node, "col_offset", 0)].decode(errors="ignore"))
        return ExpressionError(message, self.text, column)

    def _check(self, node: ast.AST, depth: int) -> None:
        if depth > DEEPEST:
            raise self.refuse(node, f"is nested more than {DEEPEST} deep")
        if isinstance(node, ast.Constant):
            if not isinstance(node.value, (int, float)) or isinstance(node.value, bool) or abs(node.value) > 1e308:
                raise self.refuse(node, "only numbers of ordinary size may stand here")
            return
        if isinstance(node, ast.Name):
            if node.id.startswith("_"):
                raise self.refuse(node, "names do not begin with an underscore")
            if node.id in self.functions:
                raise self.refuse(node, f"{node.id} is a function: write {node.id}(…)")
            if node.id not in CONSTANTS and node.id not in self.names:
                self.names.append(node.id)
            return
        if isinstance(node, ast.Call):
            self._check_call(node)
            parts: Iterable[ast.AST] = [*node.args, *(keyword.value for keyword in node.keywords)]
        elif isinstance(node, OPERATORS):
            return
        elif isinstance(node, CONTAINERS):
            parts = ast.iter_child_nodes(node)
        else:
            raise self.refuse(node, f"{WORDS.get(type(node), type(node).__name__)} are not allowed in an expression")
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
            self._check_power(node)
        for part in parts:
            self._check(part, depth + 1)

    def _check_call(self, node: ast.Call) -> None:
        if not isinstance(node.func, ast.Name):
            raise self.refuse(node.func, "only functions with a plain name are called, without a module before it")
        if node.func.id not in self.functions:
            raise self.refuse(node.func, f"there is no function {node.func.id}")
        for keyword in node.keywords:
            if keyword.arg not in ("axis", "ord"):
                raise self.refuse(keyword.value, f"the argument {keyword.arg}= is not allowed")

    def _check_power(self, node: ast.BinOp) -> None:
        """Powers of whole numbers are exact in Python, and grow without end: such are computed in floating point."""
        exponent = node.right.operand if isinstance(node.right, ast.UnaryOp) else node.right
        if isinstance(exponent, ast.BinOp) and not any(isinstance(part, (ast.Name, ast.Call)) for part in ast.walk(node)):
            raise self.refuse(node.right, "is a huge power of whole numbers; write it with a point (9.0)")
        if isinstance(exponent, ast.Constant) and isinstance(exponent.value, int) and exponent.value > BIGGEST:
            raise self.refuse(node.right, f"an exponent above {BIGGEST} is refused")

    def function(self, convert: Callable[[str], Any] | None = None, is_precise: bool = False) -> Callable[..., Any]:
        """A function of the variables, in the order of ``names``. ``convert`` makes a number of a literal."""
        given, named = convert or float, dict[str, Any](CONSTANTS)
        if is_precise and convert is not None:
            mpmath = importlib.import_module("mpmath")
            named |= {"pi": +mpmath.pi, "e": +mpmath.e, "tau": 2 * mpmath.pi}

        tree = ast.fix_missing_locations(Numbers().visit(ast.parse(self.text, mode="eval")))
        code = compile(tree, "<expression>", "eval")

        def expression(*values: Any) -> Any:
            scope = {**named, **self.functions, "_number": given, **dict(zip(self.names, values)), "__builtins__": {}}
            return eval(code, scope)  # every node of it has passed

        return expression


def literal(text: str, convert: Callable[[str], Any] = float) -> Any:
    """The value of ``x=…``: a number, or a (nested) list of numbers as an array."""
    tree = Expression(text).tree.body

    def value(node: ast.AST) -> Any:
        if isinstance(node, (ast.List, ast.Tuple)):
            return [value(item) for item in node.elts]
        sign = 1
        while isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
            sign, node = -sign if isinstance(node.op, ast.USub) else sign, node.operand
        if isinstance(node, ast.Name) and node.id in CONSTANTS:
            return sign * convert(repr(CONSTANTS[node.id]))
        if not isinstance(node, ast.Constant):
            raise ExpressionError("a number or a list of numbers is wanted here", text, getattr(node, "col_offset", 0))
        return sign * convert(ast.get_source_segment(text.strip(), node) or "nan")

    found = value(tree)
    return np.array(found) if isinstance(found, list) else found

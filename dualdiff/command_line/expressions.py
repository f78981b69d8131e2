"""Expressions as users type them: parsed, checked node by node, and only then evaluated.

Arithmetic, comparisons, names, calls of known functions, indexing, and number or list literals pass. Anything else is refused
with the place where it stands; nothing is ever handed to Python that has not been checked.
"""

from __future__ import annotations

import ast
import copy
import difflib
import importlib
import math as constants
import operator
import re
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from dualdiff.command_line.functions import array, bounded, functions
from dualdiff.errors import NotDifferentiableError

LONGEST, DEEPEST, BIGGEST = 10_000, 60, 10_000  # characters, nesting, the largest exponent of a literal
CONSTANTS = {"pi": constants.pi, "e": constants.e, "tau": constants.tau, "inf": constants.inf, "nan": constants.nan}
OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult, ast.USub, ast.UAdd,
             ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq, ast.Load)
CONTAINERS = (ast.Expression, ast.BinOp, ast.UnaryOp, ast.Compare, ast.IfExp, ast.Subscript, ast.Slice, ast.List, ast.Tuple)
WORDS = {ast.Attribute: "attributes", ast.Lambda: "functions", ast.NamedExpr: "assignments", ast.Dict: "dictionaries",
         ast.ListComp: "loops", ast.GeneratorExp: "loops", ast.SetComp: "loops", ast.DictComp: "loops", ast.Set: "sets",
         ast.JoinedStr: "texts", ast.Starred: "starred arguments", ast.Await: "await", ast.BoolOp: "and, or",
         ast.Yield: "yield", ast.YieldFrom: "yield"}
REWRITES = {ast.BitXor: "a power is written **", ast.Not: "not is not allowed in an expression; compare with ==",
            ast.BitAnd: "& is not allowed in an expression", ast.BitOr: "| is not allowed in an expression",
            ast.LShift: "<< is not allowed in an expression", ast.RShift: ">> is not allowed in an expression",
            ast.Invert: "~ is not allowed in an expression"}


class ExpressionError(ValueError):
    """What is wrong with an expression, and where. ``code`` is the exit code: 2 if it is wrong in itself, 1 if only at a point."""

    def __init__(self, message: str, text: str, column: int, code: int = 2) -> None:
        super().__init__(f"{message}\n  {text}\n  {' ' * column}^")
        self.code = code


class Numbers(ast.NodeTransformer):
    """Literals as numbers of the type asked for, so that no power of whole ones grows without end; not in indices and exponents.

    Lists become arrays.
    """

    def visit_Constant(self, node: ast.Constant) -> Any:
        if isinstance(node.value, complex):
            part = _call("_number", ast.Constant(str(node.value.imag)))
            return ast.copy_location(ast.BinOp(ast.Constant(1j), ast.Mult(), part), node)
        return ast.copy_location(_call("_number", ast.Constant(str(node.value))), node)

    def visit_List(self, node: ast.List) -> Any:
        return ast.copy_location(_call("_array", self.listed(node)), node)

    def visit_Tuple(self, node: ast.Tuple) -> Any:
        return ast.copy_location(_call("_array", self.listed(node)), node)

    def listed(self, node: Any) -> Any:
        elements = [self.listed(item) if isinstance(item, (ast.List, ast.Tuple)) else self.visit(item) for item in node.elts]
        return ast.copy_location(ast.List(elements, ast.Load()), node)

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        node.left = self.visit(node.left)
        if not (isinstance(node.op, ast.Pow) and _is_whole(node.right)):
            node.right = self.visit(node.right)
        return ast.copy_location(_call("_power", node.left, node.right), node) if isinstance(node.op, ast.Pow) else node

    def visit_Subscript(self, node: ast.Subscript) -> Any:
        node.value = self.visit(node.value)
        parts = [part for item in (node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice])
                 for part in (ast.iter_child_nodes(item) if isinstance(item, ast.Slice) else [item])]
        if not all(_is_whole(part) for part in parts):
            node.slice = self.visit(node.slice)
        return node

    def visit_keyword(self, node: ast.keyword) -> Any:
        return node if _is_whole(node.value) else self.generic_visit(node)


def _call(name: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), list(arguments), [])


def _is_whole(node: ast.AST) -> bool:
    inner = node.operand if isinstance(node, ast.UnaryOp) else node
    return isinstance(inner, ast.Constant) and type(inner.value) is int


class Expression:
    """A checked expression. ``names`` are its variables in the order in which they appear."""

    def __init__(self, text: str) -> None:
        self.text = text.strip()
        self.functions = functions()
        if not self.text:
            raise ExpressionError("there is nothing to read", self.text, 0)
        if len(self.text) > LONGEST or len(self.text.splitlines()) > 1:
            raise ExpressionError("the expression is too long, or has more than one line", self.text.splitlines()[0][:70], 0)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of "1(x)": what it says comes later, with a caret
                self.tree = ast.parse(self.text, mode="eval")
        except SyntaxError as error:
            column = min(max((error.offset or 1) - 1, 0), len(self.text))
            why = "the expression comes first, then name=value" if re.match(r"\w+\s*=[^=]", self.text) else error.msg
            raise ExpressionError(f"cannot be read: {why}", self.text, column) from None
        except (ValueError, RecursionError, MemoryError):
            raise ExpressionError("cannot be read", self.text[:70], 0) from None
        self.names: list[str] = []
        self._check(self.tree.body, 0)

    def refuse(self, node: Any, message: str, code: int = 2, after: Any = None) -> ExpressionError:
        """An error with the caret under a node; ``after`` another one, under what follows that."""
        end = getattr(node, "col_offset", 0) if after is None else after.end_col_offset
        column = len(self.text.encode()[:end].decode(errors="ignore"))
        if after is not None:
            column += len(self.text[column:]) - len(self.text[column:].lstrip(" )"))
        return ExpressionError(message, self.text, column, code)

    def column(self, name: str) -> int:
        """Where a variable first stands."""
        found = re.search(rf"(?<!\w){name}(?!\w)", self.text)
        return found.start() if found else 0

    def _check(self, node: ast.AST, depth: int) -> None:
        if depth > DEEPEST:
            raise self.refuse(node, f"is nested more than {DEEPEST} deep")
        if isinstance(node, ast.Constant):
            if not isinstance(node.value, (int, float, complex)) or isinstance(node.value, bool):
                raise self.refuse(node, "only numbers may stand here")
            if abs(node.value) > 1e308:
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
        if isinstance(node, (ast.BinOp, ast.UnaryOp)) and type(node.op) in REWRITES:
            raise self.refuse(node, REWRITES[type(node.op)], after=getattr(node, "left", None))
        if isinstance(node, ast.Compare) and not all(isinstance(op, OPERATORS) for op in node.ops):
            raise self.refuse(node, "only <, <=, >, >=, == and != compare", after=node.left)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
            self._check_power(node)
        for part in parts:
            self._check(part, depth + 1)

    def _check_call(self, node: ast.Call) -> None:
        if not isinstance(node.func, ast.Name):
            raise self.refuse(node.func, "only functions with a plain name are called, without a module before it")
        if node.func.id not in self.functions:
            near = difflib.get_close_matches(node.func.id, self.functions, 1, 0.75)
            raise self.refuse(node.func, f"there is no function {node.func.id}" + (f"; is it {near[0]}?" if near else ""))
        for keyword in node.keywords:
            if keyword.arg not in ("axis", "ord"):
                raise self.refuse(keyword.value, f"the argument {keyword.arg}= is not allowed")

    def _check_power(self, node: ast.BinOp) -> None:
        """Powers of whole numbers are exact in Python, and grow without end: such are computed in floating point."""
        exponent = node.right.operand if isinstance(node.right, ast.UnaryOp) else node.right
        if isinstance(exponent, ast.BinOp) and not any(isinstance(part, (ast.Name, ast.Call)) for part in ast.walk(node)):
            raise self.refuse(node.right, "a tower of powers of whole numbers is refused")
        if isinstance(exponent, ast.Constant) and isinstance(exponent.value, int) and exponent.value > BIGGEST:
            raise self.refuse(node.right, f"an exponent above {BIGGEST} is refused")

    def function(self, convert: Callable[[str], Any] | None = None, is_precise: bool = False) -> Callable[..., Any]:
        """A function of the variables, in the order of ``names``. ``convert`` makes a number of a literal."""
        given, named = convert or float, dict[str, Any](CONSTANTS)
        if is_precise and convert is not None:
            mpmath = importlib.import_module("mpmath")
            named |= {"pi": +mpmath.pi, "e": +mpmath.e, "tau": 2 * mpmath.pi}

        scope = {**named, **self.functions, "_number": given, "_array": array, "_power": operator.pow, "__builtins__": {}}
        if is_precise:
            scope |= {name: bounded(function) for name, function in scope.items() if name in self.functions or name == "_power"}
        code = _compiled(self.tree.body)

        def expression(*values: Any) -> Any:
            return eval(code, {**scope, **dict(zip(self.names, values))})  # every node of it has passed

        expression.scope = scope  # type: ignore[attr-defined]
        return expression

    def evaluated(self, f: Callable[..., Any], values: Sequence[Any]) -> Any:
        """The value of `function` here; an error says which part of the expression it comes from."""
        try:
            return f(*values)
        except FAILURES as error:
            scope = {**f.scope, **dict(zip(self.names, values))}  # type: ignore[attr-defined]
            part, reason = self._culprit(self.tree.body, scope) or (self.tree.body, error)
            raise self.refuse(part, explained(part, reason), 1) from None

    def _culprit(self, node: ast.expr, scope: dict[str, Any]) -> tuple[ast.expr, BaseException] | None:
        """The innermost part that fails."""
        def value(part: ast.expr) -> Any:
            return eval(_compiled(part), scope)

        try:
            value(node)
        except FAILURES as error:
            parts: list[ast.AST] = list(ast.iter_child_nodes(node))
            if isinstance(node, ast.Subscript):
                parts = [node.value]
            if isinstance(node, ast.IfExp):  # only the branch that is taken counts
                inside = self._culprit(node.test, scope)
                if inside is not None:
                    return inside
                parts = [node.body if value(node.test) else node.orelse]
            parts = [part.value if isinstance(part, ast.keyword) else part for part in parts]
            found = (self._culprit(part, scope) for part in parts if isinstance(part, ast.expr) and not isinstance(part, ast.Name))
            return next(filter(None, found), (node, error))
        return None


FAILURES = (ArithmeticError, ValueError, TypeError, IndexError, MemoryError, RecursionError, NotDifferentiableError)


def _compiled(node: ast.expr) -> Any:
    return compile(ast.fix_missing_locations(ast.Expression(Numbers().visit(copy.deepcopy(node)))), "<expression>", "eval")


def explained(part: ast.expr, error: BaseException) -> str:
    """An error of Python's in the words of mathematics."""
    what = f"{part.func.id}(…)" if isinstance(part, ast.Call) and isinstance(part.func, ast.Name) else "this"
    if isinstance(error, OverflowError):
        return f"{what} is too large for the numbers of this computation"
    if isinstance(error, ZeroDivisionError):
        return f"{what} divides by zero here"
    if isinstance(error, ValueError) and "domain error" in str(error):
        return f"{what} is not defined here (outside its domain)"
    return str(error) or type(error).__name__


def literal(text: str, convert: Callable[[str], Any] = float) -> Any:
    """The value of ``x=…``: a number, or what can be computed of numbers (1/3, sqrt(2)); or a (nested) list of them, an array."""
    expression = Expression(text)
    if expression.names:
        raise ExpressionError(f"a number or a list of numbers is wanted here; {expression.names[0]} is neither", expression.text,
                              expression.column(expression.names[0]))
    try:
        found = expression.evaluated(expression.function(convert, convert is not float), ())
    except ExpressionError as error:
        error.code = 2
        raise
    return found

"""Copies of the package in which a compiler has a hand in the scalar arithmetic of Dual. The package itself is not touched.

A copy has a name of its own, so that several can be imported beside ``dualdiff`` and take turns in one process.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType

import dualdiff

HERE = Path(__file__).parent
PLACES = {"dual": "dual.py", "functions": "lanes/functions.py", "operators": "lanes/operators.py", "math": "math.py",
          "series": "series.py", "float_series": "lanes/float_series.py",
          "second_order": "lanes/second_order.py", "rows": "recurrences/rows.py",
          "algebraic": "recurrences/algebraic.py", "exponential": "recurrences/exponential.py",
          "trigonometric": "recurrences/trigonometric.py"}  # the scalar path: what goes through Cython
BASES = {"forward": "forward.py", "series": "lanes/float_series.py"}  # whose slots move: those of Dual can be a compiled type's
OPERATORS = ("add", "radd", "sub", "rsub", "mul", "rmul", "truediv", "rtruediv", "pow", "neg", "abs")
SLOTS = '__slots__ = ("__weakref__", "family")'


# ---- what has to be there ------------------------------------------------------------------------------------------------

def compiler() -> str | None:
    found = os.environ.get("CC", "cc").split()[0]
    header = Path(sysconfig.get_paths()["include"]) / "Python.h"
    return found if shutil.which(found) and header.exists() else None


def has_cython() -> bool:
    return importlib.util.find_spec("Cython") is not None


def missing(needs_cython: bool) -> str:
    """What is not there, in words; empty if all is."""
    lacking = [] if compiler() else ["a C compiler with Python's headers"]
    if needs_cython and not has_cython():
        lacking.append("Cython")
    return " and ".join(lacking)


# ---- building ------------------------------------------------------------------------------------------------------------

def copied(folder: Path, name: str) -> Path:
    """A copy of the package under another name."""
    target = folder / name
    shutil.copytree(Path(dualdiff.__file__).parent, target, ignore=shutil.ignore_patterns("__pycache__"))
    if name != "dualdiff":
        for file in target.rglob("*.py"):
            file.write_text(re.sub(r"\bdualdiff\b", name, file.read_text(encoding="utf8")), encoding="utf8")
    return target


def changed(file: Path, *replacements: tuple[str, str]) -> None:
    """Replace pieces of a source; a piece that is no longer there is an error."""
    text = file.read_text(encoding="utf8")
    for old, new in replacements:
        if old not in text:
            raise ValueError(f"{file.name} has changed: {old!r} is not in it, so this sketch no longer fits")
        text = text.replace(old, new)
    file.write_text(text, encoding="utf8")


def compiled(source: Path, target: Path) -> None:
    """A module of Python from C: ``target`` without its suffix."""
    flags = ["-undefined", "dynamic_lookup"] if sys.platform == "darwin" else []
    run([str(compiler()), "-O2", "-fPIC", "-shared", "-ffp-contract=off", "-w", *flags,
         f"-I{sysconfig.get_paths()['include']}", str(source), "-o", str(target) + sysconfig.get_config_var("EXT_SUFFIX")])


def through_cython(file: Path) -> None:
    """The module beside its source, which Python then prefers."""
    run([sys.executable, "-m", "cython", "-3", "-X", "annotation_typing=False", str(file)])
    compiled(file.with_suffix(".c"), file.with_suffix(""))


def run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")


def slots_to_dual(package: Path) -> None:
    """Forward's slots go to its subclasses, so that those of Dual can be a compiled type's."""
    slots = '__slots__ = ("__weakref__", "family", "level", "primal", "tangent")'
    changed(package / BASES["forward"], (slots, "__slots__ = ()"))
    changed(package / BASES["series"], ('("_held", "floats")', '("__weakref__", "family", "level", "primal", "_held", "floats")'))
    changed(package / PLACES["dual"], ("    __slots__ = ()\n", f"    {SLOTS}\n"), ("class Dual(", "class Dual(Scalar, "))


# ---- the variants --------------------------------------------------------------------------------------------------------

def cython_as_it_is(package: Path) -> None:
    """Not a letter changed."""
    for place in PLACES.values():
        through_cython(package / place)


def cython_typed(package: Path) -> None:
    """The same source, its arithmetic the methods of an extension type."""
    give_types(package)
    cython_as_it_is(package)


def give_types(package: Path) -> None:
    """``cython.cclass``, slots in C, casts; nothing else."""
    slots_to_dual(package)
    file = package / PLACES["dual"]
    methods, rest = taken_out(file.read_text(encoding="utf8"), "Dual", [f"__{name}__" for name in OPERATORS])
    methods = re.sub(r"\bother\.(primal|tangent|level)\b", r"cython.cast(Scalar, other).\1", methods)
    methods += "    def __rpow__(self, other):\n        return Operand.__rpow__(self, other)\n"  # a C type has both, or hides it
    fields = "".join(f"    {part} = cython.declare({kind}, visibility='public')\n" for part, kind in
                     (("primal", "object"), ("tangent", "object"), ("level", "cython.longlong")))
    file.write_text(rest, encoding="utf8")
    changed(file, ("import numpy as np\n", "import cython\nimport numpy as np\n"),
            ("class Dual(Scalar, ", f"@cython.cclass\nclass Scalar:\n{fields}\n{methods}\n\nclass Dual(Scalar, "),
            ("result = new()", "result = cython.cast(Scalar, Scalar.__new__(Dual))"))


def taken_out(text: str, name: str, methods: Sequence[str]) -> tuple[str, str]:
    """These methods of a class, and the source without them."""
    (found,) = (node for node in ast.parse(text).body if isinstance(node, ast.ClassDef) and node.name == name)
    spans = {node.name: (node.lineno - 1, node.end_lineno) for node in found.body if isinstance(node, ast.FunctionDef)}
    if absent := [method for method in methods if method not in spans]:
        raise ValueError(f"{name} has changed: it has no {', '.join(absent)}, so this sketch no longer fits")
    lines = text.splitlines(keepends=True)
    taken = ["".join(lines[slice(*spans[method])]) + "\n" for method in methods]
    inside = {number for method in methods for number in range(*spans[method])}  # type: ignore[arg-type]
    return "".join(taken), "".join(line for number, line in enumerate(lines) if number not in inside)


def c_type(package: Path) -> None:
    """scalar.c as Dual's first base; Dual's own operators are what it falls back to."""
    slots_to_dual(package)
    compiled(HERE / "scalar.c", package / "scalar")
    changed(package / PLACES["dual"],
            ("class Dual(Scalar, ", f"from {package.name}.scalar import Scalar, dual as made, take_over\n\n\nclass Dual(Scalar, "),
            ("\ndual = Dual.make\n", "\ntake_over(Dual, Operand)\ndual = Dual.make = made\n"))
    changed(package / PLACES["functions"],
            ("\nFunction = ", f"\nimport copyreg\nfrom {package.name}.scalar import Function as Native, function as native\n\n"
                             "copyreg.pickle(Native, lambda f: f.__name__)\nFunction = "),
            ("    return function\n\n\ndef of_two(",
             "    def careful(along, primal, at):\n        return term(along, on_floats(rule, 0, primal, (at,)))\n\n"
             "    if callable(partial):\n        function = native(compute, partial, from_output, floats, careful, function)\n"
             "    return function\n\n\ndef of_two("))


VARIANTS: dict[str, tuple[str, bool, Callable[[Path], None]]] = {  # name: that of the copy, whether it needs Cython, how to build
    "Cython, the source as it is": ("dualdiff_cython", True, cython_as_it_is),
    "Cython, an extension type": ("dualdiff_typed", True, cython_typed),
    "C type": ("dualdiff_c", False, c_type),
}


def built(variant: str, folder: Path, name: str | None = None) -> ModuleType:
    """The package in this variant, imported; ``name`` is that of the copy."""
    own_name, needs_cython, build = VARIANTS[variant]
    if missing(needs_cython):
        raise RuntimeError(f"{variant} needs {missing(needs_cython)}")
    build(copied(folder, name or own_name))
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    return importlib.import_module(name or own_name)

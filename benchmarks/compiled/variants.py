"""Copies of the package in which a compiler has a hand in the scalar arithmetic of Dual. The package itself is not touched.

A copy has a name of its own, so that several can be imported beside ``dualdiff`` and take turns in one process.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import dualdiff

HERE = Path(__file__).parent
ARITHMETIC = ("    # ---- scalar arithmetic ----\n", "    @classmethod\n    def lift(")  # where it begins and ends in dual.py
MODULES = ("dual.py", "math.py", "series.py", "recurrences.py")  # the scalar path: what goes through Cython
OPERATORS = ("add", "radd", "sub", "rsub", "mul", "rmul", "truediv", "pow", "neg")


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
    changed(package / "forward.py", (slots, "__slots__ = ()"))
    changed(package / "series.py", ("    __slots__ = ()\n", f"    {slots}\n"))


# ---- the variants --------------------------------------------------------------------------------------------------------

def cython_as_it_is(package: Path) -> None:
    """Not a letter changed."""
    for name in MODULES:
        through_cython(package / name)


def cython_typed(package: Path) -> None:
    """The same source, its arithmetic the methods of an extension type: ``cython.cclass``, slots, casts; nothing else."""
    slots_to_dual(package)
    text = (package / "dual.py").read_text(encoding="utf8")
    head, _, rest = text.partition("class Dual(Display, Forward):")
    start, stop = (rest.index(mark) for mark in ARITHMETIC)
    arithmetic = re.sub(r"\bother\.(primal|tangent|level)\b", r"cython.cast(Scalar, other).\1", rest[start:stop])
    arithmetic = arithmetic.replace("new(Dual)", "cython.cast(Scalar, Scalar.__new__(Dual))")
    arithmetic += "".join(f"    def {name}(self, other):\n        return Operand.{name}(self, other)\n\n"
                          for name in ("__rtruediv__", "__rpow__"))  # a C type has both of a pair, or its own would hide them
    fields = "".join(f"    {part} = cython.declare({kind}, visibility='public')\n" for part, kind in
                     (("primal", "object"), ("tangent", "object"), ("level", "cython.longlong")))
    rest = (rest[:start] + rest[stop:]).replace("    __slots__ = ()\n", '    __slots__ = ("__weakref__", "family")\n', 1)
    rest = rest.replace("new(Dual)", "Dual.__new__(Dual)")
    head = head.replace("import numpy as np\n", "import cython\nimport numpy as np\n", 1)
    (package / "dual.py").write_text(f"{head}@cython.cclass\nclass Scalar:\n{fields}\n{arithmetic}\n\n"
                                     f"class Dual(Scalar, Display, Forward):{rest}", encoding="utf8")
    for name in MODULES:
        through_cython(package / name)


def c_type(package: Path) -> None:
    """scalar.c as Dual's first base; Dual's own operators are what it falls back to."""
    slots_to_dual(package)
    compiled(HERE / "scalar.c", package / "scalar")
    changed(package / "dual.py",
            ("class Dual(Display, Forward):", f"from {package.name}.scalar import Scalar, dual, take_over\n\n\n"
                                              "class Dual(Scalar, Display, Forward):"),
            ("    __slots__ = ()\n", '    __slots__ = ("__weakref__", "family")\n'),
            ("new(Dual)", "Dual.__new__(Dual)"),
            ("\n\ndef dual(", "\n\ntake_over(Dual, Forward, floats)\n"
                              f"for _name in {OPERATORS}:\n"
                              "    delattr(Dual, f'__{_name}__')\n\n\ndef _in_python("))
    changed(package / "math.py",
            ("        return general(function, native, entry, (x,))\n\n    return named(function, native)\n",
             "        return general(function, native, entry, (x,))\n\n    named(function, native)\n"
             "    if scalar is None or not callable(scalar.partials[0]):\n        return function\n"
             f"    import copyreg\n\n    from {package.name}.scalar import function as compiled\n\n"
             "    result = compiled(native, scalar.partials[0], scalar.from_output, function)\n"
             "    copyreg.pickle(type(result), lambda f: f.__name__)\n    return result\n"))


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

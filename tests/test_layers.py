"""Who imports whom: every module stands in a layer and imports from layers below it, or beside it without a cycle."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import dualdiff

ROOT = Path(dualdiff.__file__).parent
LAYERS = [
    "errors levels structures memory quiet",
    "numbers",
    "rules",
    "arguments calls tangents strong array_methods operand partials plain_value",
    "aliasing forward display recurrences construction lanes",
    "dual series tape",
    "transforms.hints transforms.passes transforms.results transforms.selection transforms.seeding transforms.signatures "
    "transforms.wrapper",
    "transforms",
    "backward reverse",
    "",  # whatever is built on the transforms: check, trace, math, …; a module that is not named here stands here
    "__init__ __main__",
]
TOOLS = len(LAYERS) - 2
OPTIONAL = {"mpmath", "scipy", "sympy", "matplotlib", "IPython"}


def layer_of(module):
    """That of the module if it is named, else that of its package."""
    layers = {name: i for i, names in enumerate(LAYERS) for name in names.split()}
    return layers.get(module, layers.get(module.partition(".")[0], TOOLS))


def modules():
    return {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in sorted(ROOT.rglob("*.py"))}


MODULES = modules()


def resolved(name, imported):
    """``from dualdiff.rules import table`` as the modules that it loads."""
    inside = name.removeprefix("dualdiff").removeprefix(".")
    for item in imported:
        full = f"{inside}.{item}".removeprefix(".")
        yield next((m for m in (full, f"{full}.__init__", inside, f"{inside}.__init__".removeprefix(".")) if m in MODULES), full)


def imports_of(module):
    """(imported module, whether inside a function) for every import of this package; names of other packages at module level."""
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    typing_only = {id(node) for test in ast.walk(tree) if isinstance(test, ast.If) and "TYPE_CHECKING" in ast.dump(test.test)
                   for statement in test.body for node in ast.walk(statement)}
    hidden = {id(node) for function in ast.walk(tree) if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
              for node in ast.walk(function)}
    ours, others = set(), set()
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module}: relative import"
            if node.module.partition(".")[0] == "dualdiff":
                ours |= {(found, id(node) in hidden) for found in resolved(node.module, [alias.name for alias in node.names])}
            elif id(node) not in hidden:
                others.add(node.module.partition(".")[0])
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.partition(".")[0] == "dualdiff":
                    ours |= {(found, id(node) in hidden) for found in resolved(alias.name, [""])}
                elif id(node) not in hidden:
                    others.add(alias.name.partition(".")[0])
    return ours, others


GRAPH = {module: imports_of(module) for module in MODULES}


def test_the_graph_is_read_correctly():
    assert len(MODULES) > 30
    assert ("arguments", False) in GRAPH["operand"][0]
    assert ("rules.table", False) in GRAPH["rules.shapes"][0]
    assert ("numbers.floats", False) in GRAPH["numbers.__init__"][0]
    assert "numpy" in GRAPH["dual"][1]
    for names in LAYERS:
        for name in names.split():
            assert any(name in (module, module.partition(".")[0]) for module in MODULES), f"there is no {name}"


@pytest.mark.parametrize("module", MODULES)
def test_imports_go_down(module):
    for other, _ in GRAPH[module][0]:
        assert layer_of(other) <= layer_of(module), (
            f"{module} imports {other}, which stands above it" + (" (name it in LAYERS)" if layer_of(other) == TOOLS else ""))


def test_the_operands_do_not_know_each_other():
    operands = {"dual", "series", "tape"}
    for module in (m for m in MODULES if m.partition(".")[0] in operands):
        seen, left = set(), [module]
        while left:
            for other, _ in GRAPH[left.pop()][0]:
                if other not in seen:
                    seen.add(other)
                    left.append(other)
        assert not {other.partition(".")[0] for other in seen} & operands - {module.partition(".")[0]}


def test_the_rules_know_none_of_their_readers():
    for module in MODULES:
        if module.startswith("rules"):
            assert {other.partition(".")[0] for other, _ in GRAPH[module][0]} <= {"rules", "numbers", "errors", "memory"}
        if module.startswith("numbers"):
            assert {other.partition(".")[0] for other, _ in GRAPH[module][0]} <= {"numbers"}


def test_there_are_no_cycles():
    done, path = set(), []

    def visit(module):
        assert module not in path, " → ".join([*path[path.index(module):], module])
        if module in done:
            return
        path.append(module)
        for other, hidden in sorted(GRAPH[module][0]):
            if not hidden and not (module.endswith("__init__") and other == module):
                visit(other)
        path.pop()
        done.add(module)

    for module in MODULES:
        visit(module)


def loads(module):
    """The packages that importing ``module`` loads at module level, through this package's modules."""
    found, left, seen = set(), [module], set()
    while left:
        current = left.pop()
        seen.add(current)
        found |= GRAPH[current][1]
        left += [other for other, hidden in GRAPH[current][0] if not hidden and other not in seen]
    return found


def test_no_import_hides_in_a_function_except_for_optional_packages():
    for module, (ours, _) in GRAPH.items():
        for other, hidden in ours:
            assert not hidden or loads(other) & OPTIONAL, f"{module} imports {other} inside a function without need"


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()


def test_importing_dualdiff_loads_numpy_and_nothing_heavy():
    code = f"""
import sys, numpy
before = set(sys.modules)
import dualdiff
def heavy(): return sorted(set(name.partition('.')[0] for name in sys.modules) & {OPTIONAL | {'pandas'}!r})
print(*heavy())
dualdiff.hessian(lambda x: numpy.sum(numpy.sin(x) ** 2.5))(numpy.ones(3))
dualdiff.derivative(lambda x: x * 2)(1.0)
print(*heavy())
print(*sorted(name for name in set(sys.modules) - before if name.startswith(('concurrent', 'multiprocessing', 'asyncio'))))
"""
    assert run(code) == []

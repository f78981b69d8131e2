"""What three ways of compiling would bring to scalar code: Cython, a C type, and recording to straight-line Python.

    python benchmarks/compiled_variants.py [--quick] [results folder]

Writes compiled_variants.md. The sketches are in benchmarks/compiled/, and are built in a temporary directory: the package does not
use them. Cython, num-dual and fastdual take part where they are installed, the C type where there is a compiler.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

import dualdiff
from compiled import notes, recording, variants
from contestants import CONTESTANTS, Unsupported, listed, plain
from peers import flat
from progress import progress
from report import heading, ratio, table
from timing import seconds, text
from workloads import Workload, namespace, workloads

CLOCK = time.perf_counter
EXACT = 1e-13  # relative to the largest entry: a sum in another order may differ in the last bits
BESIDE = ("num-dual", "fastdual")
TESTS = ("test_scalar_operators.py", "test_dual.py", "test_nesting.py", "test_math.py")
Call = Callable[[], Any]


@dataclass
class Way:
    """One way of computing the derivatives: how it is called, and what its making cost."""

    name: str
    make: Callable[[Workload], Call]
    cost: str = ""
    cells: dict[str, str] = field(default_factory=dict)  # by workload: the ratio, or a word why there is none


# ---- the ways ------------------------------------------------------------------------------------------------------------

def by_package(package: ModuleType, w: Workload) -> Call:
    """As a user of ``package`` would write it; it is dualdiff, or a copy of it."""
    f, x = w.make(namespace(package.math, stack=list)), listed(w.point)
    derivative, gradient, jacobian, hessian = (getattr(package, name)(f) for name in
                                               ("derivative", "gradient", "jacobian", "hessian"))
    return {"derivative": lambda: derivative(x), "jacobian": lambda: jacobian(x), "hessian": lambda: (gradient(x), hessian(x)),
            "tenth": lambda: package.derivatives(f, x, 10)[10]}[w.kind]


def by_recording(costs: dict[str, str], w: Workload) -> Call:
    def make(functions: Any) -> Any:
        return w.make(namespace(functions, stack=list))

    x = listed(w.point)
    start = CLOCK()
    transforms = {"derivative": recording.derivative, "jacobian": recording.jacobian, "hessian": recording.hessian,
                  "tenth": partial(recording.derivative, n=10)}
    recorded, source = transforms[w.kind](make, x)
    lines = source.count("\n")
    costs[w.name] = f"{w.name}: {text(CLOCK() - start)}, {lines:,} lines"
    return (lambda: recorded(*x)) if isinstance(x, list) else (lambda: recorded(x))


def found_ways(folder: Path, quick: bool) -> tuple[list[Way], list[str], dict[str, str]]:
    """All ways that can be gone here, and in words those that cannot; with what recording cost, which is filled in later."""
    ways, absent = [Way("dualdiff as it is", partial(by_package, dualdiff))], []
    for name, (_, needs_cython, _) in variants.VARIANTS.items():
        if quick and needs_cython:
            absent.append(f"{name}: not in a quick run")
            continue
        if variants.missing(needs_cython):
            absent.append(f"{name}: needs {variants.missing(needs_cython)}")
            continue
        start = CLOCK()
        try:
            package = variants.built(name, folder)
        except (RuntimeError, ValueError) as error:
            absent.append(f"{name}: {error}")
        else:
            ways.append(Way(name, partial(by_package, package), f"built in {text(CLOCK() - start)}"))
    costs: dict[str, str] = {}
    ways.append(Way("recorded", partial(by_recording, costs)))
    for contestant in CONTESTANTS:
        if contestant.name in BESIDE:
            if contestant.version is None:
                absent.append(f"{contestant.name}: not installed")
            else:
                ways.append(Way(f"{contestant.name} {contestant.version}", contestant.make))
    return ways, absent, costs


# ---- measuring -----------------------------------------------------------------------------------------------------------

def idle(w: Workload) -> Call:
    """dualdiff's transform of a function that does nothing: its own work, which no compiled arithmetic touches."""
    def make(ns: Any) -> Any:
        return (lambda x: x[0]) if w.kind == "hessian" else (lambda x: x)

    return by_package(dualdiff, Workload(w.name, w.kind, make, w.point, scalar=True))


def compared(w: Workload, ways: Sequence[Way], budget: float) -> tuple[float, float, dict[str, float]]:
    """Times of the plain function, of the transform around it, and of each way whose answer is that of dualdiff."""
    f, x = plain(w), listed(w.point)
    calls: dict[str, Call] = {"plain": lambda: f(x), "idle": idle(w)}
    expected = flat(by_package(dualdiff, w)())
    for way in ways:
        try:
            call = way.make(w)
            answer = flat(call())
        except Unsupported as reason:
            way.cells[w.name] = str(reason)
        except Exception as error:  # another package says in its own way that it cannot
            way.cells[w.name] = f"fails: {type(error).__name__}"
        else:
            fits = answer.shape == expected.shape
            error = np.max(np.abs(answer - expected)) / np.max(np.abs(expected)) if fits else np.inf
            if error <= EXACT:
                calls[way.name] = call
            else:
                way.cells[w.name] = f"wrong: by {error:.0e}"
    best = seconds(calls, budget)
    for name in calls:
        for way in ways:
            if way.name == name:
                way.cells[w.name] = ratio(best[name] / best["plain"])
    return best["plain"], best["idle"], best


def tested(name: str, folder: Path) -> str:
    """What the package's own tests say of a variant."""
    place = folder / f"tests of {name}"
    place.mkdir()
    variants.VARIANTS[name][2](variants.copied(place, "dualdiff"))
    shutil.copytree(Path(__file__).parent.parent / "tests", place / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "ignore",
                           *(f"tests/{file}" for file in TESTS)],
                          cwd=place, env={**os.environ, "PYTHONPATH": str(place)}, capture_output=True, text=True)
    lines = done.stdout.splitlines() or ["no tests ran"]
    failed = [line.split("::")[1].split(" - ")[0] for line in lines if line.startswith("FAILED")]
    return lines[-1].partition(" in ")[0].strip("= ") + (f" ({', '.join(failed)})" if failed else "")


# ---- the report ----------------------------------------------------------------------------------------------------------

def run(found: Sequence[Workload], folder: Path, budget: float, quick: bool, command: str) -> str:
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as scratch:
        ways, absent, costs = found_ways(Path(scratch), quick)
        times = {w.name: compared(w, ways, budget) for w in progress(found, "workloads")}
        verdicts = {} if quick else {way.name: tested(way.name, Path(scratch)) for way in ways if way.name in variants.VARIANTS}
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg()) if hasattr(os, "getloadavg") else "unknown"
    header = ["", *(str(k) for k in range(1, len(found) + 1))]
    ratios = [[way.name, *(way.cells[w.name] for w in found)] for way in ways]
    around = ["the transform alone", *(ratio(times[w.name][1] / times[w.name][0]) for w in found)]
    factors = [[way.name, *(ratio(best[ways[0].name] / best[way.name]) if way.name in best else "–"
                            for _, _, best in times.values())] for way in ways[1:]]
    result = "\n\n".join([
        heading("What compiling would bring to scalar code", command),
        f"Load of the machine at the end (1, 5, 15 minutes): {load}. Each answer was compared with dualdiff's before it was timed: "
        f"more than {EXACT:.0e} of the largest entry away is shown as wrong. None of these ways is part of the package; the "
        "sketches are in benchmarks/compiled/.",
        "## Ratios to the plain function\n\n" + "\n".join(f"{k}. {w.name} (plain: {text(times[w.name][0])})"
                                                        for k, w in enumerate(found, 1)),
        table(header, [*ratios, around]),
        "The last line is dualdiff as it is on a function that does nothing: the seeds, passes and results of the transform, "
        "which compiled arithmetic leaves as they are.",
        "## Times faster than dualdiff as it is\n\n" + table(header, factors),
        "## What each cost to make\n\n" + "\n".join(
            [*(f"- {way.name}: {way.cost}." for way in ways if way.cost), *(f"- recorded, {cost}." for cost in costs.values()),
             *(f"- Not measured: {reason}." for reason in absent)]),
        *(["## What the package's own tests say\n\n" + f"{', '.join(TESTS)}, with the variant in place of the package:\n\n"
           + "\n".join(f"- {name}: {verdict}." for name, verdict in verdicts.items())] if verdicts else []),
        notes.TEXT.strip()]) + "\n"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "compiled_variants.md").write_text(result, encoding="utf8")
    return result


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", nargs="?", type=Path, default=Path(__file__).parent / "results", help="folder to write to")
    parser.add_argument("--quick", action="store_true", help="smaller workloads, without Cython: a few seconds")
    options = parser.parse_args(argv)
    command = "python benchmarks/compiled_variants.py" + " --quick" * options.quick
    chosen = [w for w in workloads(options.quick) if w.scalar]
    print(run(chosen, options.results, 0.02 if options.quick else 1.5, options.quick, command))


if __name__ == "__main__":
    main()

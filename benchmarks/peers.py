"""dualdiff beside what one would pick instead, on eleven things that people need: each package where it is installed.

    python benchmarks/peers.py [--quick] [--write] [results folder]

Writes peers.md; with ``--write`` also its main columns into README.md (``--write --from-report``: those of the peers.md that is
there, without measuring). Every answer is compared with the others before it is timed; a wrong one is shown as wrong.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy: waking threads for small products measures the scheduler
os.environ.setdefault("MKL_NUM_THREADS", "1")

import numpy as np

import contestants_other  # noqa: F401, enters its contestants
import readme
from contestants import CONTESTANTS, Unsupported, listed, plain
from progress import progress
from report import heading, ratio, table
from timing import seconds, text
from workloads import Workload, workloads

EXACT, APPROXIMATE = 1e-9, 1e-3  # the largest differences, relative to the largest entry, that are no errors
CLOCK = time.perf_counter
SHOWN = ("dualdiff", "dualdiff, chunks", "autograd", "JAX, jit", "PyTorch", "num-dual", "fastdual", "dualpy", "numdifftools",
         "central differences")  # in README.md: those of benchmarks/support.py


@dataclass
class Result:
    """What one contestant did on one workload: a ratio, or a word why not."""

    word: str = ""
    call: Any = None
    answer: np.ndarray | None = None
    error: float = np.nan
    seconds: float = np.nan
    ratio: float = np.nan

    def __str__(self) -> str:
        return self.word or ratio(self.ratio)


def flat(answer: Any) -> np.ndarray:
    """The numbers of an answer, in order."""
    if isinstance(answer, (tuple, list)):
        return np.concatenate([flat(part) for part in answer]) if answer else np.zeros(0)
    return np.ravel(np.asarray(answer, dtype=float))


def answered(w: Workload, make: Any, longest: float) -> Result:
    """A contestant's answer, not yet timed."""
    try:
        call = make(w)
        start = CLOCK()
        answer = flat(call())
        if CLOCK() - start > longest:
            start = CLOCK()
            call()  # the first may have compiled
            if CLOCK() - start > longest:
                return Result(f"takes more than {longest:g} s", None, answer)
        return Result("", call, answer)
    except Unsupported as reason:
        return Result(str(reason))
    except Exception as error:  # a package that cannot do it says so in its own way
        return Result(f"fails: {type(error).__name__}")


def judged(results: dict[str, Result]) -> None:
    """Compare the answers: the reference is the median, entry by entry, of the exact contestants' ones."""
    exact = {c.name for c in CONTESTANTS if c.exact}
    answers = [r.answer for name, r in results.items() if r.answer is not None and name in exact]
    sizes = [len(a) for a in answers]
    size = max(set(sizes), key=sizes.count)
    reference = np.median([a for a in answers if len(a) == size], axis=0)
    scale = np.max(np.abs(reference))
    for name, result in results.items():
        if result.answer is None:
            continue
        fits = len(result.answer) == size
        result.error = float(np.max(np.abs(result.answer - reference)) / scale) if fits else np.inf
        if not result.error <= (EXACT if name in exact else APPROXIMATE):
            result.word = f"wrong: {'shape' if not fits else 'nan' if np.isnan(result.error) else f'by {result.error:.0e}'}"
        result.answer = None  # a Jacobian of a million rows each


def compared(w: Workload, budget: float, longest: float) -> tuple[float, dict[str, Result]]:
    """The time of the plain function, and what each contestant did."""
    results = {c.name: answered(w, c.make, longest) if c.version is not None else Result("absent") for c in CONTESTANTS}
    judged(results)
    f, x = plain(w), listed(w.point) if w.scalar else w.point
    calls = {name: r.call for name, r in results.items() if not r.word}
    best = seconds({"plain": lambda: f(x), **calls}, budget)
    for name in calls:
        results[name].seconds, results[name].ratio = best[name], best[name] / best["plain"]
    return best["plain"], results


def started(rounds: int) -> tuple[float, dict[str, Result]]:
    """A first derivative in a fresh process, beside a process that imports NumPy."""
    codes = {"plain": "import numpy", **{c.name: c.startup for c in CONTESTANTS if c.startup and c.version is not None}}
    best = dict.fromkeys(codes, np.inf)
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory() as compiled:  # every package has its bytecode, as after the first import
        environment["PYTHONPYCACHEPREFIX"] = compiled
        for _ in range(rounds + 1):
            for name, code in codes.items():
                start = CLOCK()
                subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, capture_output=True, env=environment)
                best[name] = min(best[name], CLOCK() - start)
    return best["plain"], {c.name: Result(seconds=best[c.name], ratio=best[c.name] / best["plain"]) if c.name in best else
                           Result("absent" if c.version is None else "as above") for c in CONTESTANTS}


def section(title: str, base: float, results: dict[str, Result], what: str) -> str:
    shown = [(name, r) for name, r in results.items() if r.word not in ("absent", "as above")]
    ranked = sorted(shown, key=lambda row: (bool(row[1].word), row[1].ratio))
    rows = [[name, str(r), "" if r.word else text(r.seconds), "" if np.isnan(r.error) else f"{r.error:.0e}"] for name, r in ranked]
    return f"## {title}\n\n{what}: {text(base)}.\n\n" + table(["", "ratio", "time", "difference"], rows)


def run(found: Sequence[Workload], folder: Path, budget: float, longest: float, rounds: int, command: str) -> str:
    warnings.simplefilter("ignore")
    done = [(w.name, *compared(w, budget, longest), "The plain function") for w in progress(found, "packages")]
    done.append(("Start-up: a first derivative in a fresh process", *started(rounds), "A process that imports NumPy"))
    header = ["", *(str(k) for k in range(1, len(done) + 1))]
    summary = table(header, [[c.name, *(str(results[c.name]) if not results[c.name].word else "wrong" if "wrong" in
                                        results[c.name].word else "–" for _, _, results, _ in done)]
                             for c in CONTESTANTS if c.version is not None])
    absent = [c.name for c in CONTESTANTS if c.version is None]
    present = ", ".join(f"{c.name} {c.version}" for c in CONTESTANTS if c.version)
    result = "\n\n".join([
        heading("dualdiff beside other packages", command),
        "A ratio is the time for what is asked divided by the time of the plain Python or NumPy function. Compiling (JAX's jit, "
        "CasADi, SymPy) is done before and not counted; JAX's results are converted to NumPy. Every answer was compared, before "
        "it was timed, with the median of those of the exact contestants (difference: the largest one, relative to the largest "
        f"entry); more than {EXACT:.0e}, or {APPROXIMATE:.0e} for finite differences, is shown as wrong, and not timed.",
        f"Installed: {present}. Absent: {', '.join(absent) or 'none'}.",
        "## All ratios\n\n" + "\n".join(f"{k}. {name}" for k, (name, *_) in enumerate(done, 1)) + "\n\n" + summary,
        *(section(f"{k}. {name}", base, results, what) for k, (name, base, results, what) in enumerate(done, 1))]) + "\n"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "peers.md").write_text(result, encoding="utf8")
    return result


def short(report: str) -> str:
    """The table of README.md, from a report's table of all ratios: workloads downwards, a few contestants across."""
    ratios = report.split("## All ratios")[1].split("\n## ")[0]
    names = [line.partition(". ")[2] for line in ratios.splitlines() if line[:1].isdigit()]
    rows = {cells[0]: cells[1:] for line in ratios.splitlines() if line.startswith("| ")
            for cells in [[cell.strip() for cell in line.strip("|").split("|")]]}
    shown = [name for name in SHOWN if name in rows]
    return table(["", *shown], [[name, *(rows[contestant][k] for contestant in shown)] for k, name in enumerate(names)])


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", nargs="?", type=Path, default=Path(__file__).parent / "results", help="folder to write to")
    parser.add_argument("--quick", action="store_true", help="smaller workloads: a minute or two")
    parser.add_argument("--write", action="store_true", help="put the main columns into README.md")
    parser.add_argument("--from-report", action="store_true", help="measure nothing: take the report that is there")
    options = parser.parse_args(argv)
    command = "python benchmarks/peers.py" + " --quick" * options.quick
    budget, longest, rounds = (0.03, 0.3, 1) if options.quick else (0.3, 3.0, 5)
    if not options.from_report:
        print(run(workloads(options.quick), options.results, budget, longest, rounds, command))
    if options.write:
        readme.write("speed", short((options.results / "peers.md").read_text(encoding="utf8")))


if __name__ == "__main__":
    main()

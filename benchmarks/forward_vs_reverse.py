"""What forward and reverse mode cost, on seven families of functions with n inputs and m outputs.

    python benchmarks/forward_vs_reverse.py [--quick] [--write] [results folder]

Writes forward_vs_reverse.md and three figures; ``--quick`` takes less than a minute, the whole a few; ``--write`` also puts the
table of crossovers into README.md. Every cell also checks that the modes agree.
"""

from __future__ import annotations

import argparse
import math
import os
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy: waking threads for small products measures the scheduler
os.environ.setdefault("MKL_NUM_THREADS", "1")

import numpy as np

import dualdiff as dd
import figures
import readme
from families import FAMILIES, ONE_OUTPUT
from progress import progress
from report import heading, ratio, table
from rivals import gradient, versions
from sweep import MODES, READ_ONLY, TITLES, Cell, crossover, measured
from timing import seconds

CROSSOVER = "## The crossover"
CONSTANTS = (
    "The constants of the functions (a matrix of weights, the data) are ordinary arrays. Reverse mode copies such a constant, for "
    "it needs it later as it was, and anybody may write to it in between. A read-only array it need not copy; what that saves is "
    "shown beside.")
REDEFINED = (
    "Three families are not what they were at first. With one output, the dense layer was one dot product of 9 µs, the product of "
    "matrices two matrix-vector products of 16 µs, and the ODE a ring of one cell, so that the calls were measured and not the "
    "work: a gradient at n = 10⁵ cost 6.7, 14.9 and 14.9 times the function. They now have 64 units, 1,024 entries, and a cell for "
    "each input at least, of which the m outputs are sums. Where a whole function takes some tens of µs, a gradient still costs "
    "100 µs and more, as the rows of small n show.")
RESULTS = Path(__file__).parent / "results"
QUICK = {"line": [1, 4, 16, 64, 256, 4096], "map": [1, 4, 16, 64], "rivals": [1024], "budget": 0.03, "longest": 0.08}
WHOLE = {"line": [1, 2, 4, 8, 16, 32, 64, 128, 256, 1024, 4096, 16384, 10**5], "map": [1, 4, 16, 64, 256],
         "rivals": [16, 1024, 10**5], "budget": 0.15, "longest": 0.2}


def shapes(config: dict) -> list[tuple[str, int, int]]:
    """Every (family, n, m) of the two lines and of the map, once."""
    found = []
    for family in FAMILIES:
        line = [(n, 1) for n in config["line"]]
        if family not in ONE_OUTPUT:
            line += [(1, m) for m in config["line"] if m <= 4096] + [(n, m) for n in config["map"] for m in config["map"]]
        found += [(family, n, m) for n, m in sorted(set(line))]
    return found


def against_rivals(config: dict) -> list[list[str]]:
    """Rows of the table of gradients by other packages, as ratios to the NumPy function."""
    rows = []
    present = [name for name, version in versions().items() if version]
    for family, n in progress([(f, n) for f in FAMILIES for n in config["rivals"]], "other packages"):
        function, x = FAMILIES[family](n, 1)
        own = dd.reverse.gradient(function)
        calls, cells = {"dualdiff": lambda own=own, x=x: own(x)}, {}
        for name in present:
            try:
                call = gradient(name, family, n)
                answer = call()
            except Exception as error:  # a package that cannot do it says so in its own way
                cells[name] = type(error).__name__
                continue
            if not np.allclose(answer, own(x), rtol=1e-10, atol=1e-12):
                cells[name] = "wrong"
            else:
                calls[name] = call
        best = seconds({"primal": lambda function=function, x=x: function(x), **calls}, config["budget"])
        cells |= {name: ratio(best[name] / best["primal"]) for name in calls}
        rows.append([family, f"{n:,}", *(cells.get(name, "absent") for name in ("dualdiff", *versions()))])
    return rows


def line_table(cells: Sequence[Cell], family: str, along: str) -> str:
    other = "m" if along == "n" else "n"
    chosen = [c for c in cells if c.family == family and getattr(c, other) == 1]
    extra = [READ_ONLY] if any(READ_ONLY in c.ratios for c in chosen) and along == "n" else []
    header = [along, *(TITLES[mode] for mode in MODES), *extra, *(f"operations, {mode}" for mode in MODES)]
    return table(header, [[f"{getattr(c, along):,}", *(ratio(c.ratios.get(mode)) for mode in (*MODES, *extra)),
                           *(ratio(c.operations.get(mode)) for mode in MODES)] for c in chosen], left=0)


def crossovers(cells: Sequence[Cell]) -> str:
    """For m = 1, the n from which on reverse is ahead, and what a gradient in very many inputs costs."""
    def told(value: float | None) -> str:
        return "not in this sweep" if value is None else f"{math.floor(value) + 1:,}"

    rows, most = [], max(c.n for c in cells)
    for family in FAMILIES:
        line = [c for c in cells if c.family == family and c.m == 1]
        rows.append([family, *(told(crossover(line, mode)) for mode in ("forward", "chunks")),
                     *(told(crossover(line, mode, counted=True)) for mode in ("forward", "chunks")),
                     ratio(line[-1].ratios.get("reverse")), ratio(line[-1].ratios.get(READ_ONLY)),
                     ratio(line[-1].operations.get("reverse"))])
    return table(["family", "faster than one direction per pass from n =", "than chunks from n =",
                  "fewer operations than one direction per pass from n =", "than chunks from n =",
                  f"gradient at n = {most:,}: time / primal", "with read-only constants", "operations / primal"], rows)


def map_table(cells: Sequence[Cell], family: str, sizes: Sequence[int]) -> str:
    field = {(c.n, c.m): c for c in cells if c.family == family}
    return table(["m \\ n", *map(str, sizes)], [[str(m), *(ratio(field[n, m].advantage) for n in sizes)] for m in sizes])


def load() -> str:
    """How many processes wanted the processors in the last minute, where the system tells."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


def written(cells: Sequence[Cell], rivals: list[list[str]], config: dict, drawn: bool, command: str, loads: str) -> str:
    """The report."""
    names = [f"{name} {version or '(absent)'}" for name, version in versions().items()]
    parts = [heading("Forward and reverse mode", command).strip() + f" The machine's load was {loads}; this run is 1 of it.",
             "A number is the time of a Jacobian divided by the time of the plain function. – means that one Jacobian takes "
             f"more than {config['longest']} s and was left out. The Jacobians of all modes were compared in every cell; the "
             f"largest difference, relative to the largest entry, is {max(c.difference for c in cells):.1e}.",
             "Operations, counted by `dualdiff.cost`, are those of the Jacobian divided by those of the function.",
             CONSTANTS, REDEFINED,
             f"{CROSSOVER}\n\nFor one output (m = 1), reverse mode is the faster one, or has fewer operations, from this n on "
             "(between measured n by a line in the logarithms):\n\n"
             + crossovers(cells)]
    if drawn:
        parts.append("![Cost against n](cost_n.png)\n\n![Cost against m](cost_m.png)\n\n![Who wins](winners.png)")
    parts.append("## Gradients beside other packages (reverse mode, m = 1)\n\n" + "; ".join(names) + ". JAX's compilation is not "
                 "counted; its result is converted to NumPy like PyTorch's.\n\n" +
                 table(["family", "n", "dualdiff", *versions()], rivals))
    for family in FAMILIES:
        parts.append(f"## {family[0].upper() + family[1:]}\n\nCost against n, for m = 1:\n\n" + line_table(cells, family, "n"))
        if family not in ONE_OUTPUT:
            parts.append("Cost against m, for n = 1:\n\n" + line_table(cells, family, "m"))
            parts.append("Time of the faster forward mode / time of reverse (above 1 reverse wins):\n\n"
                         + map_table(cells, family, config["map"]))
    return "\n\n".join(part for part in parts if part) + "\n"


def short(report: str) -> str:
    """The table of the README: that of the crossovers."""
    _, _, rest = report.partition(CROSSOVER)
    return "\n".join(line for line in rest.partition("\n![")[0].partition("\n## ")[0].splitlines() if line.startswith("|"))


def run(config: dict, folder: Path, command: str) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    before = load()
    cells = [measured(*shape, config["budget"], config["longest"]) for shape in progress(shapes(config), "forward and reverse")]
    rivals = against_rivals(config)
    plt = figures.pyplot()
    if plt:
        figures.costs(plt, cells, "n", folder / "cost_n.png")
        figures.costs(plt, cells, "m", folder / "cost_m.png")
        figures.winners(plt, cells, folder / "winners.png")
    else:
        print("Matplotlib is not installed, so there are no figures.")
    text = written(cells, rivals, config, plt is not None, command, f"{before} before and {load()} after")
    (folder / "forward_vs_reverse.md").write_text(text, encoding="utf8")
    return text


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", nargs="?", type=Path, help="folder to write to")
    parser.add_argument("--quick", action="store_true", help="fewer and smaller cells: within a minute")
    parser.add_argument("--write", action="store_true", help="put the table of crossovers into README.md")
    options = parser.parse_args(argv)
    command = "python benchmarks/forward_vs_reverse.py" + " --quick" * options.quick
    folder = options.results or (RESULTS / "quick" if options.quick else RESULTS)
    report = run(QUICK if options.quick else WHOLE, folder, command)
    print(report)
    if options.write:
        readme.write("modes", short(report))


if __name__ == "__main__":
    main()

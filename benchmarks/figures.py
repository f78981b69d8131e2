"""The figures of the comparison of the modes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from families import FAMILIES, ONE_OUTPUT
from sweep import MODES, TITLES, Cell

COLOURS = {"forward": "tab:blue", "chunks": "tab:cyan", "reverse": "tab:red"}


def pyplot():
    """Matplotlib's pyplot drawing to files, or None where it is not installed."""
    try:
        import matplotlib
    except ImportError:
        return None
    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    return plt


def costs(plt, cells: Sequence[Cell], along: str, path: Path) -> None:
    """The cost of a Jacobian against n (for m = 1) or against m (for n = 1): one panel per family, one line per mode."""
    fixed = "m" if along == "n" else "n"
    figure, axes = plt.subplots(2, 4, figsize=(11, 5), sharex=True, sharey=True, layout="constrained")
    for family, ax in zip(FAMILIES, axes.flat):
        line = [c for c in cells if c.family == family and getattr(c, fixed) == 1]
        for mode in MODES:
            points = [(getattr(c, along), c.ratios[mode]) for c in line if mode in c.ratios]
            if points:
                ax.loglog(*zip(*points), ".-", color=COLOURS[mode], lw=1, label=TITLES[mode])
        ax.set_title(family, fontsize=9)
        ax.grid(alpha=0.3)
    handles = axes[0, 0].get_legend_handles_labels()
    axes[1, 3].axis("off")
    axes[1, 3].legend(*handles, loc="center", fontsize=9, frameon=False)
    figure.supxlabel(f"{along} ({'inputs' if along == 'n' else 'outputs'}), for {fixed} = 1", fontsize=10)
    figure.supylabel("time of the Jacobian / time of the primal", fontsize=10)
    figure.savefig(path, dpi=80)
    plt.close(figure)


def winners(plt, cells: Sequence[Cell], path: Path) -> None:
    """Which mode has the Jacobian sooner, on the plane of n and m, and the line on which they are level."""
    families = [f for f in FAMILIES if f not in ONE_OUTPUT]
    figure, axes = plt.subplots(2, 3, figsize=(10, 6), sharex=True, sharey=True, layout="constrained")
    mesh = None
    for family, ax in zip(families, axes.flat):
        field = {(c.n, c.m): np.log2(c.advantage) for c in cells if c.family == family}
        sizes = sorted({n for n, m in field if m > 1} & {m for n, m in field if n > 1})
        if not sizes:
            continue
        grid = np.array([[field.get((n, m), np.nan) for n in sizes] for m in sizes])
        mesh = ax.pcolormesh(sizes, sizes, np.ma.masked_invalid(grid), cmap="RdBu_r", vmin=-5, vmax=5, shading="nearest")
        if len(sizes) > 1 and np.nanmin(grid) < 0 < np.nanmax(grid):
            ax.contour(sizes, sizes, grid, levels=[0], colors="k", linewidths=1.5)
        ax.set(xscale="log", yscale="log", title=family, facecolor="0.8")
        ax.title.set_fontsize(9)
    if mesh is not None:
        bar = figure.colorbar(mesh, ax=axes, ticks=range(-4, 5, 2), shrink=0.8)
        bar.set_label("time of the faster forward mode / time of reverse")
        bar.set_ticklabels(["1/16", "1/4", "1", "4", "16"])
    figure.supxlabel("n (inputs)", fontsize=10)
    figure.supylabel("m (outputs)", fontsize=10)
    figure.suptitle("Red: reverse is ahead. Blue: forward is. Black: the crossover. Grey: left out, taking too long.", fontsize=10)
    figure.savefig(path, dpi=80)
    plt.close(figure)

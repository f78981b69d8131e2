"""What the examples share: a word about packages that are missing, and the look of the figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

FIGURES = Path(__file__).parent / "figures"
BLUE, ORANGE, GREEN, PURPLE, GREY = "#0072b2", "#d55e00", "#009e73", "#aa4499", "#8a8a8a"  # told apart by the colour-blind too

LOOK = {
    "figure.dpi": 110, "figure.facecolor": "white",  # a page of its own: readable on light and dark
    "axes.spines.top": False, "axes.spines.right": False, "axes.edgecolor": GREY, "axes.titlesize": 10, "axes.labelsize": 9,
    "axes.grid": True, "grid.color": "#e6e6e6", "grid.linewidth": 0.6, "axes.axisbelow": True,
    "xtick.labelsize": 8, "ytick.labelsize": 8, "xtick.color": "#444444", "ytick.color": "#444444",
    "legend.fontsize": 8, "legend.frameon": False, "lines.linewidth": 1.6,
}


@contextmanager
def needs(extra: str) -> Iterator[None]:
    """Around an import: where the package is missing, the example ends with a word on what to install."""
    try:
        yield
    except ImportError as error:
        package = (error.name or extra).partition(".")[0]
        raise SystemExit(f"This example needs {package}, which is not installed. In the clone: pip install '.[{extra}]'") from None


def picture(name: str, draw: Callable[..., None], columns: int = 1, rows: int = 1, size: tuple[float, float] = (6, 4)) -> None:
    """Let ``draw(*axes)`` fill figures/NAME.png, where Matplotlib is installed."""
    try:
        import matplotlib
    except ImportError:
        print("\nno picture: Matplotlib is not installed. In the clone: pip install '.[plot]'")
        return
    matplotlib.use("Agg")
    from matplotlib import pyplot
    from PIL import Image  # comes with Matplotlib

    with pyplot.rc_context({**LOOK, "axes.prop_cycle": pyplot.cycler(color=[BLUE, ORANGE, GREEN, PURPLE, GREY])}):
        figure, axes = pyplot.subplots(rows, columns, figsize=size, layout="constrained", squeeze=False)
        draw(*axes.flat)
        figure.savefig(drawn := BytesIO())
        pyplot.close(figure)
    FIGURES.mkdir(exist_ok=True)
    Image.open(drawn).convert("RGB").quantize(128).save(FIGURES / f"{name}.png", optimize=True)  # a third of the size
    print(f"\npicture: examples/figures/{name}.png")

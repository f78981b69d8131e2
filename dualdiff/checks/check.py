"""check_derivatives: forward mode against everybody else.

>>> import numpy as np
>>> from dualdiff import check_derivatives
>>> def decay(b):
...     return b[0] * np.exp(-b[1] * np.array([0.5, 1.0]))
>>> report = check_derivatives(decay, np.array([2.0, 0.3]))
>>> report.ok
True
>>> print(report.rows[1].entry, report.rows[1].forward, report.rows[1].verdict)
∂decay[0]/∂b[1] -0.8607079764250578 agrees
>>> check_derivatives(abs, 0.0).rows[0].why
'f has a kink here: the derivative from the left is -1, from the right 1; forward mode takes the right'
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from dualdiff.checks.behaviour import on_copies, same, writes_to_input
from dualdiff.checks.probes import Probe
from dualdiff.checks.report import KINK, UNVERIFIED, Report, Row
from dualdiff.checks.richardson import Slopes, curvatures, slopes
from dualdiff.checks.verdicts import Case, Sided, is_finite, judge
from dualdiff.numbers import plain
from dualdiff.structures import leaves
from dualdiff.transforms import hessian, jacobian

COMPLEX_STEP = 2.0**-70  # times the input's size: it may be this small, nothing is subtracted


def check_derivatives(f: Callable[..., Any], *args: Any, argnums: Any = 0, argnames: Any = None, n: int = 1, rtol: float = 1e-9,
                      raise_on_error: bool = False, **kwargs: Any) -> Report:
    """Compare forward mode, entry by entry, with methods that know nothing of dualdiff's rules.

    These are: central finite differences, extrapolated to step zero, with an estimate of their error (one-sided ones where f is
    not defined on both sides); for ``n=1`` the complex step, where f takes complex input; and mpmath's numerical differentiation
    of the same unmodified function on numbers of 50 digits.

    Parameters
    ----------
    f : callable
        A function of numbers, arrays, and nested structures of them, as `dualdiff.jacobian` takes.
    *args, **kwargs
        The point to check at, and whatever else ``f`` takes.
    argnums, argnames : int, str or tuple of them
        The arguments to differentiate in, as everywhere in dualdiff.
    n : {1, 2}
        Check first derivatives (the Jacobian) or second ones (the Hessian).
    rtol : float
        The relative error that forward mode may have against mpmath and the complex step. (Finite differences have an error
        estimate of their own.)
    raise_on_error : bool
        Raise ``DerivativeCheckError`` (an AssertionError) unless every entry is confirmed: for tests.

    Returns
    -------
    Report
        With ``.ok``, ``.rows``, ``.worst`` and ``.notes``. The verdict of a row is

        ==============  ==========================================================================================
        agrees          confirmed
        kink            the derivatives from left and right differ, and forward mode gives one of them
        singular        the derivative is infinite or undefined, and forward mode says so
        cancellation    the rules are right, float64 loses digits: with more of them forward mode and mpmath agree
        unverified      no method can tell (not deterministic, noisy, mpmath not available, …); not ok
        DISAGREES       forward mode is contradicted; not ok
        ==============  ==========================================================================================

    Raises
    ------
    DerivativeCheckError
        With ``raise_on_error=True``, if the report is not ok.
    ValueError
        If an entry of the point is infinite or nan.
    Exception
        What forward mode itself raises: a function without a rule, a tangent that would be lost, a wrong argument.

    Examples
    --------
    >>> import dualdiff as dd
    >>> report = dd.check_derivatives(lambda x, y: x**2 * y + y + 2, 3.0, 4.0, argnums=(0, 1))
    >>> print([(row.forward, row.ulp) for row in report.rows])
    [(24.0, 0.0), (10.0, 0.0)]
    """
    if n not in (1, 2):
        raise ValueError(f"n={n!r}: first (1) or second (2) derivatives can be checked")
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        found = Check(f, args, kwargs, argnums, argnames, n, rtol).report()
    if raise_on_error:
        found.raise_if_bad()
    return found


class Check:
    """The parties of one check."""

    def __init__(self, f: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any], argnums: Any, argnames: Any, n: int,
                 rtol: float) -> None:
        self.n, self.rtol = n, rtol
        self.notes: list[str] = []
        self.writes = writes_to_input(f, args, kwargs)
        self.f = on_copies(f) if self.writes else f
        self.call = (self.f, args, kwargs, argnums, argnames)
        self.probe = Probe(*self.call)
        for leaf in self.probe.inputs.leaves:
            if not np.all(np.isfinite(leaf)):
                raise ValueError(f"check_derivatives needs a finite point: around {leaf} there are no differences to compare with")
        self.forward = self.derivatives_of(args, kwargs)
        self.names = self.probe.names()
        self.scale = np.array([np.max(np.abs(row), initial=0.0, where=np.isfinite(row)) for row in self.forward])
        self.is_deterministic = same(self.probe.output, self.probe.run({}))
        self.oracle = self.find_oracle()
        self.precise_forward: Any = None

    def derivatives_of(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        """Forward mode: one row for each output, one column for each input entry (or pair of them)."""
        f, _, _, argnums, argnames = self.call
        transform = (jacobian if self.n == 1 else hessian)(f, argnums=argnums, argnames=argnames)
        blocks = [np.asarray(leaf) for _, leaf in leaves(transform(*args, **kwargs))]
        sizes = self.probe.inputs.sizes
        source = iter(blocks)
        rows = []
        for shape in self.probe.shapes:
            k = int(np.prod(shape))
            if self.n == 1:
                rows.append(np.concatenate([next(source).reshape(k, size) for size in sizes], axis=1))
            else:
                rows.append(np.concatenate([np.concatenate([next(source).reshape(k, a, b) for b in sizes], axis=2) for a in sizes],
                                           axis=1).reshape(k, -1))
        return np.concatenate(rows) if rows else np.zeros((0, self.probe.n**self.n))

    def find_oracle(self) -> Any:
        try:
            from dualdiff.checks.oracle import Oracle  # with mpmath

            return Oracle(*self.call)
        except Exception as error:  # whatever a function does with numbers that it has never seen
            self.notes.append(f"mpmath is not available as an oracle: {_first_line(error)}")
            return None

    # ---- the report ----

    def report(self) -> Report:
        rows: list[Row] = []
        by_entries = []
        columns = list(itertools.product(range(self.probe.n), repeat=self.n))
        for position, entries in enumerate(columns):
            if self.n == 2 and entries[0] < entries[1]:
                continue
            by_entries.append((position, entries, self.statements(position, entries)))
        for k in range(self.probe.m):
            for position, entries, statements in by_entries:
                rows.append(self.row(k, position, entries, statements))
        if not self.is_deterministic:
            self.notes.insert(0, "the function is not deterministic: two calls with the same input gave different values")
        if self.writes:
            self.notes.insert(0, "the function writes to its input")
        kind = "first" if self.n == 1 else "second"
        return Report(f"{kind} derivatives of {self.names[0]}", rows, tuple(dict.fromkeys(self.notes)))

    def statements(self, position: int, entries: tuple[int, ...]) -> tuple[Slopes | Any, Any, Any]:
        """What finite differences, the complex step and mpmath say, each of all the outputs."""
        if self.n == 1:
            differences = slopes(self.probe, entries[0])
        else:
            best, no = curvatures(self.probe, *entries), np.zeros(self.probe.m, bool)
            differences = Slopes(best, best, best, no, no)
        return differences, self.complex_step(entries), self.mpmath(position, entries)

    def complex_step(self, entries: tuple[int, ...]) -> Any:
        """Im f(x + ih)/h, which has no cancellation; None where f does not take complex input or answers in real numbers."""
        if self.n != 1 or np.iscomplexobj(self.probe.point[entries[0]]) or self.probe.is_complex:
            return None
        step = COMPLEX_STEP * (float(abs(self.probe.point[entries[0]])) or 1.0)
        try:
            value = self.probe.value({entries[0]: 1j * step})
        except Exception as error:
            self.notes.append(f"the complex step is not possible: {_first_line(error)}")
            return None
        if not np.iscomplexobj(value):
            return None
        return value.imag / step

    def mpmath(self, position: int, entries: tuple[int, ...]) -> Any:
        if self.oracle is None:
            return None
        try:
            return [self.oracle_of(k, position, entries) for k in range(self.probe.m)]
        except Exception as error:
            self.notes.append(f"mpmath is not available as an oracle: {_first_line(error)}")
            self.oracle = None
            return None

    def oracle_of(self, k: int, position: int, entries: tuple[int, ...]) -> Sided:
        """mpmath on one entry; with more digits if forward mode knows a derivative too small to be seen in those of f."""
        found: Sided = self.oracle.answer(k, entries)
        forward = self.forward[k, position]
        if np.isfinite(forward) and forward != 0 and self.oracle.is_drowned(forward, self.probe.value({})[k], entries):
            found = self.oracle.answer(k, entries, digits=self.oracle.MANY_DIGITS)
        return found

    def row(self, k: int, position: int, entries: tuple[int, ...], statements: tuple[Any, Any, Any]) -> Row:
        differences, complex_step, oracle = statements
        forward = self.forward[k, position][()]
        best, left, right = ((limit.value[k], limit.error[k]) for limit in differences[:3])
        answered = bool(np.isfinite(best[1]))
        error = float(best[1] if not differences.is_kink[k] else left[1] + right[1])
        case = Case(
            forward=forward, difference=Sided(best[0] if answered else None, left[0], right[0], error),
            is_kink=bool(differences.is_kink[k]), grows=bool(differences.jumps[k]),
            complex_step=None if complex_step is None else complex_step[k], oracle=None if oracle is None else oracle[k],
            value=self.probe.value({})[k], scale=float(self.scale[k]), rtol=self.rtol * _coarseness(forward),
            precise=lambda: self.precise_error(k, position, oracle[k].value))
        verdict, why = judge(case)
        if not self.is_deterministic:
            verdict, why = UNVERIFIED, "the function is not deterministic"
        difference, exact = case.difference.value, None if oracle is None else oracle[k].value
        if verdict == KINK:  # compare with the side that forward mode takes, not with something between
            difference, exact = _nearest(forward, case.difference), None if oracle is None else _nearest(forward, oracle[k])
        return Row(self.entry(k, entries), plain(forward), plain(difference), error if answered else None, plain(case.complex_step),
                   exact, _ulps(forward, exact), verdict, why)

    def precise_error(self, k: int, position: int, exact: Any) -> Any:
        """The error that forward mode has with more digits; None if it cannot have more."""
        if self.precise_forward is None:
            self.precise_forward = self.more_digits()
        return None if self.precise_forward is False else abs(self.precise_forward[k, position] - exact)

    def more_digits(self) -> Any:
        """Forward mode on mpmath's numbers, or where a rule has no such form on long doubles; False if neither works."""
        from mpmath import mp

        from dualdiff.checks.carried import precise

        def longer(leaf: Any) -> Any:
            return leaf.astype(np.result_type(leaf.dtype, np.longdouble)) if isinstance(leaf, np.ndarray) else np.longdouble(leaf)

        for convert in (precise, longer):
            try:
                with mp.workdps(50), np.errstate(all="ignore"):
                    inputs = self.probe.inputs
                    found = self.derivatives_of(*inputs.arguments([convert(leaf) for leaf in inputs.leaves]))
                    return precise(found)
            except Exception:
                continue
        return False

    def entry(self, k: int, entries: tuple[int, ...]) -> str:
        label, outputs, inputs = self.names
        d = "∂" if self.n == 1 else "∂²"
        return f"{d}{label}{outputs[k]}/{''.join(f'∂{inputs[i]}' for i in entries)}"


# ---- small judgements ----------------------------------------------------------------------------------------------------

def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"


def _coarseness(value: Any) -> float:
    """How much coarser than float64 the numbers are."""
    dtype = np.asarray(value).dtype
    return max(1.0, float(np.finfo(dtype).eps / np.finfo(float).eps)) if dtype.kind in "fc" else 1.0


def _nearest(value: Any, sides: Sided) -> Any:
    known = [side for side in (sides.left, sides.right) if side is not None]
    return min(known, key=lambda side: abs(side - value) if is_finite(side) else np.inf, default=sides.value)


def _ulps(value: Any, exact: Any) -> float | None:
    """|value − exact| in units of the last place of the exact value, in the type of ``value``."""
    if exact is None or not np.isfinite(value) or not np.isfinite(complex(exact)):
        return None if exact is None or value != exact else 0.0
    error = abs(exact - value)
    dtype = np.asarray(value).real.dtype
    unit = np.spacing(np.abs(dtype.type(float(abs(exact))))) if dtype.kind == "f" else np.spacing(float(abs(exact)))
    return float(error / float(unit)) if error else 0.0

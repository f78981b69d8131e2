"""The contestants that are no automatic differentiation of Python code: expression graphs, symbols, finite differences."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from contestants import Unsupported, chosen, contestant
from workloads import Workload, namespace


@contestant("CasADi", "casadi",
            startup="import casadi as c; x = c.SX.sym('x'); float(c.Function('f', [x], [c.jacobian(c.sin(x), x)])(0.7))")
def casadi(w: Workload) -> Callable[[], Any]:
    import casadi as ca

    if w.deep and w.points > 1:
        raise Unsupported("no derivative of a determinant")
    symbol = (ca.SX if w.scalar else ca.MX).sym("x", max(np.size(w.point), 1))
    f = w.make(namespace(ca, asarray=ca.DM, stack=lambda v: ca.vertcat(*v)))(symbol)
    if w.kind == "tenth":
        for _ in range(10):
            f = ca.jacobian(f, symbol)
        wanted = [f]
    elif w.kind == "hessian":
        hessian, gradient = ca.hessian(f, symbol)
        wanted = [gradient, hessian]
    else:
        wanted = [ca.jtimes(f, symbol, ca.DM.ones(symbol.shape)) if w.kind == "jvp" else ca.jacobian(f, symbol)]
    compiled = ca.Function("f", [symbol], wanted)
    return lambda: [np.array(entry) for entry in compiled.call([w.point])]


@contestant("SymPy, lambdified", "sympy",
            startup="import sympy; x = sympy.Symbol('x'); sympy.lambdify(x, sympy.sin(x).diff(x))(0.7)")
def sympy_lambdified(w: Workload) -> Callable[[], Any]:
    import sympy

    if w.deep:
        raise Unsupported("no closed expression")
    data = sympy.Symbol("t")
    ns = namespace(sympy, asarray=lambda _: data, stack=list)
    backend = "math" if w.scalar else "numpy"
    if w.kind in ("derivative", "jvp", "tenth"):
        x = sympy.Symbol("x")
        slope = sympy.lambdify(x, w.make(ns)(x).diff(x, 10 if w.kind == "tenth" else 1), backend, cse=True)
        return lambda: slope(w.point)
    x = sympy.symbols(f"x:{np.size(w.point)}")
    f = w.make(ns)(x)
    if w.kind == "hessian":
        both = sympy.lambdify([x], [[f.diff(a) for a in x], [[f.diff(a, b) for b in x] for a in x]], backend, cse=True)
        return lambda: both(w.point)
    if w.data is None:
        matrix = sympy.lambdify([x], [[row.diff(a) for a in x] for row in f], backend, cse=True)
        return lambda: np.array(matrix(w.point))
    columns = sympy.lambdify([x, data], [f.diff(a) for a in x], backend, cse=True)
    return lambda: np.stack([np.broadcast_to(column, w.data.shape) for column in columns(w.point, w.data)], axis=1)


@contestant("numdifftools", "numdifftools", exact=False,
            startup="import numpy as np, numdifftools; numdifftools.Derivative(np.sin)(0.7)")
def num_diff_tools(w: Workload) -> Callable[[], Any]:
    import numdifftools as nd

    f = w.make(namespace(np))
    if w.points > 10**5:
        raise Unsupported("too much memory")
    table = {"derivative": lambda: nd.Derivative(f), "jacobian": lambda: nd.Jacobian(f), "tenth": lambda: nd.Derivative(f, n=10)}
    if w.kind == "hessian":
        gradient, hessian = nd.Gradient(f), nd.Hessian(f)
        return lambda: (gradient(w.point), hessian(w.point))
    found = chosen(table, w.kind)()
    return lambda: found(w.point)


@contestant("jacobi", "jacobi", exact=False, startup="import numpy as np; from jacobi import jacobi; jacobi(np.sin, 0.7)")
def jacobi_package(w: Workload) -> Callable[[], Any]:
    from jacobi import jacobi

    f = w.make(namespace(np))
    return chosen({kind: lambda: jacobi(f, w.point)[0] for kind in ("derivative", "jacobian")}, w.kind)


@contestant("scipy.differentiate", "scipy", exact=False,
            startup="import numpy as np; from scipy.differentiate import derivative; derivative(np.sin, 0.7)")
def scipy_differentiate(w: Workload) -> Callable[[], Any]:
    from scipy import differentiate

    f = w.make(namespace(np))
    if w.points > 10**5:
        raise Unsupported("too much memory")

    def along(x):  # SciPy asks for many points at once
        return np.apply_along_axis(f, 0, x)

    return chosen({"derivative": lambda: differentiate.derivative(f, w.point).df,
                   "jacobian": lambda: differentiate.jacobian(along, w.point).df,
                   "hessian": lambda: (differentiate.jacobian(along, w.point).df, differentiate.hessian(along, w.point).ddf)},
                  w.kind)


@contestant("central differences", exact=False, startup="import numpy as np; (np.sin(0.7 + 6e-6) - np.sin(0.7 - 6e-6)) / 1.2e-5")
def central_differences(w: Workload) -> Callable[[], Any]:
    f, x = w.make(namespace(math if w.scalar else np, stack=np.array)), w.point
    h = 6e-6  # the cube root of the spacing of numbers near 1

    def jacobian():
        return np.stack([(f(x + e) - f(x - e)) / (2 * h) for e in h * np.eye(len(x))], axis=-1)

    def hessian():
        k, steps = 1e-4, 1e-4 * np.eye(len(x))
        return jacobian(), np.array([[(f(x + a + b) - f(x + a - b) - f(x - a + b) + f(x - a - b)) / (4 * k * k) for b in steps]
                                     for a in steps])

    return chosen({"derivative": lambda: (f(x + h) - f(x - h)) / (2 * h), "jacobian": jacobian, "hessian": hessian,
                   "jvp": lambda: (f(x + h) - f(x - h)) / (2 * h)}, w.kind)

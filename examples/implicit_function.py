"""The derivative of what a solver finds, by the implicit function theorem: g(v, p) = 0 gives dv/dp = −g_p/g_v, whatever the solver.

v is the voltage of a diode behind a resistor, fed with p volts. Differentiating through the iterations has pitfalls: derivatives
converge after the value; they are 0 if the guess was good enough to stop at, and in a bisection, whose brackets depend on p by
comparisons only. `dd.custom_rule` states the theorem, and derivatives of any order follow.
"""

import numpy as np
from mpmath import mp

import dualdiff as dd
from shared import picture


def g(v, p):  # the current through the diode less that through 1 kΩ, in ampere
    return 1e-9 * np.expm1(v / 0.05) - (p - v) / 1000


def newton(p, v=0.8, tolerance=1e-15, most=50):
    while abs(g(v, p)) > tolerance and (most := most - 1) >= 0:
        v = v - g(v, p) / g_v(v, p)
    return v


def bisection(p, low=0.0, high=1.0):
    while low < (middle := (low + high) / 2) < high:
        low, high = (low, middle) if g(middle, p) > 0 else (middle, high)
    return low


g_v, g_p = dd.derivative(g), dd.derivative(g, argnums=1)
theorem = dd.custom_rule(lambda v, p: -g_p(v, p) / g_v(v, p), of_output=True)


@mp.workdps(40)
def errors(solver, **options):
    """Of v, v′ and v″ at 2 volts, relative to the closed form, which needs Lambert's W."""
    drop, scale = 1000 * mp.mpf(1e-9), mp.mpf(0.05)
    v = lambda p: p + drop - scale * mp.lambertw(drop / scale * mp.exp((p + drop) / scale)).real
    return [float(abs(dd.derivative(solver, n=n)(2.0, **options) / mp.diff(v, 2, n) - 1)) for n in range(3)]


def main():
    rows = {f"Newton's method, {k} iterations": errors(newton, most=k) for k in range(2, 9)}
    rows |= {"Newton's method, from a good guess": errors(newton, v=0.70374937, tolerance=1e-9),
             "bisection": errors(bisection), "bisection, with the theorem": errors(theorem(bisection))}
    print(f"{'relative error of':36}{'v':>9}{'dv/dp':>9}{'d²v/dp²':>9}")
    for name, row in rows.items():
        print(f"{name:36}" + "".join(f"{error:9.0e}" for error in row))

    def draw(axes):
        axes.semilogy(range(2, 9), list(rows.values())[:7], "o-", ms=4, label=["v", "dv/dp", "d²v/dp²"])
        axes.set(xlabel="Newton iterations", ylabel="relative error"), axes.legend()

    picture("implicit_function", draw, size=(5.5, 3.6))
    assert max(rows["bisection, with the theorem"]) < 1e-13


if __name__ == "__main__":
    main()

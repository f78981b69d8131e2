"""How the solution of a differential equation depends on its parameters: predators and prey (Lotka–Volterra).

Through an integrator written by hand, a plain loop, and by the variational equations S′ = f_y·S + f_p, S = ∂y/∂p, in solve_ivp.
"""

import numpy as np

import dualdiff as dd
from shared import needs, picture

with needs("scipy"):
    from scipy.integrate import solve_ivp

P, START, T = np.array([1.1, 0.4, 0.4, 0.1]), np.array([10.0, 2.0]), np.linspace(0, 30, 1001)
NAMES = "births of prey", "losses of prey", "deaths of predators", "gains of predators"


def f(y, p):
    return np.stack([p[0] * y[0] - p[1] * y[0] * y[1], p[3] * y[0] * y[1] - p[2] * y[1]])


def runge_kutta(p):
    y, h, path = START, T[1] - T[0], [START]
    for _ in T[1:]:
        a = f(y, p)
        b = f(y + h / 2 * a, p)
        c = f(y + h / 2 * b, p)
        y = y + h / 6 * (a + 2 * b + 2 * c + f(y + h * c, p))
        path.append(y)
    return np.stack(path)


def variational(t, z):
    y, S = z[:2], z[2:].reshape(2, 4)
    f_y, f_p = dd.jacobian(f, argnums=(0, 1), chunk_size=None)(y, P)
    return np.concatenate([f(y, P), (f_y @ S + f_p).ravel()])


def main():
    path, through = dd.value_and_jacobian(runge_kutta, chunk_size=None)(P)  # of shape (times, 2, 4)
    S = solve_ivp(variational, (0, 30), [*START, *np.zeros(8)], "DOP853", T, rtol=1e-10, atol=1e-11).y[2:].T.reshape(-1, 2, 4)
    difference = np.max(abs(through - S)) / np.max(abs(S))
    print(f"∂prey/∂p at t = 30{'integrator':>18}{'variational':>16}")
    for name, a, b in zip(NAMES, through[-1, 0], S[-1, 0]):
        print(f"{name:20}{a:16.6f}{b:16.6f}")
    print(f"largest difference anywhere: {difference:.0e} of the largest sensitivity")

    def draw(above, below):
        above.plot(T, path, label=["prey", "predators"]), above.set(ylabel="population"), above.legend(ncols=2)
        below.plot(T, through[:, 0], label=NAMES), below.set(xlabel="time", ylabel="∂prey/∂p"), below.legend(ncols=2)

    picture("ode_sensitivity", draw, rows=2, size=(7, 5))
    assert difference < 1e-6
    V = lambda y, p: p[3] * y[0] - p[2] * np.log(y[0]) + p[1] * y[1] - p[0] * np.log(y[1])  # is conserved
    V_y, V_p = dd.gradient(V, argnums=(0, 1))(path[-1], P)
    assert np.allclose(V_y @ through[-1] + V_p, dd.gradient(V, argnums=1)(START, P), rtol=1e-6)


if __name__ == "__main__":
    main()

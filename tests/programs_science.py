"""Programs as scientists write them, in plain NumPy; here physics, and the register of all of them."""

from __future__ import annotations

import numpy as np

PROGRAMS = {}
OPTIONS = {}


def program(*arrays, **options):
    """Registers a function of arrays, with the point at which it is differentiated."""
    def enter(function):
        PROGRAMS[function.__name__] = (function, arrays)
        OPTIONS[function.__name__] = options
        return function

    return enter


X = np.array([0.7, 1.9, -0.6, 2.4])
P = np.array([0.8, 1.7, 2.3])
M = np.array([[1.2, 0.4, -0.3], [0.5, 2.1, 0.7], [-0.2, 0.6, 1.6]])
IMAGE = np.array([[0.2, 1.4, 0.7, 2.2], [1.1, 0.3, 1.9, 0.8], [2.5, 1.6, 0.4, 1.3]])
GRID = np.linspace(0.0, 1.0, 7)


# ---- physics -------------------------------------------------------------------------------------------------------------

@program(np.array([0.3, 0.1, 1.5, -0.4]))
def double_pendulum(state):
    t1, t2, w1, w2 = state
    d = t1 - t2
    den = 3 - np.cos(2 * d)
    a1 = (-9.81 * (3 * np.sin(t1) + np.sin(t1 - 2 * t2)) - 2 * np.sin(d) * (w2**2 + w1**2 * np.cos(d))) / den
    a2 = 2 * np.sin(d) * (2 * w1**2 + 2 * 9.81 * np.cos(t1) + w2**2 * np.cos(d)) / den
    return np.array([w1, w2, a1, a2])


@program(np.array([[0.0, 0.0, 0.1], [1.5, 0.2, 0.0], [0.3, 1.8, -0.4]]))
def lennard_jones(r):
    d = r[:, None, :] - r[None, :, :]
    r2 = np.sum(d**2, axis=-1)
    i, j = np.triu_indices(len(r), 1)
    s6 = 1 / r2[i, j] ** 3
    return np.sum(4 * (s6**2 - s6))


@program(np.array([[0.0, 0.5], [1.0, -0.3], [-0.7, 0.9]]), np.array([1.0, 2.0, 0.5]))
def gravity(pos, mass):
    acc = np.zeros_like(pos)
    for i in range(len(pos)):
        for j in range(len(pos)):
            if i != j:
                d = pos[j] - pos[i]
                acc[i] += mass[j] * d / np.linalg.norm(d) ** 3
    return acc


@program(np.array([1.0, 0.2]), 0.35)
def verlet(state, k):
    x, v = state
    a = -k * x
    for _ in range(5):
        x = x + v * 0.1 + 0.5 * a * 0.01
        new = -k * x
        v = v + 0.5 * (a + new) * 0.1
        a = new
    return x, v, 0.5 * v**2 + 0.5 * k * x**2


@program(np.array([1.0, 0.5, 0.25]), np.array([0.5, 1.2]))
def rk4_kinetics(c, k):
    def f(c):
        a, b, _ = c
        return np.stack([-k[0] * a, k[0] * a - k[1] * b * b, k[1] * b * b])
    for _ in range(3):
        k1 = f(c)
        k2 = f(c + 0.05 * k1)
        k3 = f(c + 0.05 * k2)
        k4 = f(c + 0.1 * k3)
        c = c + 0.1 / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return c


@program(np.array([0.1, 0.8, 1.2, 0.6, 0.2]), 0.07)
def heat_by_roll(u, nu):
    for _ in range(4):
        u = u + nu * (np.roll(u, 1) - 2 * u + np.roll(u, -1))
    return u


@program(np.array([0.1, 0.8, 1.2, 0.6, 0.2]), 0.1)
def heat_in_place(u, nu):
    u = u.copy()
    for _ in range(3):
        u[1:-1] += nu * (u[2:] - 2 * u[1:-1] + u[:-2])
        u[0], u[-1] = u[1], u[-2]
    return u


@program(IMAGE)
def laplacian_by_pad(u):
    p = np.pad(u, 1, mode="edge")
    return p[2:, 1:-1] + p[:-2, 1:-1] + p[1:-1, 2:] + p[1:-1, :-2] - 4 * u


@program(np.array([0.4, 1.1, 0.8, 1.6, 0.9]))
def upwind_burgers(u):
    for _ in range(3):
        left = np.concatenate([u[-1:], u[:-1]])
        u = u - 0.1 * np.where(u > 0, u * (u - left), u * (np.append(u[1:], u[0]) - u))
    return u


@program(np.array([0.4, 1.1, 0.8, 1.6]), np.array([0.3, 0.5, 0.2]))
def thomas_algorithm(d, off):
    n = len(d)
    b, c = np.zeros_like(d), d * 1.0
    b[:] = 3.0
    rhs = d**2
    for i in range(1, n):
        w = off[i - 1] / b[i - 1]
        b[i] = b[i] - w * off[i - 1]
        rhs[i] -= w * rhs[i - 1]
    c[-1] = rhs[-1] / b[-1]
    for i in range(n - 2, -1, -1):
        c[i] = (rhs[i] - off[i] * c[i + 1]) / b[i]
    return c


@program(np.array([0.5, 1.2, 2.2]), 1.3)
def planck(wavelength, T):
    return 1 / (wavelength**5 * np.expm1(1.4 / (wavelength * T)))


@program(0.4, 0.6)
def kepler(M, e):
    E = M
    for _ in range(20):
        step = (E - e * np.sin(E) - M) / (1 - e * np.cos(E))
        E = E - step
        if abs(step) < 1e-14:
            break
    return np.cos(E) - e, np.sqrt(1 - e**2) * np.sin(E)


@program(np.array([0.8, 1.1, 0.3]))
def ray_tracing(ray):
    ray = ray / np.linalg.norm(ray)
    normal = np.array([0.0, 0.6, 0.8])
    cosi = -np.dot(normal, ray)
    k = 1 - 0.5 * (1 - cosi**2)
    return np.sqrt(0.5) * ray + (np.sqrt(0.5) * cosi - np.sqrt(k)) * normal


@program(0.3, np.array([0.4, 0.9]))
def two_level_hamiltonian(delta, g):
    H = np.array([[delta, g[0]], [g[0], -delta]], like=g) + g[1] * np.eye(2)
    return np.linalg.eigvalsh(H)


@program(np.array([0.4, 0.9, 0.3]))
def hopping_chain(t):
    H = np.diag(t, 1) + np.diag(t, -1) + np.diag([0.5, -0.2, 0.1, 0.8])
    return np.linalg.eigvalsh(H)[:2].sum()


@program(0.35)
def ising_transfer_matrix(beta):
    J, h = 1.0, 0.2
    T = np.array([[np.exp(beta * (J + h)), np.exp(-beta * J)], [np.exp(-beta * J), np.exp(beta * (J - h))]])
    return np.log(np.trace(np.linalg.matrix_power(T, 6))) / 6


@program(np.array([0.4, 0.9, 0.3, 1.1]))
def partition_function(energies):
    w = np.exp(-energies / 0.6)
    Z = w.sum()
    p = w / Z
    return -np.sum(p * np.log(p)), (p * energies).sum()


@program(np.array([0.1, 0.2, 0.3]), np.array([0.5, -0.2, 0.4]))
def lorentz_force(v, B):
    E = np.array([0.3, 0.0, -0.1])
    return E + np.cross(v, B)

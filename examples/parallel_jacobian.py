"""A Jacobian's directions spread over processes, and over a Dask cluster on this machine where Dask is installed.

The passes are independent, so any executor of `concurrent.futures` can run them, which pays where one takes long. To carry
several directions in a pass (`chunk_size`) may pay more, and both go together.
"""

import os
import time
from concurrent.futures import ProcessPoolExecutor

import numpy as np

import dualdiff as dd

MASSES, WORKERS = 6, 2


def chain(state):
    """Positions and momenta of masses on springs that are not quite linear (Fermi, Pasta, Ulam & Tsingou), after 20 s."""
    q, p = np.split(state, 2)
    for _ in range(400):  # leapfrog
        p = p + 0.025 * force(q)
        q = q + 0.05 * p
        p = p + 0.025 * force(q)
    return np.concatenate([q, p])


def force(q):
    stretch = np.diff(np.concatenate([[0.0], q, [0.0]]))
    return np.diff(stretch + 0.25 * stretch**2)


def timed(what, state, **how):
    began = time.perf_counter()
    J = dd.jacobian(chain, **how)(state)
    print(f"{what:40}{time.perf_counter() - began:8.2f} s")
    return J


def main():
    state = np.append(np.sin(np.pi * np.arange(1, MASSES + 1) / (MASSES + 1)), np.zeros(MASSES))
    print(f"{2 * MASSES} directions, {os.cpu_count()} cores")
    found = [timed("one after another", state), timed("all in one pass", state, chunk_size=None)]
    with ProcessPoolExecutor(WORKERS) as processes:
        found.append(timed(f"{WORKERS} processes", state, executor=processes))
        found.append(timed(f"{WORKERS} processes, {MASSES} directions in a pass", state, executor=processes, chunk_size=MASSES))
    try:
        from distributed import Client
    except ImportError:
        print("Dask is not installed, so there is no cluster. In the clone: pip install '.[dask]'")
    else:
        with Client(n_workers=WORKERS, threads_per_worker=1, dashboard_address=None) as client:
            found.append(timed(f"a Dask cluster of {WORKERS} workers", state, executor=client.get_executor()))
    assert np.allclose(found, found[0], rtol=1e-12, atol=1e-12)
    Ω = np.kron([[0, 1], [-1, 0]], np.eye(MASSES))
    assert np.allclose(found[0].T @ Ω @ found[0], Ω, atol=1e-10)  # motion keeps areas of position and momentum


if __name__ == "__main__":
    main()

"""Statistics in plain NumPy: likelihoods, moments, order statistics, filters, Gaussian processes."""

from __future__ import annotations

import numpy as np

from programs_science import GRID, M, X, program

# ---- statistics ----------------------------------------------------------------------------------------------------------

@program(0.3, 1.2)
def normal_log_likelihood(mu, sigma):
    data = np.array([0.5, -0.2, 1.3, 0.8])
    return np.sum(-0.5 * ((data - mu) / sigma) ** 2 - np.log(sigma) - 0.5 * np.log(2 * np.pi))


@program(np.array([0.3, -0.5, 0.8]))
def logistic_regression(beta):
    X_ = np.column_stack([np.ones(5), np.arange(5.0), [0.2, -0.4, 0.6, 1.0, -1.1]])
    y = np.array([0, 1, 0, 1, 1])
    z = X_ @ beta
    return np.sum(y * z - np.logaddexp(0, z))


@program(np.array([0.3, 1.1, 0.8]), np.array([0.5, 0.9, 1.4]))
def mixture(weights, sigma):
    w = weights / weights.sum()
    x = np.array([0.1, 1.5, 2.5, 3.0])
    means = np.array([0.0, 1.0, 3.0])
    pdf = np.exp(-0.5 * ((x[:, np.newaxis] - means) / sigma) ** 2) / sigma
    return np.log((w * pdf).sum(axis=1)).sum()


@program(X, float32=False)  # a float32 scalar meets a float64 scalar, which a Dual holds as Python's float
def t_statistic(x):
    return np.mean(x) / (np.std(x, ddof=1) / np.sqrt(len(x)))


@program(X)
def moments(x):
    z = (x - x.mean()) / x.std()
    return {"skewness": (z**3).mean(), "kurtosis": (z**4).mean() - 3}


@program(np.array([0.7, 1.9, -0.6, 2.4, 1.1]))
def trimmed_mean(x):
    return np.sort(x)[1:-1].mean()


@program(np.array([0.7, 1.9, -0.6, 2.4, 1.1]))
def median_absolute_deviation(x):
    return 1.4826 * np.median(np.abs(x - np.median(x)))


@program(np.array([0.7, 1.9, 0.6, 2.4]), float32=False)
def gini(x):
    s = np.sort(x)
    n = s.size
    return (2 * np.sum(np.arange(1, n + 1) * s) / (n * np.sum(s))) - (n + 1) / n


@program(np.array([0.7, 1.9, -0.6, 2.4]), np.array([0.2, 0.9, -1.4, 1.5]))
def pearson(x, y):
    return np.corrcoef(x, y)[0, 1], np.cov(x, y)


@program(np.array([0.7, 1.9, -0.6, 2.4]))
def interquartile_range(x):
    lo, hi = np.percentile(x, [25, 75])
    return hi - lo


@program(np.array([0.7, 1.9, 0.6, 2.4, 1.1]))
def weighted_histogram(w):
    h, _ = np.histogram([0.1, 0.4, 0.35, 0.8, 0.9], bins=4, range=(0, 1), weights=w)
    return h / w.sum()


@program(np.array([0.7, 1.9, 0.6]))
def bootstrap_of_fixed_noise(theta):
    rng = np.random.default_rng(3)
    noise = rng.standard_normal((20, 3))
    samples = theta + 0.1 * noise * theta**2
    return samples[rng.integers(0, 20, 10)].mean(axis=0)


@program(np.array([0.7, 0.3]))
def kernel_density(h):
    data = np.array([0.1, 0.9, 1.7])
    u = (GRID[:, None] - data[None, :]) / h[0]
    return np.trapezoid(np.exp(-u**2 / 2).sum(1) * h[1] / h[0], GRID)


@program(np.array([0.5, 1.2, 0.9, 1.6]))
def exponential_moving_average(x):
    s = [x[0]]
    for value in x[1:]:
        s.append(0.3 * value + 0.7 * s[-1])
    return np.array(s)


@program(np.array([0.5, 1.2, 0.9, 1.6]))
def autocorrelation(x):
    c = x - x.mean()
    r = np.correlate(c, c, mode="full")[len(x) - 1:]
    return r / r[0]


@program(np.array([0.2, 1.2, -0.9, 1.6]))
def cumulative_statistics(x):
    n = np.arange(1, x.size + 1)
    mean = np.cumsum(x) / n
    return np.maximum.accumulate(x), mean, np.cumsum(x**2) / n - mean**2


@program(np.array([1.1, 0.4, 2.2]))
def mahalanobis(x):
    d = x - np.array([0.5, 0.5, 1.0])
    return np.sqrt(d @ np.linalg.inv(M + M.T) @ d)


@program(np.array([0.8, 1.3]))
def gaussian_process(theta):
    length, sigma = theta
    t = np.linspace(0, 1, 4)
    K = sigma**2 * np.exp(-0.5 * (t[:, None] - t[None, :]) ** 2 / length**2) + 0.5 * np.eye(4)
    y = np.sin(3 * t)
    L = np.linalg.cholesky(K)
    alpha = np.linalg.solve(L.T, np.linalg.solve(L, y))
    return -0.5 * y @ alpha - np.log(np.diag(L)).sum()


@program(np.array([0.8, 1.3, 0.4]))
def kriging(z):
    xy = np.array([[0.0, 0.1], [1.0, 0.3], [0.4, 0.9]])
    h = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    A = np.block([[1 - np.exp(-h), np.ones((3, 1))], [np.ones((1, 3)), np.zeros((1, 1))]])
    b = np.append(1 - np.exp(-np.hypot(*(xy - [0.5, 0.5]).T)), 1)
    return np.linalg.solve(A, b)[:-1] @ z


@program(np.array([0.5, 1.0]), M[:2, :2])
def kalman_step(x, Pcov):
    F = np.array([[1, 0.1], [0, 1]])
    H = np.array([[1.0, 0.0]])
    x, Pcov = F @ x, F @ Pcov @ F.T + 0.01 * np.eye(2)
    S = H @ Pcov @ H.T + 0.1
    K = Pcov @ H.T @ np.linalg.inv(S)
    return x + K @ (np.array([0.7]) - H @ x), (np.eye(2) - K @ H) @ Pcov


@program(np.array([0.4, 0.9, 1.1]))
def principal_axes(scale):
    data = np.array([[0.2, 1.4, 0.7], [1.1, 0.3, 1.9], [2.5, 1.6, 0.4], [0.8, 0.9, 1.2]]) * scale
    data = data - data.mean(axis=0)
    return np.linalg.svd(data, compute_uv=False) ** 2 / (len(data) - 1)


@program(np.array([0.4, 0.9, 1.1, 0.3]), np.array([1.5, 2.5, 0.5, 1.0]))
def weighted_average(x, w):
    mean = np.average(x, weights=w)
    return mean, np.average((x - mean) ** 2, weights=w)


@program(np.array([0.4, 0.9, 1.1, 2.3]))
def dirichlet_entropy(a):
    p = np.divide(a, a.sum())
    return -(p * np.log2(p, where=p > 0, out=np.zeros_like(p))).sum()

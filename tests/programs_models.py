"""Finance, and the layers of neural networks."""

from __future__ import annotations

import numpy as np

from programs_science import IMAGE, M, P, X, program

# ---- finance -------------------------------------------------------------------------------------------------------------

@program(100.0, 0.2, 0.03)
def binomial_tree(S, sigma, r):
    n, dt = 4, 0.25
    u = np.exp(sigma * np.sqrt(dt))
    p = (np.exp(r * dt) - 1 / u) / (u - 1 / u)
    prices = S * u ** np.arange(-n, n + 1, 2)
    values = np.maximum(102 - prices, 0)
    for _ in range(n):
        prices = prices[:-1] * u
        values = np.maximum(np.exp(-r * dt) * (p * values[1:] + (1 - p) * values[:-1]), 102 - prices)
    return values[0]


@program(0.04)
def bond_price(y):
    t = np.arange(1, 6)
    flows = np.full(5, 5.0)
    flows[-1] += 100
    price = (flows / (1 + y) ** t).sum()
    return price, (t * flows / (1 + y) ** t).sum() / price


@program(np.array([0.01, -0.02, 0.03, 0.015]))
def drawdown(returns):
    wealth = np.cumprod(1 + returns)
    return (wealth / np.maximum.accumulate(wealth) - 1).min(), wealth[-1] ** (252 / len(returns)) - 1


@program(np.array([0.5, 0.3, 0.2]))
def portfolio(w):
    cov = M @ M.T
    risk = np.sqrt(w @ cov @ w)
    return risk, w * (cov @ w) / risk


@program(100.0, 0.2)
def monte_carlo_option(S, sigma):
    z = np.random.default_rng(1).standard_normal(50)
    end = S * np.exp((0.03 - sigma**2 / 2) + sigma * z)
    return np.exp(-0.03) * np.mean(np.where(end > 100, end - 100, 0.0))


@program(np.array([-100.0, 30.0, 45.0, 50.0]), 0.1)
def net_present_value(flows, rate):
    return sum(f / (1 + rate) ** i for i, f in enumerate(flows)), np.polyval(flows[::-1], 1 / (1 + rate))


# ---- learning ------------------------------------------------------------------------------------------------------------

@program(np.array([[0.2, -0.4], [0.6, 0.3], [-0.1, 0.8]]), np.array([0.1, -0.2]))
def dense_layer(W, b):
    h = np.tanh(np.array([[0.5, 1.0, -0.3], [0.2, -0.7, 0.9]]) @ W + b)
    e = np.exp(h - h.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    return -np.log(p[np.arange(2), [0, 1]]).mean()


@program(np.array([[0.2, -0.4, 0.5], [0.6, 0.3, -0.2]]))
def attention(q):
    scores = q @ q.swapaxes(-1, -2) / np.sqrt(q.shape[-1])
    mask = np.tril(np.ones((2, 2), bool))
    scores = np.where(mask, scores, -np.inf)
    w = np.exp(scores - np.max(scores, -1, keepdims=True))
    return (w / np.sum(w, -1, keepdims=True)) @ q


@program(np.array([[0.2, -0.4, 0.5], [0.6, 0.3, -0.2]]), P)
def layer_norm(x, g):
    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5) * g


@program(np.array([0.2, -0.4, 0.5]))
def recurrent_network(w):
    h = np.zeros(2)
    for x in (0.5, -1.0, 0.3):
        h = np.tanh(w[0] * h + w[1] * x + w[2] * h[::-1])
    return h


@program(np.array([[0.2, -0.4], [0.6, 0.3]]))
def convolution_layer(kernel):
    out = np.zeros((2, 3), like=kernel)
    for i in range(2):
        for j in range(3):
            out[i, j] = np.sum(IMAGE[i:i + 2, j:j + 2] * kernel)
    return np.maximum(out, 0.1 * out)


@program(np.array([0.2, -0.4, 0.5, 1.3]))
def gelu_and_friends(x):
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))), x / (1 + np.exp(-x)), np.log1p(np.exp(x))


@program(X)
def contrastive_loss(x):
    z = np.outer(x, x) / 0.5
    z = z - np.diag(np.full(4, 1e3))
    return np.mean(np.log(np.sum(np.exp(z), axis=1)) - z[[0, 1, 2, 3], [1, 0, 3, 2]])

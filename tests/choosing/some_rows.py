"""Rows to score: with groups and without, and of the odd kinds that pictures can give."""

import numpy as np

# What the columns of a diffusion map with five dimensions were multiplied with.
SCALES = 0.7 ** np.arange(5)


def blobs(n, k=4, d=3, seed=0, apart=4):
    generator = np.random.default_rng(seed)
    middles = generator.normal(size=(k, d))
    return apart * middles[generator.integers(0, k, n)] + generator.normal(size=(n, d))


def noise(n, d=5, seed=0):
    return np.random.default_rng(seed).normal(size=(n, d))


def piles(n, *, distinct):
    return noise(distinct)[np.arange(n) % distinct]


def some_constant(n):
    rows = noise(n)
    rows[:, [1, 3]] = [0.1, 0]
    return rows


def unit_rows(n, *, zero):
    rows = noise(n) / np.linalg.norm(noise(n), axis=1, keepdims=True)
    rows[:zero] = 0
    return rows.astype(np.float32)


def line(n):
    return np.outer(noise(n, 1), [1, 2, -3]) + 5

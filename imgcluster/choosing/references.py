"""Data without clusters, to compare with: what do the scores say where there is nothing to find?"""

import numpy as np

__all__ = ["chain_reference", "uniform_reference"]


def uniform_reference(coordinates: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Draw as many points uniformly from the box that the data's principal axes span.

    The reference (b) of Tibshirani, Walther & Hastie 2001, "Estimating the number of clusters in a data set via the gap
    statistic", section 4.

    Parameters
    ----------
    coordinates : ndarray, shape (n_rows, n_dims)
    generator : numpy.random.Generator

    Returns
    -------
    ndarray, shape (n_rows, n_dims), float64
    """
    points = np.asarray(coordinates, dtype=np.float64)
    middle = points.mean(axis=0)
    axes = np.linalg.svd(points - middle, full_matrices=False)[2]
    along = (points - middle) @ axes.T
    return generator.uniform(along.min(axis=0), along.max(axis=0), along.shape) @ axes + middle


def chain_reference(n_rows: int, column_scales: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Draw the diffusion map of a chain: images each of which is like the next, with no gap anywhere.

    In a diffusion map even noise has a better silhouette than points in a box, so that a box is no fair reference. Of
    all shapes without clusters the chain (a slow change of light, an object that turns) has the best: a sheet or a ball
    of as many dimensions scores lower. Its coordinates are known: eigenfunctions of the Laplacian on an interval are
    cosines (Coifman & Lafon 2006). They are scaled like those of the data, and the rows made as long as theirs.

    Parameters
    ----------
    n_rows : int
    column_scales : ndarray, shape (n_dims,)
        What the data's columns were multiplied with before their rows got unit length: eigenvalues to the power of the
        number of steps, the first of them of the constant column.
    generator : numpy.random.Generator

    Returns
    -------
    ndarray, shape (n_rows, n_dims), float64
        Rows of unit length.
    """
    place = generator.uniform(size=(n_rows, 1))
    waves = np.cos(np.pi * place * np.arange(len(column_scales)))
    waves[:, 1:] *= np.sqrt(2)
    waves *= column_scales
    return waves / np.linalg.norm(waves, axis=1, keepdims=True)

"""Leading eigenvectors of the normalised neighbour graph."""

import numpy as np
import scipy.sparse

from imgcluster.features.rows import fixed_signs
from imgcluster.threads import one_thread

__all__ = ["leading_eigenvectors"]

# Tried in place of the plain start: the eigenvectors of a graph of 3,000 rows, carried over to all. As the first vector
# of Lanczos' iteration they saved none of 936 products on 30,000 photograph-like rows, and on 60,000 in 40 groups 219
# of 580 while one of the 20 vectors was missed; LOBPCG, begun with all of them, was still 10 degrees off after more
# products than Lanczos needs altogether. To find them costs a third of the whole.

# Up to this many rows a dense solver is as fast as an iterative one, and exact for multiple eigenvalues.
_MAX_DENSE = 1000


def leading_eigenvectors(
    graph: scipy.sparse.csr_array, n_vectors: int, *, random_state: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Return the top eigenpairs of D^-1/2 W D^-1/2.

    Parameters
    ----------
    graph : csr_array, shape (n, n)
        W: symmetric, non-negative, every row with at least one weight.
    n_vectors : int
        At most n.
    random_state : int, default 0
        Seeds the start of the iteration.

    Returns
    -------
    values : ndarray, shape (n_vectors,), float64
        Falling, in [-1, 1].
    vectors : ndarray, shape (n, n_vectors), float64
        Unit columns; the entry of largest magnitude is positive.
    """
    import scipy.linalg
    import scipy.sparse.linalg

    n = graph.shape[0]
    scale = 1.0 / np.sqrt(graph.sum(axis=1))
    matrix = scipy.sparse.csr_array(graph.multiply(scale[:, None]).multiply(scale[None, :]))
    # One thread: the solvers' small products gain nothing from more, and their rounding would depend on the number.
    with one_thread():
        if n <= max(_MAX_DENSE, 3 * n_vectors):
            values, vectors = scipy.linalg.eigh(matrix.toarray(), subset_by_index=(n - n_vectors, n - 1))
        else:
            start = np.random.default_rng(random_state).uniform(-1, 1, n)
            values, vectors = scipy.sparse.linalg.eigsh(
                matrix, n_vectors, which="LA", v0=start, ncv=3 * n_vectors, tol=1e-6, maxiter=100 * n
            )
    order = np.argsort(-values, kind="stable")
    values, vectors = values[order], vectors[:, order]
    return np.clip(values, -1.0, 1.0), vectors * fixed_signs(vectors)

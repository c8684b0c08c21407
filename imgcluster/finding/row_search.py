"""Exact search among scaled rows: candidates in float32, the order by float64.

The candidates come from faiss (Johnson, Douze & Jegou 2019, "Billion-scale similarity search with GPUs", IEEE
Transactions on Big Data), whose float32 sums are rounded. Those kept are measured again in float64, and where the
rounding may have left out a row that belongs among them, all rows are measured.
"""

from collections.abc import Iterator

import numpy as np

from imgcluster.features.blocks import block_rows, first_twins
from imgcluster.features.scaling import Scaling, scaled_blocks
from imgcluster.spaces.nearest import import_faiss, inverted_file

__all__ = ["RowSearch", "ScaledRows"]

# A scaled copy of up to this size is kept in memory; with what a search takes, that stays below 1 GB.
_MOST_BYTES = 640 * 2**20

# Values that are in float64 at a time: few enough to stay in the processor's cache.
_CHUNK = 2**18

_SCAN_BYTES = 64 * 2**20
_QUERY_BYTES = 128 * 2**20
_SPARE = 20
_MOST_CANDIDATES = 512

# One list of the inverted file in so many is looked at: rows have many columns, and each that is read takes its time.
_SHARE = 16

# Cosines are rounded beyond what float32 features can mean: rows that differ in their length alone are at distance 0.
_DECIMALS = 9


class ScaledRows:
    """The scaled rows of a collection: kept in memory, or made from the features again, block by block.

    Parameters
    ----------
    vectors : ndarray, shape (n, d)
        Features, finite; may be mapped from a file.
    scaling : Scaling
    metric : {"cosine", "euclidean"}
        For "cosine" the rows are brought to unit length; those of length 0 stay so.
    keep : bool
        Whether to keep a float32 copy, if it is below 640 MB.

    Attributes
    ----------
    kept : ndarray, shape (n, d), float32, or None
    lengths : ndarray, shape (n,), float64
        Of the scaled rows.
    """

    def __init__(self, vectors: np.ndarray, scaling: Scaling, metric: str, *, keep: bool) -> None:
        self._vectors, self._scaling, self.metric = vectors, scaling, metric
        self.n_rows, self.n_features = vectors.shape
        self.kept: np.ndarray | None = None
        self.lengths = np.empty(self.n_rows)
        kept = np.empty(vectors.shape, dtype=np.float32) if keep and 4 * vectors.size <= _MOST_BYTES else None
        for rows, block in self.blocks():
            self.lengths[rows] = _lengths(block)
            if kept is not None:
                kept[rows] = block
        self.kept = kept

    def scale(self, vectors: np.ndarray) -> np.ndarray:
        """Return rows as they are compared, shape (m, d), float32."""
        return self._finish(self._scaling.apply(vectors))

    def take(self, index: np.ndarray) -> np.ndarray:
        """Return some of the rows, in the order of ``index``."""
        return self.scale(self._vectors[index]) if self.kept is None else self.kept[index]

    def blocks(self) -> Iterator[tuple[slice, np.ndarray]]:
        """Give all rows, as one block where they are kept; see `imgcluster.features.blocks.row_blocks`."""
        if self.kept is not None:
            yield slice(0, self.n_rows), self.kept
            return
        for rows, block in scaled_blocks(self._vectors, self._scaling):
            yield rows, self._finish(block)

    def first_twins(self) -> np.ndarray:
        """Return for each row the number of the first one equal to it, shape (n,), int32."""
        return first_twins(self._vectors if self.kept is None else self.kept)

    def measure(self, query: np.ndarray, index: np.ndarray | None = None) -> np.ndarray:
        """Return the distances of rows from a scaled one, in float64, each row by itself: equals get equal ones.

        Parameters
        ----------
        query : ndarray, shape (d,), float32
        index : ndarray of int, shape (m,), optional
            The rows that are wanted, all when it is missing.

        Returns
        -------
        ndarray, shape (m,), float64
        """
        if index is None:
            distances = np.empty(self.n_rows)
            for rows, block in self.blocks():
                distances[rows] = self._measure_block(query, block, self.lengths[rows])
            return distances
        distances, step = np.empty(len(index)), block_rows(self.n_features)
        for start in range(0, len(index), step):
            part = index[start : start + step]
            distances[start : start + step] = self._measure_block(query, self.take(part), self.lengths[part])
        return distances

    def _finish(self, block: np.ndarray) -> np.ndarray:
        block = np.ascontiguousarray(block, dtype=np.float32)
        if self.metric == "euclidean" or self._scaling.kind in ("l2", "hellinger"):
            return block
        lengths = _lengths(block)[:, None]
        return np.divide(block, lengths, out=np.zeros(block.shape), where=lengths > 0).astype(np.float32)

    def _measure_block(self, query: np.ndarray, block: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        distances, wide = np.empty(len(block)), query.astype(np.float64)
        for rows in _chunks(len(block), self.n_features):
            part = block[rows].astype(np.float64)
            if self.metric == "cosine":
                distances[rows] = np.einsum("ij,j->i", part, wide)
            else:
                part -= wide
                distances[rows] = np.sqrt(np.einsum("ij,ij->i", part, part))
        return _cosine_distances(distances, lengths * _lengths(query[None])) if self.metric == "cosine" else distances


class RowSearch:
    """Finds the nearest rows, equal ones in the order of their numbers.

    Parameters
    ----------
    rows : ScaledRows
    random_state : int or None, default None
        Seed of an inverted file of faiss, which looks at the part of the rows around the query only; None is exact.
    """

    def __init__(self, rows: ScaledRows, *, random_state: int | None = None) -> None:
        self._rows = rows
        self._longest = float(rows.lengths.max())
        self._factor = 1 / self._longest if self._longest > 0 else 1.0  # half precision ends at 65,504
        self._inverted = None if random_state is None else self._build(random_state)

    def search(self, queries: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Find the k nearest rows of each query.

        Parameters
        ----------
        queries : ndarray, shape (m, d), float32
            Scaled.
        k : int
            In [0, n].

        Returns
        -------
        indices : ndarray, shape (m, k), int64
        distances : ndarray, shape (m, k), float64
        """
        indices, distances = np.empty((len(queries), k), dtype=np.int64), np.empty((len(queries), k))
        if k == 0:
            return indices, distances
        n_rows = self._rows.n_rows
        n_candidates = min(n_rows, k + max(_SPARE, k // 2))
        doubtful = np.ones(len(queries), dtype=bool)
        if n_candidates <= _MOST_CANDIDATES:
            approximate, found = self._candidates(queries, n_candidates)
            all_count = self._inverted is not None or n_candidates == n_rows
            limits = np.full(len(queries), np.inf) if all_count else approximate[:, -1] - self._rounding(queries)
            for i, query in enumerate(queries):
                if found[i, -1] >= 0:  # otherwise the inverted file found fewer
                    indices[i], distances[i] = self._nearest_of(query, found[i], k)
                    last = distances[i, -1] ** 2 if self._rows.metric == "euclidean" else distances[i, -1]
                    doubtful[i] = last >= limits[i]
        left, step = np.flatnonzero(doubtful), max(1, _SCAN_BYTES // (8 * n_rows))
        for start in range(0, len(left), step):
            part = left[start : start + step]
            indices[part], distances[part] = self._scan(queries[part], k)
        return indices, distances

    def search_all(self, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Find the k nearest rows of every row, itself among them as any other, as `search` does; equal rows once."""
        twins = self._rows.first_twins()
        first, inverse = np.unique(twins, return_inverse=True)
        indices, distances = np.empty((len(first), k), dtype=np.int64), np.empty((len(first), k))
        step = min(4096, max(1, _QUERY_BYTES // (4 * self._rows.n_features)))
        for start in range(0, len(first), step):
            part = slice(start, start + step)
            indices[part], distances[part] = self.search(self._rows.take(first[part]), k)
        return indices[inverse], distances[inverse]

    def _nearest_of(self, query: np.ndarray, index: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        exact = self._rows.measure(query, index)
        order = np.lexsort((index, exact))[:k]
        return index[order], exact[order]

    def _candidates(self, queries: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Find the k nearest by float32; of an exact search, the values are 1 - cosine or squared distances, rising."""
        faiss = import_faiss()
        cosine = self._rows.metric == "cosine"
        if self._inverted is not None:
            return self._inverted.search(queries * np.float32(self._factor), k)
        metric = faiss.METRIC_INNER_PRODUCT if cosine else faiss.METRIC_L2
        best = np.empty((len(queries), 0)), np.empty((len(queries), 0), dtype=np.int64)
        for rows, block in self._rows.blocks():
            values, found = faiss.knn(queries, block, min(k, len(block)), metric=metric)
            values = np.concatenate([best[0], 1.0 - values if cosine else values], axis=1)
            found = np.concatenate([best[1], rows.start + found], axis=1)
            order = np.argsort(values, axis=1, kind="stable")[:, :k]
            best = np.take_along_axis(values, order, axis=1), np.take_along_axis(found, order, axis=1)
        return best

    def _rounding(self, queries: np.ndarray) -> float:
        """Bound the error of `_candidates`.

        By the worst case for few features, by 16 sqrt(d) for many: the errors of a long sum do not all point one way
        (Higham & Mary 2019, "A new approach to probabilistic rounding error analysis", SIAM J. Sci. Comput. 41).
        """
        d = self._rows.n_features
        share = (min(d, 16 * d**0.5) + 8) * 2.0**-24
        if self._rows.metric == "cosine":
            return share + 2e-6  # unit rows are not quite of unit length either
        return 4 * share * max(self._longest, _lengths(queries).max()) ** 2 + d * float(np.finfo(np.float32).tiny)

    def _scan(self, queries: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Find the k nearest by measuring all rows in float64."""
        cosine = self._rows.metric == "cosine"
        wide, lengths = queries.astype(np.float64), _lengths(queries)
        values = np.empty((len(queries), self._rows.n_rows))
        for rows, block in self._rows.blocks():
            for part in _chunks(len(block), self._rows.n_features):
                products = wide @ block[part].astype(np.float64).T
                at = slice(rows.start + part.start, rows.start + part.stop)
                others = self._rows.lengths[at]
                if cosine:
                    values[:, at] = _cosine_distances(products, np.outer(lengths, others))
                else:
                    values[:, at] = lengths[:, None] ** 2 + others**2 - 2 * products
        longest = max(self._longest, lengths.max(initial=0.0))
        # Sums in another order than that of `measure`: those within the rounding of both are measured by it.
        slack = 2.0 * 10**-_DECIMALS if cosine else 8 * (self._rows.n_features + 8) * 2.0**-53 * longest**2
        indices, distances = np.empty((len(queries), k), dtype=np.int64), np.empty((len(queries), k))
        for i, query in enumerate(queries):
            limit = np.partition(values[i], k - 1)[k - 1] + slack
            indices[i], distances[i] = self._nearest_of(query, np.flatnonzero(values[i] <= limit), k)
        return indices, distances

    def _build(self, random_state: int):
        """Make an inverted file of rows in half precision: they are too many to be kept in memory whole."""
        factor = np.float32(self._factor)
        return inverted_file(
            self._rows.n_rows,
            lambda index: self._rows.take(index) * factor,
            (block * factor for _, block in self._rows.blocks()),
            cosine=self._rows.metric == "cosine",
            half=True,
            share=_SHARE,
            random_state=random_state,
        )


def _lengths(block: np.ndarray) -> np.ndarray:
    lengths = np.empty(len(block))
    for rows in _chunks(*block.shape):
        part = block[rows].astype(np.float64)
        lengths[rows] = np.sqrt(np.einsum("ij,ij->i", part, part))
    return lengths


def _chunks(n_rows: int, n_features: int) -> Iterator[slice]:
    step = max(1, _CHUNK // n_features)
    return (slice(start, min(n_rows, start + step)) for start in range(0, n_rows, step))


def _cosine_distances(products: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    cosines = np.divide(products, lengths, out=np.zeros(products.shape), where=lengths > 0)
    return np.clip(1.0 - np.round(cosines, _DECIMALS), 0.0, 2.0)

"""Copies of the same picture, found by the Hamming distance of their hashes: exact, and never with n x n memory."""

from collections.abc import Iterator

import numpy as np

from imgcluster.errors import ParameterError

__all__ = ["hamming_distances", "near_duplicates"]

_BLOCK_CELLS = 2**22  # pairs that are compared at a time: some 100 MB


def hamming_distances(bits: np.ndarray, query: np.ndarray) -> np.ndarray:
    """Count in how many bits each hash differs from one of them.

    Parameters
    ----------
    bits : ndarray, shape (n, n_bits)
        False or True, or 0 and 1, such as the vectors of `imgcluster.extractors.hashes`.
    query : ndarray, shape (n_bits,)

    Returns
    -------
    ndarray, shape (n,), int64
        From 0 to n_bits.

    Raises
    ------
    ParameterError
        When ``bits`` is no matrix, or ``query`` has another number of bits.
    """
    bits, query = _checked(bits), np.asarray(query)
    if query.shape != bits.shape[1:]:
        raise ParameterError(f"A hash of the shape {query.shape} cannot be compared with {bits.shape[1]} bits.")
    return (bits != (query != 0)).sum(axis=1, dtype=np.int64)


def near_duplicates(bits: np.ndarray, max_distance: int, *, owners: np.ndarray | None = None) -> tuple[np.ndarray, ...]:
    """Find the groups of images whose hashes are nearly the same.

    Two images belong together when their hashes differ in at most ``max_distance`` bits, and so do all that are linked
    by such pairs: the first and the last of a chain may differ in more. Where an image has several hashes, one pair of
    them is enough, which is how crop-resistant hashes are compared (Steinebach, Liu and Yannikos, 2014), of whose bits
    ImageHash lets a quarter differ.

    Every pair of different hashes is compared: some seconds for 30,000 of 64 bits.

    Parameters
    ----------
    bits : ndarray, shape (n, n_bits)
        False or True, or 0 and 1, such as the vectors of `imgcluster.extractors.hashes`.
    max_distance : int
        0 or more. Of 64 bits, up to about 5 are copies, 10 are often alike, and half of them is chance.
    owners : ndarray of int, shape (n,), optional
        Index of the image that each hash belongs to, 0 or more; by default each is an image of its own.

    Returns
    -------
    tuple of ndarray, int64
        The images' indices of each group of two or more, ascending; groups in the order of their first images.

    Raises
    ------
    ParameterError
        When ``bits`` is no matrix, ``max_distance`` is below 0, or ``owners`` has another length or is negative.
    """
    bits = _checked(bits)
    if max_distance < 0:
        raise ParameterError(f"max_distance={max_distance} should be 0 or more.")
    owners = np.arange(len(bits)) if owners is None else np.asarray(owners, dtype=np.int64)
    if owners.shape != (len(bits),) or (owners < 0).any():
        raise ParameterError(f"The {len(bits)} hashes need as many owners, each 0 or more; given are {owners.shape}.")
    if len(bits) == 0:
        return ()
    words, hash_of = np.unique(_packed(bits), axis=0, return_inverse=True)
    links = _Links(len(words) + int(owners.max()) + 1)  # the different hashes, then the images
    links.add(hash_of.ravel(), len(words) + owners)
    for first, second in _near_pairs(words, max_distance):
        links.add(first, second)
    return _groups(links.labels[len(words) :], np.unique(owners))


class _Links:
    """Connected components of a graph whose edges come a few at a time, and are not kept."""

    def __init__(self, n: int) -> None:
        self.labels = np.arange(n)

    def add(self, first: np.ndarray, second: np.ndarray) -> None:
        """Join the components of each pair."""
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        ends = np.stack([self.labels[first], self.labels[second]])
        ends = ends[:, ends[0] != ends[1]]  # mostly few are left, however many copies there are
        if ends.size:
            n = len(self.labels)
            graph = coo_array((np.ones(ends.shape[1], dtype=bool), tuple(ends)), shape=(n, n))
            self.labels = connected_components(graph, directed=False)[1][self.labels]


def _groups(labels: np.ndarray, images: np.ndarray) -> tuple[np.ndarray, ...]:
    order = images[np.argsort(labels[images], kind="stable")]
    starts = np.flatnonzero(np.diff(labels[order])) + 1
    groups = [group for group in np.split(order, starts) if len(group) > 1]
    return tuple(sorted(groups, key=lambda group: group[0]))


def _near_pairs(words: np.ndarray, max_distance: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the pairs (i, j), i < j, of rows that differ in few bits, a block at a time."""
    n = len(words)
    start = 0
    while start < n:
        stop = min(n, start + max(1, _BLOCK_CELLS // (n - start)))
        distances = np.zeros((stop - start, n - start), dtype=np.uint16)
        for word in words.T:
            distances += np.bitwise_count(word[start:stop, None] ^ word[None, start:])
        first, second = np.nonzero(distances <= max_distance)
        above = second > first
        yield start + first[above], start + second[above]
        start = stop


def _packed(bits: np.ndarray) -> np.ndarray:
    """Return the bits as 64-bit words, shape (n, n_words)."""
    packed = np.packbits(bits, axis=1)
    padded = np.zeros((len(bits), max(1, -(-packed.shape[1] // 8)) * 8), dtype=np.uint8)
    padded[:, : packed.shape[1]] = packed
    return padded.view(np.uint64)


def _checked(bits: np.ndarray) -> np.ndarray:
    """Return the bits as booleans, (n, n_bits)."""
    bits = np.asarray(bits)
    if bits.ndim != 2:
        raise ParameterError(f"The hashes have the shape {bits.shape}; images x bits is needed.")
    return bits != 0

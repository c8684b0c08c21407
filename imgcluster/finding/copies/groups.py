"""Groups of copies, from the pairs: quick enough for a slider."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from imgcluster.errors import ParameterError
from imgcluster.extractors.looks import ImageLooks
from imgcluster.finding.copies.best import best_first, merits_of
from imgcluster.finding.copies.pairs import EXACT, NEAR, CopyPairs
from imgcluster.pictures.collection import ImageFile

__all__ = ["DEFAULT_NEAR", "CopyGroup", "group_copies"]

DEFAULT_NEAR = 0.9
"""Pairs of this similarity are copies: below lie pictures that are merely alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyGroup:
    """Two or more images that are copies of one picture.

    Attributes
    ----------
    images : tuple of int
        The best first; see `imgcluster.finding.copies.best.best_first`.
    kinds : tuple of int
        In what each is a copy of the best: `EXACT` (and for the best itself), `PIXELS` or `NEAR`.
    similarities : tuple of float
        Of each to the best, in [0, 1]; where the two were not compared, the weakest link on the strongest way from one
        to the other.
    similarity : float
        The weakest link that holds the group together, in [0, 1]: with a higher slider it falls apart. An entry of
        ``similarities`` may be lower: in a chain A, B, C the first and the last may be less alike.
    best : int
        The image to keep.
    kept : tuple of int
        All to keep: those that the user chose, otherwise the best alone.
    reason : str
        Why it is the best.
    """

    images: tuple[int, ...]
    kinds: tuple[int, ...]
    similarities: tuple[float, ...]
    similarity: float
    best: int
    kept: tuple[int, ...]
    reason: str


def group_copies(
    pairs: CopyPairs,
    looks: ImageLooks,
    *,
    images: Sequence[ImageFile],
    near: float = DEFAULT_NEAR,
    not_same: Collection[tuple[int, int]] = (),
    keep: Collection[int] = (),
) -> tuple[CopyGroup, ...]:
    """Put together what is linked by pairs of copies, and propose which one to keep.

    Two images that the user declared not the same never share a group, also not by way of others: the links of
    such a group are then laid from the strongest to the weakest, and one that would bring the two together is left out.
    Files with the same content cannot be declared so: what is said of one holds for all of them.

    Parameters
    ----------
    pairs : CopyPairs
        Of `find_pairs`.
    looks : ImageLooks
    images : sequence of ImageFile
        The collection's images, to which the indices of the pairs belong.
    near : float, default 0.9
        Least similarity of a pair, in [0, 1]; pairs of the same pixels are copies at any.
    not_same : collection of (int, int)
        Pairs of images, in any order.
    keep : collection of int
        Images that the user chose to keep.

    Returns
    -------
    tuple of CopyGroup
        In the order of their first images in the collection.

    Raises
    ------
    ParameterError
        ``near`` is out of range.
    """
    if not 0 <= near <= 1:
        raise ParameterError(f"near={near:g} should be from 0 to 1.", hint="1 finds only copies with the same pixels.")
    n, keep = len(images), frozenset(keep)
    if not len(pairs.first):
        return ()
    content = pairs.contents(n)
    first, second = content[pairs.first], content[pairs.second]
    apart = {(min(a, b), max(a, b)) for a, b in ((int(content[i]), int(content[j])) for i, j in not_same) if a != b}
    is_other = first != second
    links = is_other & ((pairs.similarities >= near) | (pairs.kinds < NEAR)) & ~_are_among(first, second, apart, n)
    chosen = np.flatnonzero(links)
    labels = _components(first[chosen], second[chosen], n)
    if split := {int(labels[a]) for a, b in apart if labels[a] == labels[b]}:
        chosen = _without_links_across(chosen, first, second, pairs, labels, split, apart)
        labels = _components(first[chosen], second[chosen], n)
    labels = labels[content]
    same = pairs.kinds < NEAR
    merits = merits_of(
        images, looks, pixels_of=_components(pairs.first[same], pairs.second[same], n), dated=pairs.dated
    )
    ordered = [best_first(members, merits, keep=keep) for members in _members(labels)]
    best_of = np.full(n, -1)  # of each label, the best image's content
    for order, _ in ordered:
        best_of[labels[order[0]]] = content[order[0]]
    direct = _links_to_the_best(first, second, pairs, labels, best_of, is_other)
    ways = _Ways(first[chosen], second[chosen], pairs.similarities[chosen], pairs.kinds[chosen], n)
    groups = [_group(order, reason, content, ways, direct, keep) for order, reason in ordered]
    return tuple(sorted(groups, key=lambda group: min(group.images)))


def _group(
    order: tuple[int, ...],
    reason: str,
    content: np.ndarray,
    ways: "_Ways",
    direct: dict[int, tuple[float, int]],
    keep: frozenset[int],
) -> CopyGroup:
    best = order[0]
    reached, weakest = ways.of(int(content[best]))
    found = [direct.get(int(content[image]), reached[int(content[image])]) for image in order]
    return CopyGroup(
        images=order,
        kinds=tuple(kind for _, kind in found),
        similarities=tuple(similarity for similarity, _ in found),
        similarity=weakest,
        best=best,
        kept=tuple(image for image in order if image in keep) or (best,),
        reason=reason,
    )


def _components(first: np.ndarray, second: np.ndarray, n: int) -> np.ndarray:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(first), dtype=np.int8), (first, second)), shape=(n, n))
    return connected_components(graph, directed=False)[1].astype(np.int64)


def _are_among(first: np.ndarray, second: np.ndarray, apart: Iterable[tuple[int, int]], n: int) -> np.ndarray:
    low, high = np.minimum(first, second), np.maximum(first, second)
    return np.isin(low * n + high, np.array([a * n + b for a, b in apart], dtype=np.int64))


def _members(labels: np.ndarray) -> list[list[int]]:
    order = np.argsort(labels, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(labels[order])) + 1)
    return [part.tolist() for part in parts if len(part) > 1]


def _without_links_across(
    chosen: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    pairs: CopyPairs,
    labels: np.ndarray,
    split: set[int],
    apart: set[tuple[int, int]],
) -> np.ndarray:
    """Return the links without those that would join what is to stay apart; the others of these groups stay."""
    touched = np.isin(labels[first[chosen]], list(split))
    links = chosen[touched]
    links = links[np.lexsort((second[links], first[links], pairs.kinds[links], -pairs.similarities[links]))]
    label_of = {image: image for link in links.tolist() for image in (int(first[link]), int(second[link]))}
    members = {image: {image} for image in label_of}
    hostile = {image: set() for image in label_of}  # by label: all images that must not join that group
    for a, b in apart:
        if a in label_of and b in label_of:
            hostile[a].add(b)
            hostile[b].add(a)
    kept = []
    for link in links.tolist():
        large, small = label_of[int(first[link])], label_of[int(second[link])]
        if large != small:
            if not hostile[large].isdisjoint(members[small]):
                continue
            if len(members[large]) < len(members[small]):
                large, small = small, large
            label_of.update(dict.fromkeys(members[small], large))
            members[large] |= members.pop(small)
            hostile[large] |= hostile.pop(small)
        kept.append(link)
    return np.sort(np.concatenate([chosen[~touched], np.array(kept, dtype=np.int64)]))


def _links_to_the_best(
    first: np.ndarray,
    second: np.ndarray,
    pairs: CopyPairs,
    labels: np.ndarray,
    best_of: np.ndarray,
    is_other: np.ndarray,
) -> dict[int, tuple[float, int]]:
    """Return similarity and kind of every content that was compared with the best of its own group, whatever came."""
    inside = is_other & (labels[first] == labels[second])
    found = {}
    for one, other in ((first, second), (second, first)):
        for pair in np.flatnonzero(inside & (best_of[labels[one]] == one)).tolist():
            found[int(other[pair])] = (float(pairs.similarities[pair]), int(pairs.kinds[pair]))
    return found


class _Ways:
    """The strongest ways between contents: those along the maximum spanning tree of the links."""

    def __init__(self, first: np.ndarray, second: np.ndarray, similarities: np.ndarray, kinds: np.ndarray, n: int):
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import minimum_spanning_tree

        # A weight of 0 would be no link; of equally strong ones, the same pixels come first.
        weights = 2.0 - similarities.astype(np.float64) + 1e-9 * kinds
        tree = minimum_spanning_tree(csr_array((weights, (first, second)), shape=(n, n))).tocoo()
        kind_of = dict(zip(zip(first.tolist(), second.tolist(), strict=True), kinds.tolist(), strict=True))
        self._links: dict[int, list[tuple[int, float, int]]] = {}
        for a, b, weight in zip(tree.row.tolist(), tree.col.tolist(), tree.data.tolist(), strict=True):
            kind = kind_of[a, b]
            similarity = float(np.float32(2.0 - weight + 1e-9 * kind))
            self._links.setdefault(a, []).append((b, similarity, kind))
            self._links.setdefault(b, []).append((a, similarity, kind))

    def of(self, start: int) -> tuple[dict[int, tuple[float, int]], float]:
        """Return similarity and kind of the way to each content that can be reached, and the weakest link of all."""
        reached = {start: (1.0, EXACT)}
        waiting = [start]
        while waiting:
            here = waiting.pop()
            so_far, kind_so_far = reached[here]
            for there, similarity, kind in self._links.get(here, ()):
                if there not in reached:
                    reached[there] = (min(so_far, similarity), max(kind_so_far, kind))
                    waiting.append(there)
        return reached, min(similarity for similarity, _ in reached.values())

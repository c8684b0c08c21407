"""Slow, obviously right scores to compare with: the definitions as loops, and scikit-learn's own functions."""

import numpy as np
from scipy.cluster.hierarchy import cut_tree, linkage
from sklearn import metrics
from sklearn.cluster import KMeans


def n_distinct(rows):
    return len({tuple(row) for row in np.round(rows, 12) + 0.0})


def kmeans(rows, k):
    """scikit-learn's KMeans, started from the means of scipy's cut of Ward's tree."""
    cut = cut_tree(linkage(rows, method="ward"), n_clusters=k)[:, 0] if len(rows) > 1 else np.zeros(1, dtype=int)
    starts = np.array([rows[cut == cluster].mean(axis=0) for cluster in range(k)])
    return KMeans(k, init=starts, n_init=1).fit(rows)


def inertia_and_distortion(rows, labels):
    distances = [np.linalg.norm(row - rows[labels == own].mean(axis=0)) for row, own in zip(rows, labels, strict=True)]
    return sum(distance**2 for distance in distances), sum(distances) / len(rows)


def dispersion(rows, labels):
    """W_k: the sum over clusters of all pairwise squared distances D_r divided by 2 n_r."""
    total = 0.0
    for cluster in set(labels):
        members = rows[labels == cluster]
        total += sum(((members - member) ** 2).sum() for member in members) / (2 * len(members))
    return total


def log_dispersion(rows, k):
    """log W_k of a KMeans clustering; nan where every row is a centre."""
    return np.log(dispersion(rows, kmeans(rows, k).labels_)) if k < n_distinct(rows) else np.nan


def silhouettes(rows, labels):
    """scikit-learn's, and 0 where each cluster has one member, or there is but one cluster."""
    if 2 <= len(set(labels)) < len(rows):
        return metrics.silhouette_samples(rows, labels)
    return np.zeros(len(rows))


def several(labels):
    return 2 <= len(set(labels)) < len(labels)


def box(rows, generator):
    """Points drawn one number after the other in the box of the principal axes."""
    middle = rows.mean(axis=0)
    axes = np.linalg.svd(rows - middle, full_matrices=False)[2]
    along = [[(row - middle) @ axis for row in rows] for axis in axes]
    points = []
    for _ in rows:
        point = middle.copy()
        for axis, places in zip(axes, along, strict=True):
            point += generator.uniform(min(places), max(places)) * axis
        points.append(point)
    return np.array(points)


def chain(n_rows, scales, generator):
    """Cosines at random places of an interval, one number after the other."""
    points = []
    for place in [generator.uniform() for _ in range(n_rows)]:
        waves = [2**0.5 * np.cos(np.pi * wave * place) for wave in range(1, len(scales))]
        point = [scale * value for scale, value in zip(scales, [1, *waves], strict=True)]
        points.append(np.array(point) / np.sqrt(sum(value**2 for value in point)))
    return np.array(points)


def agreement(rows, first, second, k):
    """The adjusted Rand index of the labels that the centres of two halves give to all rows."""
    if k > min(n_distinct(first), n_distinct(second)):
        return np.nan
    return metrics.adjusted_rand_score(kmeans(first, k).predict(rows), kmeans(second, k).predict(rows))


def scores(points, labels, ks, *, n_references, scales=None, random_state=0, gap_rows=1000, stability_rows=1000):
    """Every score of every k, as one dictionary for each; ``labels`` has one row for each k."""
    generator = np.random.default_rng(random_state)

    def sample(n_rows):
        if len(points) <= n_rows:
            return points
        return points[np.sort(generator.choice(len(points), n_rows, replace=False))]

    of_gap, common, boxes, chains, halves = sample(gap_rows), sample(stability_rows), [], [], []
    for number in range(n_references):
        boxes.append(box(of_gap, generator))
        if scales is not None and number < 10:
            chains.append(chain(len(of_gap), scales, generator))
    for _ in range(5):
        shuffled = common[generator.permutation(len(common))]
        middle = (len(common) + 1) // 2
        halves.append((shuffled[:middle], shuffled[middle:] if len(common) > 1 else shuffled))

    for k, own in zip(ks, labels, strict=True):
        inertia, distortion = inertia_and_distortion(points, own)
        samples = silhouettes(points, own)
        log_w = np.array([log_dispersion(reference, k) for reference in boxes])
        of_references = np.array([silhouette_of_kmeans(reference, k) for reference in (chains or boxes)[:10]])
        agreements = np.array([agreement(common, *pair, k) for pair in halves])
        yield {
            "k": k,
            "inertia": inertia,
            "distortion": distortion,
            "silhouette": samples.mean() if k > 1 else np.nan,
            "silhouette_samples": samples,
            "silhouette_reference": of_references.mean() if k > 1 else np.nan,
            "silhouette_reference_std": of_references.std() if k > 1 else np.nan,
            "gap": log_w.mean() - log_dispersion(of_gap, k),
            "gap_error": np.sqrt(((log_w - log_w.mean()) ** 2).mean()) * np.sqrt(1 + 1 / n_references),
            "davies_bouldin": metrics.davies_bouldin_score(points, own) if several(own) else np.nan,
            "calinski_harabasz": metrics.calinski_harabasz_score(points, own) if several(own) else np.nan,
            "stability": agreements.mean() if k > 1 else np.nan,
            "stability_std": agreements.std() if k > 1 else np.nan,
        }


def silhouette_of_kmeans(rows, k):
    return silhouettes(rows, kmeans(rows, k).labels_).mean() if k <= n_distinct(rows) else np.nan

"""Projects as they come of small collections of rows, with edits, parts and thumbnails, without a file of a picture."""

import io

import numpy as np
from PIL import Image

from imgcluster.editing.edits import Hide, Lock, Merge, Move, Rename, Split
from imgcluster.editing.history import History
from imgcluster.features.extraction import Features
from imgcluster.grouping.clustering import kmeans_series
from imgcluster.keeping.projects.project import Project
from imgcluster.keeping.projects.project_file import parts_of
from imgcluster.pictures.collection import ImageFile
from imgcluster.spaces.options import SpaceOptions
from imgcluster.spaces.space import make_space

SCRIPT = "<img src=x onerror=alert(1)>"
LOCATION = "/home/somebody/secret place/photos"


def some_hashes(n_images, seed=0):
    rng = np.random.default_rng(seed)
    return tuple(rng.bytes(16).hex() for _ in range(n_images))


def some_history(n_images):
    """Return every kind of edit, two of them undone."""
    everything = tuple(range(n_images))
    half = n_images // 2
    edits = (
        Rename(group=everything[:half], name=SCRIPT),
        Rename(group=everything[half:], name="Ünïcode 📷"),
        Rename(group=everything[half:], name=""),
        Split(group=everything[:half], parts=(everything[:2], (), everything[2:half])),
        Merge(groups=(everything[:2], everything[2:half])),
        Move(images=(everything[-1],), target="new"),
        Move(images=(everything[-1],), target=None),
        Move(images=(everything[-1], everything[0]), target=everything[1:half]),
        Lock(group=everything[:half]),
        Lock(group=everything[:half], locked=False),
        Hide(below=3),
    )
    return History(edits=edits, n_done=len(edits) - 2)


def some_project(n_images=24, **facts):
    hashes = some_hashes(n_images)
    return Project(
        **{
            "id": "0123456789ab",
            "name": f"holiday {SCRIPT}",
            "kind": "folder",
            "location": LOCATION,
            "created": "2026-11-01T10:00:00+00:00",
            "changed": "2026-11-02T10:00:00+00:00",
            "features": "colour",
            "space": SpaceOptions(method="pca", n_dims=5),
            "n_clusters": 4,
            "choices": {
                "method": "kmeans",
                "eps": 0.25,
                "n": 7,
                "is_on": True,
                "none": None,
                "out": "/tmp/out",
                "w": "C:\\x",
            },
            "history": some_history(n_images) if n_images >= 6 else History(),
            "paths": tuple(f"a/{SCRIPT.replace('/', '')}{index:04d}.png" for index in range(n_images)),
            "hashes": hashes,
            "cover": hashes[:3],
        }
        | facts
    )


def some_features(n_images=24, *, n_features=30, scale=1.0, same=False, hashes=None):
    rng = np.random.default_rng(1)
    middles = rng.uniform(0, 2, size=(4, n_features))
    vectors = np.abs(middles[np.arange(n_images) % 4] + 0.2 * rng.normal(size=(n_images, n_features)))
    if same:
        vectors[:] = vectors[0]
    return Features(
        vectors=(scale * vectors).astype(np.float32),
        hashes=hashes or some_hashes(n_images),
        extractor="colour-1",
        fingerprint="f00",
        scaling="hellinger",
    )


def some_parts(n_images=24, *, method="diffusion", n_rows=6, with_places=True, **options):
    features = some_features(n_images, **options)
    space = make_space(features, SpaceOptions(method=method))
    return parts_of(
        features,
        space,
        kmeans_series(space.coordinates, min(n_rows, n_images)),
        images=[
            ImageFile(path=f"{index}.png", source=None, size=1000 + index, mtime_ns=10**18 + index)
            for index in range(n_images)
        ],
        places=np.random.default_rng(2).normal(size=(n_images, 2)) if with_places else None,
    )


def jpeg(seed=0, *, side=160, noise=20, quality=80):
    rng = np.random.default_rng(seed)
    pixels = 128 + np.cumsum(rng.normal(0, 1, (side, side, 3)), axis=0) + noise * rng.normal(size=(side, side, 3))
    file = io.BytesIO()
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(file, "JPEG", quality=quality)
    return file.getvalue()


def some_thumbnails(project, **options):
    return {key: jpeg(place, side=40, **options) for place, key in enumerate(project.hashes)}


def assert_same(first, second):
    """Compare two dataclasses to the last bit."""
    for name in first.__dataclass_fields__:
        one, other = getattr(first, name), getattr(second, name)
        if isinstance(one, np.ndarray):
            assert one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes(), name
        elif hasattr(one, "__dataclass_fields__"):
            assert_same(one, other)
        else:
            assert one == other and type(one) is type(other), name

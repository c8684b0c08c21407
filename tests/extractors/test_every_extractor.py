"""What holds for all extractors alike; the networks of Keras have their own test of it beside their weights."""

import importlib
import pkgutil
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from odd_images import encoded, quadrants, with_orientation, write_odd_images
from PIL import Image
from sklearn.datasets import load_sample_images
from some_weights import some_learned

import imgcluster.extractors
from imgcluster.extractors.autoencoder import Autoencoder
from imgcluster.extractors.extractor import Descriptor
from imgcluster.extractors.networks.efficientnet import EfficientNetLite
from imgcluster.extractors.registry import DEFAULT_EXTRACTOR, available_kinds
from imgcluster.pictures.opening import decode

SHAPES = [(1, 1), (1, 2), (2, 1), (2, 2), (3, 700), (700, 3), (17, 16)]


def every_kind():
    """Give the listed kinds, and those of modules beside the list."""
    yield from available_kinds()
    for module in pkgutil.iter_modules(imgcluster.extractors.__path__, "imgcluster.extractors."):
        yield from getattr(importlib.import_module(module.name), "KINDS", ())


def ready_extractors():
    """Return one extractor of each kind that needs no weights which may have to be fetched first."""
    made = {kind.name: kind.make() for kind in every_kind() if not kind.trained}
    ready = {
        name: each
        for name, each in made.items()
        if isinstance(each, Descriptor | EfficientNetLite) and each.missing() is None
    }
    return ready | {Autoencoder.name: Autoencoder().trained(some_learned())}


READY = ready_extractors()


@pytest.fixture(params=READY.values(), ids=READY)
def extractor(request):
    """The network is the loaded one of all tests."""
    return request.getfixturevalue("network") if request.param.name == DEFAULT_EXTRACTOR else request.param


@pytest.fixture(scope="module")
def odd_files(tmp_path_factory):
    """The different contents of the odd files that can be used, by name."""
    folder = tmp_path_factory.mktemp("odd")
    good = write_odd_images(folder).good
    contents = {(folder / name).read_bytes(): name for name in good if (folder / name).exists()}
    assert len(contents) >= 40
    return {name: data for data, name in contents.items()}


@pytest.fixture(scope="module")
def photo():
    return Image.fromarray(load_sample_images().images[0]).crop((100, 50, 420, 300))


def prepared(extractor, images):
    """Return what the vectors depend on; of descriptors it is the vectors."""
    return np.stack([extractor.prepare(image) for image in images])


def decoded(extractor, files):
    return [decode(data, min_side=extractor.min_side) for data in files]


def check(extractor, vectors, names):
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(names), extractor.n_features)
    assert [name for name, row in zip(names, vectors, strict=True) if not np.isfinite(row).all()] == []


def test_odd_pictures_have_vectors_and_the_same_ones_each_time(extractor, odd_files):
    images = decoded(extractor, odd_files.values())
    vectors = extractor(prepared(extractor, images))
    check(extractor, vectors, list(odd_files))
    np.testing.assert_array_equal(extractor(prepared(extractor, images[::-1]))[::-1], vectors)


def test_pictures_of_any_shape_and_of_one_colour_have_vectors(extractor):
    rng = np.random.default_rng(0)
    images = [Image.fromarray(rng.integers(0, 256, (*shape, 3), dtype=np.uint8)) for shape in SHAPES]
    images += [Image.new("RGB", size, c) for size in ((1, 1), (90, 60)) for c in ("black", "white", "gray", "red")]
    check(extractor, extractor(prepared(extractor, images)), [str(image.size) for image in images])


def test_lossless_formats_have_the_same_vector(extractor, photo):
    files = [encoded(photo, "PNG"), encoded(photo, "WEBP", lossless=True), encoded(photo, "BMP")]
    first, *others = prepared(extractor, decoded(extractor, files))
    for other in others:
        np.testing.assert_array_equal(other, first)


def test_turned_by_exif_equals_turned_pixels(extractor):
    files = [encoded(quadrants(), "PNG"), *(with_orientation(k, "PNG") for k in range(1, 9))]
    first, *others = prepared(extractor, decoded(extractor, files))
    for other in others:
        np.testing.assert_array_equal(other, first)


def test_threads_prepare_the_same(extractor, photo):
    images = [photo.crop((x, x, x + 90, x + 60)) for x in range(0, 160, 20)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(extractor.prepare, images * 2))
    np.testing.assert_array_equal(together, prepared(extractor, images * 2))


def test_preparing_leaves_the_picture_as_it_was(extractor, photo):
    before = photo.tobytes()
    extractor.prepare(photo)
    assert photo.tobytes() == before

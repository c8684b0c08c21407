"""Networks elsewhere: which precision their vectors are of is decided once, and kept whatever else goes on."""

import functools
import threading
from pathlib import Path

import numpy as np
import pytest
from fake_extractor import FakeExtractor, write_images

from imgcluster.backends import Backend
from imgcluster.errors import ExtractorError
from imgcluster.extractors import registry
from imgcluster.extractors.extractor import Kind, Parameter
from imgcluster.features import distributed
from imgcluster.features.distributed import Elsewhere, Order, look_at
from imgcluster.features.embedding import embed_collection
from imgcluster.features.extraction import extract_features
from imgcluster.features.options import parse_features
from imgcluster.features.reading import loader_version
from imgcluster.features.store import Store
from imgcluster.pictures.finding import find_images

BACKEND = Backend(scheduler="tcp://127.0.0.1:1")
PIXELS = 10_000_000
TYPES = {"f32": np.float32, "f16": np.float16}
SECONDS = 30.0  # until a test that hangs fails


class PreciseExtractor(FakeExtractor):
    """As a network: its id names the precision, until it is loaded the one that was last chosen, by a file."""

    def __init__(self, *, choice=""):
        super().__init__()
        self.choice, self.precision = Path(choice), None
        self.was_held = []  # whether the lock of the workers' threads was, at each change and each use

    @property
    def id(self):
        chosen = self.choice.read_text() if self.choice.is_file() else "f32"
        precision = self.precision or chosen
        return "precise-1" if precision == "f32" else f"precise-1@{precision}"

    def load(self):
        super().load()
        if self.precision is None:
            self.choice.write_text("f16")
            self.precision = "f16"

    def load_in(self, precision):
        self.load()
        self.was_held.append(distributed._one_batch.locked())
        if precision not in TYPES:
            raise ExtractorError("This computer cannot compute in that precision.")
        self.precision = precision

    def __call__(self, batch):
        self.was_held.append(distributed._one_batch.locked())
        return rounded(super().__call__(batch), self.precision)


def rounded(vectors, precision):
    return (vectors / 7).astype(TYPES[precision]).astype(np.float32)


PRECISE = Kind(
    name="precise",
    make=PreciseExtractor,
    parameters=(Parameter(name="choice", title="Choice", help="", default=""),),
)


@pytest.fixture
def features(tmp_path, monkeypatch):
    monkeypatch.setitem(registry._KINDS, PRECISE.name, PRECISE)
    return f'precise(choice="{(tmp_path / "choice").as_posix()}")'


@pytest.fixture
def another_process(monkeypatch):
    """Do the work here, with extractors of its own as in a worker's process; returns the batches that were sent."""
    sent = []

    def run_tasks(backend, function, tasks, *, cancel=None):
        here = registry._made
        for task in tasks:
            sent.append(task)
            monkeypatch.setattr(registry, "_made", theirs)
            try:
                result = function(*task)
            finally:
                monkeypatch.setattr(registry, "_made", here)
            yield result

    theirs = functools.cache(registry._made.__wrapped__)
    monkeypatch.setattr(distributed, "run_tasks", run_tasks)
    return sent


@pytest.fixture
def collection(tmp_path):
    write_images(tmp_path / "pictures", 40)
    return find_images(tmp_path / "pictures")


def order(features, precision="f32", name="precise-1"):
    extractor_id = name if precision == "f32" else f"{name}@{precision}"
    return Order(features=features, extractor_id=extractor_id, loader=loader_version(PIXELS), max_pixels=PIXELS)


def expected(collection, precision):
    fake = FakeExtractor()
    with Store(Path(collection.images[0].source).parents[1] / "expected") as store:
        return rounded(extract_features(collection, extractor=fake, store=store).features.vectors, precision)


def vectors_of(outcomes):
    return np.stack([outcome.entry.vector for outcome in outcomes])


def test_a_worker_of_this_computer_chooses_meanwhile(collection, tmp_path, features, another_process):
    (extractor,) = parse_features(features).extractors()
    with Store(tmp_path / "store") as store:
        elsewhere = Elsewhere(backend=BACKEND, features=features)
        found = extract_features(collection, extractor=extractor, store=store, elsewhere=elsewhere).features
        assert extractor.id == "precise-1@f16" and extractor.loads == 0  # by now
        assert found.extractor == "precise-1"
        assert not store.missing("precise-1", found.hashes)
        assert store.missing("precise-1@f16", found.hashes) == set(found.hashes)
    assert {each.extractor_id for _, _, each in another_process} == {"precise-1"} and len(another_process) == 2
    np.testing.assert_array_equal(found.vectors, expected(collection, "f32"))


@pytest.mark.parametrize(("text", "name"), [("{}", "precise-1"), ("colour+{}:0.5", "+precise-1:0.5")])
def test_what_vectors_are_called(collection, tmp_path, features, another_process, text, name):
    options = parse_features(text.format(features))
    with Store(tmp_path / "store") as store:
        found = embed_collection(collection, options, store=store, models=tmp_path, backend=BACKEND).features
    assert found.extractor.endswith(name) and "@" not in found.extractor


def test_several_that_are_called_otherwise_once_the_first_was_loaded(collection, tmp_path, features, monkeypatch):
    """Here: the name of the whole is that of the vectors that were made, and not what the extractors are called now."""
    options = parse_features(f"{features}+colour")
    (precise, _) = options.extractors()
    combine = "imgcluster.features.embedding.combine_vectors"
    blocks = []

    def combined(given, **_):
        blocks.extend(given)
        precise.precision = "f32"  # as a worker that is a thread of this process has it
        return given[0]

    monkeypatch.setattr(combine, combined)
    with Store(tmp_path / "store") as store:
        found = embed_collection(collection, options, store=store, models=tmp_path).features
    assert found.extractor.startswith("precise-1@f16:1+")
    np.testing.assert_array_equal(blocks[0], expected(collection, "f16"))


@pytest.mark.parametrize("precision", ["f16", "f32"])
def test_a_worker_computes_in_the_precision_that_is_wanted(collection, features, precision):
    images = collection.images
    for wanted in ("f32", precision):  # whatever it did before
        outcomes = look_at(range(40), images, order(features, wanted))
    np.testing.assert_array_equal(vectors_of(outcomes), expected(collection, precision))
    (extractor,) = parse_features(features).extractors()
    assert extractor.was_held and all(extractor.was_held)


def test_two_orders_of_two_precisions(collection, features, monkeypatch):
    """The second is carried out from its beginning to its end while the first one's pictures are being read."""
    is_reading, is_done = threading.Event(), threading.Event()
    prepare = PreciseExtractor.prepare

    def waiting(self, image):
        if not is_reading.is_set():
            is_reading.set()
            assert is_done.wait(SECONDS)
        return prepare(self, image)

    monkeypatch.setattr(PreciseExtractor, "prepare", waiting)
    images, found = collection.images, {}
    first = threading.Thread(target=lambda: found.update(f32=look_at((0,), images[:1], order(features, "f32"))))
    first.start()
    assert is_reading.wait(SECONDS)
    found["f16"] = look_at((0,), images[:1], order(features, "f16"))
    is_done.set()
    first.join(SECONDS)
    for precision, outcomes in found.items():
        np.testing.assert_array_equal(vectors_of(outcomes), expected(collection, precision)[:1])
    assert found.keys() == TYPES.keys()


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ({"name": "precise-2"}, "vectors of precise-1@f16, and those of precise-2 are wanted"),
        ({"precision": "bf16"}, "cannot compute in that precision"),
    ],
)
def test_a_misfit_is_found_before_a_picture_is_read(collection, features, monkeypatch, wanted, sentence):
    monkeypatch.setattr(distributed, "Reader", lambda *_, **__: pytest.fail("it was going to read"))
    with pytest.raises(ExtractorError, match=sentence):
        look_at((0,), collection.images[:1], order(features, **wanted))

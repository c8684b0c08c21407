import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fake_extractor import FakeExtractor, write_images
from PIL import Image

from imgcluster.errors import Cancelled, ExtractorError, NoImagesError
from imgcluster.extractors import registry
from imgcluster.extractors.extractor import Kind, Missing, Parameter
from imgcluster.extractors.preprocessing import Preprocessing
from imgcluster.features import embedding
from imgcluster.features.combining import combine_vectors
from imgcluster.features.embedding import TimeEstimate, embed_collection, estimate_time, measure_time
from imgcluster.features.extraction import extract_features
from imgcluster.features.options import FeatureOptions, FeaturePart, parse_features
from imgcluster.pictures.collection import Collection
from imgcluster.pictures.finding import find_images

NO_MODELS = Path("no-models")


class Quarters(FakeExtractor):
    """The mean colours of the four quarters; some first values it is blind to."""

    def __init__(self, name, *, rate=40.0, load_seconds=8.0, blind_to=(), scaling="hellinger"):
        super().__init__()
        self.id, self.name, self.title = f"{name}-1", name, name.title()
        self.rate, self.load_seconds, self.scaling = rate, load_seconds, scaling
        self.blind_to = set(blind_to)

    def __call__(self, batch):
        vectors = super().__call__(batch)
        for vector in vectors:
            if vector[0] in self.blind_to:
                vector[1] = np.nan
        return vectors


class Means(Quarters):
    """The mean colour."""

    n_features = 3

    def prepare(self, image):
        return np.asarray(image.resize((1, 1), Image.Resampling.BOX))


@pytest.fixture
def quarters(monkeypatch):
    return put(monkeypatch, Quarters("quarters", rate=50.0, load_seconds=2.0))


@pytest.fixture
def means(monkeypatch):
    return put(monkeypatch, Means("means", rate=10.0, load_seconds=1.0, scaling="none"))


@pytest.fixture
def collection(tmp_path):
    write_images(tmp_path / "pictures", 40)
    return find_images(tmp_path / "pictures")


@pytest.fixture
def embed(collection, store, tmp_path):
    def embed_as(text, **options):
        return embed_collection(collection, parse_features(text), store=store, models=tmp_path / "models", **options)

    return embed_as


def put(monkeypatch, extractor, **options):
    """Make an extractor one of those that there are."""
    monkeypatch.setitem(registry._KINDS, extractor.name, Kind(name=extractor.name, make=lambda: extractor, **options))
    registry._made.cache_clear()
    return extractor


def first_values(extractor, collection):
    """What the first number of each image's vector is."""
    return [extractor.prepare(Image.open(image.source).convert("RGB")).ravel()[0] for image in collection.images]


def without(collection, *indices):
    return [path for index, path in enumerate(collection.paths) if index not in indices]


def test_one_extractor_is_what_extract_features_gives(embed, collection, store, quarters):
    alone, direct = embed("quarters"), extract_features(collection, extractor=quarters, store=store)
    assert alone.features.fingerprint == direct.features.fingerprint
    np.testing.assert_array_equal(alone.features.vectors, direct.features.vectors)


def test_two_extractors_are_combined(embed, collection, store, quarters, means):
    both = embed("quarters+means:0.3").features
    blocks = [extract_features(collection, extractor=each, store=store).features.vectors for each in (quarters, means)]
    expected = combine_vectors(blocks, scalings=["hellinger", "none"], weights=[1, 0.3])
    np.testing.assert_array_equal(both.vectors, expected)
    assert both.scaling == "none" and both.extractor == "quarters-1:1+means-1:0.3"
    assert not both.vectors.flags.writeable
    assert quarters.seen == means.seen == 40


def test_another_weight_extracts_nothing_anew(embed, quarters, means):
    prints = {embed(f"quarters+means:{weight}").features.fingerprint for weight in (1, 0.5, 0.1234567, 0.1234568)}
    prints.add(embed("means+quarters").features.fingerprint)
    assert len(prints) == 5
    assert quarters.seen == means.seen == 40 and quarters.loads == means.loads == 1


def test_what_one_extractor_cannot_use_is_skipped_for_all(embed, collection, quarters, means):
    quarters.blind_to = {first_values(quarters, collection)[3]}
    means.blind_to = {first_values(means, collection)[7]}
    for text in ("quarters+means", "means+quarters"):
        result = embed(text)
        blind = {
            index
            for extractor in (quarters, means)
            for index, value in enumerate(first_values(extractor, collection))
            if value in extractor.blind_to
        }
        assert list(result.collection.paths) == without(collection, *blind)
        assert {skipped.path for skipped in result.collection.skipped} == {collection.paths[index] for index in blind}
        assert len(result.features.hashes) == len(result.features.vectors) == 40 - len(blind)


@pytest.mark.parametrize("text", ["quarters+means", "means+quarters"])
def test_rows_stay_with_their_images_when_some_are_skipped(text, embed, collection, quarters, means):
    whole = embed(text).features
    registry._made.cache_clear()
    quarters.id, means.id = "quarters-2", "means-2"
    means.blind_to = {first_values(means, collection)[7]}
    some = embed(text)
    kept = [path in some.collection.paths for path in collection.paths]
    assert 0 < sum(kept) < 40
    np.testing.assert_array_equal(some.features.vectors, whole.vectors[kept])
    assert some.features.hashes == tuple(np.array(whole.hashes)[kept])


def test_what_one_extractor_cannot_use_another_one_still_can(embed, collection, quarters, means):
    quarters.blind_to = {first_values(quarters, collection)[3]}
    assert len(embed("quarters").collection) < 40
    assert len(embed("means").collection) == 40


def test_no_image_left_is_an_error(embed, collection, quarters, means):
    means.blind_to = range(256)
    with pytest.raises(NoImagesError):
        embed("quarters+means")


def test_cancel_keeps_what_was_finished(embed, quarters, means):
    cancel = threading.Event()

    def stop_in_the_second(report):
        if means.seen:
            cancel.set()

    with pytest.raises(Cancelled):
        embed("quarters+means", progress=stop_in_the_second, cancel=cancel)
    assert (quarters.seen, means.seen) == (40, 32)
    embed("quarters+means")
    assert (quarters.seen, means.seen) == (40, 40)


def test_a_missing_extractor_is_noticed_before_the_first_one_works(embed, quarters, means):
    means.missing = lambda: Missing(sentence="There are no weights.", command="pip install weights")
    with pytest.raises(ExtractorError, match="no weights") as caught:
        embed("quarters+means")
    assert caught.value.hint == "pip install weights" and quarters.seen == 0


def test_preprocessing_has_ids_of_its_own(embed, quarters, means):
    plain, gray, again = embed("quarters"), embed("quarters|grayscale"), embed("quarters|grayscale")
    assert plain.features.extractor == "quarters-1" != gray.features.extractor
    assert plain.features.fingerprint != gray.features.fingerprint == again.features.fingerprint
    assert quarters.seen == 80
    colours = gray.features.vectors.reshape(40, 4, 3)
    assert (colours == colours[:, :, :1]).all() and not np.array_equal(plain.features.vectors, gray.features.vectors)
    assert embed("quarters+means|grayscale").features.extractor.count("|grayscale") == 2


def test_parameters_reach_the_extractor(embed, monkeypatch):
    made = []

    def make(cell=8):
        made.append(cell)
        return Quarters(f"toy-{cell}")

    parameter = Parameter(name="cell", title="Cell", help="", default=8, low=1, high=99)
    monkeypatch.setitem(registry._KINDS, "toy", Kind(name="toy", make=make, parameters=(parameter,)))
    assert embed("toy(cell=9)+toy").features.extractor == "toy-9-1:1+toy-8-1:1"
    assert made == [9, 8]


def test_a_trained_extractor_is_trained_on_what_is_left(embed, collection, monkeypatch, tmp_path, quarters):
    untrained, trained = Means("trained"), Means("trained")
    trained.id = "trained-1-abc"
    put(monkeypatch, untrained, trained=True)
    quarters.blind_to = {255 - first_values(quarters, collection)[0]}
    calls = []

    def train(collection, extractor, *, preprocessing, directory, **_):
        calls.append((collection.paths, extractor, preprocessing, directory))
        return trained

    monkeypatch.setattr(embedding, "trained_autoencoder", train)
    result = embed("quarters+trained|invert")
    inverted = embed("quarters|invert").collection
    assert calls == [(inverted.paths, untrained, Preprocessing(invert=True), tmp_path / "models")]
    assert untrained.seen == 0 and trained.seen == len(inverted) < 40
    assert "trained-1-abc" in result.features.extractor


def test_vectors_from_elsewhere_take_the_place_of_extractors(collection, store, tmp_path, quarters):
    np.save(tmp_path / "a.npy", np.eye(40, 3, dtype=np.float32) + 1)
    options = FeatureOptions(parts=(FeaturePart(name="quarters"),), vectors=str(tmp_path / "a.npy"))
    before = estimate_time(collection, options, store=store, models=NO_MODELS)
    assert before == TimeEstimate(n_new=40, seconds=pytest.approx(40 / 150), measured=False)
    result = embed_collection(collection, options, store=store, models=tmp_path)
    np.testing.assert_array_equal(result.features.vectors, np.eye(40, 3) + 1)
    assert quarters.seen == 0
    assert estimate_time(collection, options, store=store, models=NO_MODELS) == TimeEstimate(
        n_new=0, seconds=0.0, measured=True
    )


def estimate(text, collection, store):
    return estimate_time(collection, parse_features(text), store=store, models=NO_MODELS)


def test_estimates_add_up(collection, store, quarters, means):
    assert estimate("quarters", collection, store) == TimeEstimate(n_new=40, seconds=2 + 40 / 50, measured=False)
    both = estimate("quarters+means", collection, store)
    assert both == TimeEstimate(n_new=40, seconds=pytest.approx(2 + 40 / 50 + 1 + 40 / 10), measured=False)
    assert quarters.loads == means.loads == 0


def test_estimates_leave_out_what_is_kept(collection, store, quarters, means):
    first = replace(collection, images=collection.images[:15])
    extract_features(first, extractor=means, store=store)
    both = estimate("quarters+means", collection, store)
    assert both == TimeEstimate(n_new=40, seconds=pytest.approx(2 + 40 / 50 + 1 + 25 / 10), measured=False)
    assert estimate("means", first, store) == TimeEstimate(n_new=0, seconds=0.0, measured=True)


def test_estimates_use_the_speed_of_this_computer(collection, store, quarters, means):
    store.put_rate(quarters.id, 80.0)
    assert estimate("quarters", collection, store) == TimeEstimate(n_new=40, seconds=2 + 40 / 80, measured=True)
    assert not estimate("quarters+means", collection, store).measured
    assert not estimate("quarters|grayscale", collection, store).measured


def test_measuring_keeps_the_first_images(embed, collection, store, quarters, means):
    options = parse_features("quarters+means")
    found = measure_time(collection, options, store=store, models=NO_MODELS)
    assert quarters.seen == means.seen == 32
    rates = [store.rate(each.id) for each in (quarters, means)]
    assert found == TimeEstimate(n_new=8, seconds=pytest.approx(3 + 8 / rates[0] + 8 / rates[1]), measured=True)
    assert measure_time(collection, options, store=store, models=NO_MODELS) == found
    assert quarters.seen == 32
    embed("quarters+means")
    assert quarters.seen == means.seen == 40


def test_measuring_leaves_alone_what_has_to_be_trained(collection, store, monkeypatch, means):
    untrained = put(monkeypatch, Quarters("trained", rate=4.0, load_seconds=0.0), trained=True)
    monkeypatch.setattr(embedding, "kept_autoencoder", lambda *_, **__: None)
    found = measure_time(collection, parse_features("trained"), store=store, models=NO_MODELS)
    assert found == TimeEstimate(n_new=40, seconds=10.0, measured=False)
    assert untrained.seen == 0


def test_what_was_trained_before_is_asked_for_the_estimate(collection, store, monkeypatch, quarters):
    put(monkeypatch, Quarters("trained", rate=4.0, load_seconds=0.0), trained=True)
    monkeypatch.setattr(embedding, "kept_autoencoder", lambda *_, **__: quarters)
    extract_features(collection, extractor=quarters, store=store)
    assert estimate("trained", collection, store) == TimeEstimate(n_new=0, seconds=0.0, measured=True)


def test_measuring_survives_broken_images(tmp_path, store, quarters):
    write_images(tmp_path / "pictures", 40)
    for index in range(32):
        (tmp_path / "pictures" / f"{index:04d}.png").write_bytes(b"broken")
    collection = find_images(tmp_path / "pictures")
    found = measure_time(collection, parse_features("quarters"), store=store, models=NO_MODELS)
    assert found == TimeEstimate(n_new=8, seconds=pytest.approx(2 + 8 / 50), measured=False)


def test_measuring_can_be_cancelled(collection, store, quarters):
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled):
        measure_time(collection, parse_features("quarters"), store=store, models=NO_MODELS, cancel=cancel)


def test_an_empty_collection_takes_no_time(store, quarters):
    assert estimate("quarters", Collection(name="", images=()), store) == TimeEstimate(
        n_new=0, seconds=0.0, measured=True
    )

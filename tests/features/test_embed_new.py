import numpy as np
import pytest
from fake_extractor import FakeExtractor, write_images

from imgcluster.errors import ExtractorError, NoImagesError, ParameterError
from imgcluster.extractors import autoencoder, registry
from imgcluster.extractors.extractor import Kind, Missing
from imgcluster.extractors.networks import engine
from imgcluster.extractors.networks.conv_autoencoder import SHAPES, Learned
from imgcluster.features import training
from imgcluster.features.embedding import embed_collection, embed_new, extractor_id
from imgcluster.features.options import FeatureOptions, parse_features
from imgcluster.features.training import find_learned, write_learned
from imgcluster.pictures.finding import find_images


def learned_with(value, n_images=500):
    weights = tuple(np.full(shape, value, dtype=np.float32) for shape in SHAPES)
    return Learned(weights=weights, history=np.zeros((1, 2)), n_images=n_images)


@pytest.fixture
def fake(monkeypatch):
    extractor = FakeExtractor()
    monkeypatch.setitem(registry._KINDS, "fake", Kind(name="fake", make=lambda: extractor))
    registry._made.cache_clear()
    yield extractor
    registry._made.cache_clear()


@pytest.fixture
def network(monkeypatch):
    """An encoder without TensorFlow: the mean colour, times the first weight."""

    class Encoder:
        input_shape = (None, 64, 64, 3)

        def __init__(self, weights):
            self.weight = weights[0].flat[0]

        def predict_on_batch(self, batch):
            return np.repeat(self.weight * batch.mean(axis=(1, 2, 3), keepdims=False)[:, None], 64, axis=1)

    monkeypatch.setattr(engine, "_openvino_version", lambda: "")
    monkeypatch.setattr(autoencoder, "build_encoder", Encoder)
    monkeypatch.setattr(autoencoder.Autoencoder, "missing", lambda self: None)


@pytest.fixture
def no_training(monkeypatch):
    def fit(*_, **__):
        raise AssertionError("nothing is to be learned from new pictures")

    monkeypatch.setattr(training, "fit_autoencoder", fit)


@pytest.fixture
def new(tmp_path):
    write_images(tmp_path / "new", 12, seed=7)
    return find_images(tmp_path / "new")


@pytest.mark.parametrize("text", ["fake", "fake|grayscale", "fake+colour:0.3", "colour+fake|crop"])
def test_new_images_get_the_vectors_that_a_collection_would(text, new, store, fake, tmp_path):
    options = parse_features(text)
    found = embed_new(new, options, store=store)
    expected = embed_collection(new, options, store=store, models=tmp_path / "models")
    np.testing.assert_array_equal(found.features.vectors, expected.features.vectors)
    assert found.features.fingerprint == expected.features.fingerprint
    assert extractor_id(options) == found.features.extractor
    assert fake.seen == 12


@pytest.mark.usefixtures("network", "no_training")
@pytest.mark.parametrize("text", ["autoencoder", "autoencoder(epochs=3)|grayscale", "autoencoder:0.5+fake"])
def test_what_was_learned_is_used_and_nothing_is_learned_anew(text, new, store, fake):
    options = parse_features(text)
    found = [embed_new(new, options, learned=learned_with(value), store=store).features for value in (0.5, 2.0)]
    assert found[0].extractor != found[1].extractor
    assert [extractor_id(options, learned_with(value)) for value in (0.5, 2.0)] == [each.extractor for each in found]
    if text.startswith("autoencoder("):
        np.testing.assert_allclose(found[1].vectors, 4 * found[0].vectors, rtol=1e-6)
        assert found[0].vectors.std(axis=0).min() > 0


@pytest.mark.usefixtures("network", "no_training")
def test_the_note_on_few_images_is_about_those_learned_from(new, store):
    options = parse_features("autoencoder")
    assert embed_new(new, options, learned=learned_with(1), store=store).notes == ()
    assert "only 120" in embed_new(new, options, learned=learned_with(1, 120), store=store).notes[0]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (FeatureOptions(vectors="clip.npz"), "came from a file"),
        (parse_features("autoencoder"), "learned is not there"),
        (parse_features("hog+autoencoder"), "learned is not there"),
    ],
    ids=["vectors", "autoencoder", "combined"],
)
def test_without_anything_to_look_with_it_is_an_error(options, sentence, new, store):
    with pytest.raises(ParameterError, match=sentence) as caught:
        embed_new(new, options, store=store)
    assert caught.value.hint
    with pytest.raises(ParameterError, match=sentence):
        extractor_id(options)


def test_what_is_missing_is_said(new, store, fake, monkeypatch):
    monkeypatch.setattr(
        fake, "missing", lambda: Missing(sentence="It is not there.", command="fetch it"), raising=False
    )
    with pytest.raises(ExtractorError, match="not there"):
        embed_new(new, parse_features("fake"), store=store)


def test_new_images_of_which_none_can_be_used(store, fake, tmp_path):
    (tmp_path / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\n no picture")
    with pytest.raises(NoImagesError):
        embed_new(find_images([tmp_path / "bad.png"]), parse_features("fake"), store=store)


def test_what_was_learned_is_found_by_the_id_of_the_vectors(tmp_path):
    for number, value in enumerate((1.0, 2.0)):
        write_learned(tmp_path / f"autoencoder-{number}.npz", learned_with(value))
    (tmp_path / "autoencoder-damaged.npz").write_bytes(b"PK")
    options = parse_features("autoencoder+hog|grayscale")
    for value in (1.0, 2.0):
        found = find_learned(tmp_path, extractor_id(options, learned_with(value)))
        assert found.digest == learned_with(value).digest
    assert find_learned(tmp_path, extractor_id(options, learned_with(3.0))) is None
    assert find_learned(tmp_path / "missing", "autoencoder-1-0") is None

from dataclasses import replace

import numpy as np
import pytest
from fake_extractor import FakeExtractor
from PIL import Image

from imgcluster.cache import Workspace
from imgcluster.errors import NoImagesError, ParameterError
from imgcluster.extractors import autoencoder, registry
from imgcluster.extractors.extractor import Kind
from imgcluster.extractors.networks import engine
from imgcluster.extractors.networks.conv_autoencoder import SHAPES, Learned
from imgcluster.features import training
from imgcluster.features.options import parse_features
from imgcluster.grouping.methods import MethodOptions
from imgcluster.pictures.finding import find_images
from imgcluster.predicting.fitting import fit_model
from imgcluster.stages.grouping import fit_clustering, fit_space_cached
from imgcluster.stages.looking import embed_images, embed_new_images
from imgcluster.stages.predicting import learned_of, predict_collection

COLOURS = {"red": (200, 40, 30), "green": (30, 180, 40), "blue": (40, 30, 190)}


@pytest.fixture
def fake(monkeypatch):
    extractor = FakeExtractor()
    monkeypatch.setitem(registry._KINDS, "fake", Kind(name="fake", make=lambda: extractor))
    registry._made.cache_clear()
    yield extractor
    registry._made.cache_clear()


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "workspace")


def paint(folder, *colours, n, seed=0):
    """Write n pictures of each colour, no two alike."""
    rng = np.random.default_rng(seed)
    folder.mkdir()
    for name in colours:
        for number in range(n):
            quarters = np.clip(np.array(COLOURS.get(name, (150, 150, 150))) + rng.normal(0, 12, (2, 2, 3)), 0, 255)
            Image.fromarray(quarters.astype(np.uint8)).resize((16, 16)).save(folder / f"{name}-{number}.png")
    return find_images(folder)


def model_of(collection, workspace, text="fake"):
    options = parse_features(text)
    extraction, _ = embed_images(collection, options, workspace=workspace)
    space = fit_space_cached(extraction.features, workspace=workspace)
    found = fit_clustering(space, MethodOptions(n_clusters=2), workspace=workspace)
    return fit_model(
        name=collection.name,
        collection_paths=extraction.collection.paths,
        features=extraction.features,
        options=options,
        space=space,
        labels=found.labels,
        method=found.method,
        learned=learned_of(extraction.features, options, workspace=workspace),
    )


@pytest.mark.parametrize("text", ["fake", "fake+colour:0.3", "fake|crop"])
def test_new_pictures_find_their_group_and_strangers_none(text, fake, workspace, tmp_path):
    model = model_of(paint(tmp_path / "old", "red", "green", n=25), workspace, text)
    new = paint(tmp_path / "new", "red", "green", "blue", n=10, seed=1)
    (tmp_path / "new" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n no picture")
    extraction, found = predict_collection(model, find_images(tmp_path / "new"), workspace=workspace)
    assert extraction.collection.paths == new.paths and len(found) == 30
    assert [skipped.path for skipped in extraction.collection.skipped] == ["broken.png"]
    group_of = {path.split("-")[0]: label for path, label in zip(model.paths, model.labels, strict=True)}
    colours = [path.split("-")[0] for path in extraction.collection.paths]
    is_blue = np.array(colours) == "blue"
    assert found.is_none[is_blue].all()
    assert found.is_none[~is_blue].mean() <= 0.25
    friends = [colour for colour in colours if colour != "blue"]
    assert found.labels[~is_blue].tolist() == [group_of[colour] for colour in friends]


def test_known_pictures_cost_nothing_and_have_their_group(fake, workspace, tmp_path):
    old = paint(tmp_path / "old", "red", "green", n=25)
    model = model_of(old, workspace)
    _, found = predict_collection(model, old, workspace=workspace)
    np.testing.assert_array_equal(found.labels, model.labels)
    assert fake.seen == 50


def test_a_model_of_another_extractor_is_refused_before_anything_is_read(fake, workspace, tmp_path):
    model = model_of(paint(tmp_path / "old", "red", "green", n=25), workspace)
    fake.id = "fake-2"
    with pytest.raises(ParameterError, match="extractor fake-1, and this program has fake-2"):
        predict_collection(model, paint(tmp_path / "new", "red", n=3, seed=1), workspace=workspace)
    assert fake.seen == 50


def test_a_quantile_out_of_range_is_refused_before_anything_is_read(fake, workspace, tmp_path):
    model = model_of(paint(tmp_path / "old", "red", "green", n=25), workspace)
    with pytest.raises(ParameterError, match="quantile=2"):
        predict_collection(model, paint(tmp_path / "new", "red", n=3, seed=1), quantile=2, workspace=workspace)
    assert fake.seen == 50


def test_no_picture_is_an_error(fake, workspace, tmp_path):
    old = paint(tmp_path / "old", "red", "green", n=25)
    model = model_of(old, workspace)
    with pytest.raises(NoImagesError):
        predict_collection(model, replace(old, images=()), workspace=workspace)


def test_notes_on_the_store_are_kept(fake, workspace, tmp_path):
    workspace.directory.mkdir()
    workspace.store_path.write_bytes(b"no database" * 1000)
    extraction = embed_new_images(paint(tmp_path / "new", "red", n=3), parse_features("fake"), workspace=workspace)
    assert len(extraction.notes) == 1


def test_an_autoencoder_looks_at_new_pictures_with_what_it_learned(workspace, tmp_path, monkeypatch):
    trainings = []

    def fit(pixels, *, epochs, progress, cancel):
        trainings.append(len(pixels))
        weights = tuple(np.full(shape, len(trainings), dtype=np.float32) for shape in SHAPES)
        return Learned(weights=weights, history=np.zeros((1, 2)), n_images=len(pixels))

    class Encoder:
        """The mean colours of some places."""

        input_shape = (None, 64, 64, 3)

        def predict_on_batch(self, batch):
            return batch[:, ::16, ::16].reshape(len(batch), -1)[:, np.arange(64) % 48].astype(np.float32)

    monkeypatch.setattr(training, "fit_autoencoder", fit)
    monkeypatch.setattr(engine, "_openvino_version", lambda: "")
    monkeypatch.setattr(autoencoder, "build_encoder", lambda weights: Encoder())
    monkeypatch.setattr(autoencoder.Autoencoder, "missing", lambda self: None)
    model = model_of(paint(tmp_path / "old", "red", "green", n=60), workspace, "autoencoder")
    elsewhere = Workspace(tmp_path / "elsewhere")  # as after loading the model from a file
    _, found = predict_collection(model, paint(tmp_path / "new", "red", n=5, seed=1), workspace=elsewhere)
    assert trainings == [120] and model.learned.n_images == 120
    assert len(set(found.labels)) == 1

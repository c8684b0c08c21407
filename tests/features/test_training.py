import shutil
import threading
from dataclasses import replace

import numpy as np
import pytest
from fake_extractor import write_images
from sklearn.metrics import normalized_mutual_info_score

from imgcluster.errors import Cancelled, ParameterError, StoreError
from imgcluster.extractors.autoencoder import Autoencoder
from imgcluster.extractors.networks.conv_autoencoder import SHAPES, Learned
from imgcluster.extractors.preprocessing import Preprocessing
from imgcluster.features import training
from imgcluster.features.extraction import extract_features
from imgcluster.features.store import Store
from imgcluster.features.training import kept_autoencoder, read_learned, trained_autoencoder, write_learned
from imgcluster.grouping.clustering import kmeans
from imgcluster.pictures.finding import find_images
from imgcluster.pictures.samples import load_sample
from imgcluster.spaces.space import fit_space

NOTHING = Preprocessing()


def learned_from(pixels, epochs=1):
    weights = tuple(np.full(shape, pixels.mean() / 255, dtype=np.float32) for shape in SHAPES)
    return Learned(weights=weights, history=np.zeros((epochs, 2)), n_images=len(pixels))


@pytest.fixture
def trainings(monkeypatch):
    """What was learned from, each time; without the time that learning takes."""
    seen = []

    def fit(pixels, *, epochs, progress, cancel):
        seen.append(pixels)
        return learned_from(pixels, epochs)

    monkeypatch.setattr(training, "fit_autoencoder", fit)
    return seen


@pytest.fixture
def folder(tmp_path):
    write_images(tmp_path / "pictures", 110)
    return tmp_path / "pictures"


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    """Every third of the sample."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IMGCLUSTER_CACHE", str(tmp_path_factory.mktemp("digits")))
        sample = load_sample("digits")
    return replace(sample, images=sample.images[::3])


@pytest.fixture(scope="module")
def trained(digits, tmp_path_factory):
    directory = tmp_path_factory.mktemp("models")
    return trained_autoencoder(digits, Autoencoder(epochs=6), preprocessing=NOTHING, directory=directory), directory


def test_digits_are_told_apart(digits, trained, store):
    autoencoder, _ = trained
    assert autoencoder.history[-1, 0] < 0.6 * autoencoder.history[0, 0]
    assert autoencoder.note == ""
    features = extract_features(digits, extractor=autoencoder, store=store).features
    labels = kmeans(fit_space(features).coordinates, 10).labels
    truth = [path.split("/")[0] for path in digits.paths]
    # On all 1,797 of them, 20 epochs give 0.90.
    assert normalized_mutual_info_score(truth, labels) > 0.6


def test_what_was_kept_gives_the_same_vectors_to_the_last_bit(digits, trained, tmp_path):
    few = replace(digits, images=digits.images[:40])
    again = kept_autoencoder(digits, Autoencoder(epochs=6), preprocessing=NOTHING, directory=trained[1])
    assert again.id == trained[0].id
    np.testing.assert_array_equal(again.history, trained[0].history)
    vectors = []
    for name, extractor in (("a", trained[0]), ("b", again)):
        with Store(tmp_path / name / "store.sqlite") as store:
            vectors.append(extract_features(few, extractor=extractor, store=store).features.vectors)
    np.testing.assert_array_equal(*vectors)


def test_cancelling_after_an_epoch_leaves_nothing(folder, tmp_path):
    cancel, stages = threading.Event(), []

    def stop(report):
        assert not cancel.is_set()  # the batch at which it was set is the last
        stages.append(report.stage)
        if report.partial is not None and len(report.partial) == 1:
            cancel.set()

    directory = tmp_path / "models"
    with pytest.raises(Cancelled):
        trained_autoencoder(
            find_images(folder),
            Autoencoder(epochs=3),
            preprocessing=NOTHING,
            directory=directory,
            progress=stop,
            cancel=cancel,
        )
    assert list(dict.fromkeys(stages)) == ["Reading pictures to learn from", "Learning from your pictures"]
    assert not directory.exists()


def test_it_is_found_again_without_reading_a_picture(folder, tmp_path, trainings):
    collection = find_images(folder)
    kept = {"preprocessing": NOTHING, "directory": tmp_path}
    assert kept_autoencoder(collection, Autoencoder(), **kept) is None
    first = trained_autoencoder(collection, Autoencoder(), **kept)
    shutil.rmtree(folder)
    again = trained_autoencoder(collection, Autoencoder(), **kept)
    assert first.id == again.id and len(trainings) == 1
    assert not list(tmp_path.glob("*.part"))


def test_whatever_changes_what_is_learned_is_learned_anew(folder, tmp_path, trainings):
    collection = find_images(folder)
    touched = replace(collection.images[3], mtime_ns=1)
    gray = {"preprocessing": Preprocessing(grayscale=True), "directory": tmp_path}
    kept = {"preprocessing": NOTHING, "directory": tmp_path}
    for _ in range(2):
        trained_autoencoder(collection, Autoencoder(), **kept)
        trained_autoencoder(collection, Autoencoder(epochs=2), **kept)
        trained_autoencoder(collection, Autoencoder(), **gray)
        trained_autoencoder(replace(collection, images=collection.images[1:]), Autoencoder(), **kept)
        trained_autoencoder(replace(collection, images=(touched, *collection.images[:-1])), Autoencoder(), **kept)
    assert len(trainings) == 5 == len(list(tmp_path.glob("autoencoder-*.npz")))
    assert (trainings[0].std(axis=-1) > 0).any() and (trainings[2].std(axis=-1) == 0).all()


def test_of_many_as_many_as_are_wanted_are_learned_from(folder, tmp_path, trainings, monkeypatch):
    monkeypatch.setattr(training, "MOST_IMAGES", 105)
    for name in ("a", "b"):
        trained_autoencoder(find_images(folder), Autoencoder(), preprocessing=NOTHING, directory=tmp_path / name)
    assert [len(pixels) for pixels in trainings] == [105, 105]
    np.testing.assert_array_equal(*trainings)


@pytest.mark.parametrize("most", [105, 5000])
def test_files_that_proved_unusable_make_no_difference(folder, tmp_path, trainings, monkeypatch, most):
    monkeypatch.setattr(training, "MOST_IMAGES", most)
    bad = {f"{index:04d}.png" for index in (0, 50, 109)}
    for name in bad:
        (folder / name).write_bytes(b"no picture")
    collection = find_images(folder)
    usable = replace(collection, images=tuple(image for image in collection.images if image.path not in bad))
    assert (len(collection), len(usable)) == (110, 107)
    kept = {"preprocessing": NOTHING, "directory": tmp_path / "models"}
    first = trained_autoencoder(collection, Autoencoder(), **kept)
    for again in (collection, usable):
        assert kept_autoencoder(again, Autoencoder(), **kept).id == first.id
    trained_autoencoder(usable, Autoencoder(), preprocessing=NOTHING, directory=tmp_path / "others")
    assert len(trainings[0]) == min(107, most)
    np.testing.assert_array_equal(*trainings)


@pytest.mark.parametrize("spoil", ["few", "broken", "copied"])
def test_too_few_pictures_are_refused(tmp_path, trainings, spoil):
    paths = write_images(tmp_path / "pictures", 99 if spoil == "few" else 100)
    if spoil == "broken":
        paths[7].write_bytes(b"no picture")
    elif spoil == "copied":
        shutil.copy(paths[0], paths[7])
    with pytest.raises(ParameterError, match="99 different pictures: 100 is the least") as caught:
        trained_autoencoder(
            find_images(tmp_path / "pictures"), Autoencoder(), preprocessing=NOTHING, directory=tmp_path / "models"
        )
    assert "built-in network" in caught.value.hint
    assert not trainings and not (tmp_path / "models").exists()


def test_few_pictures_are_noted(folder, tmp_path, trainings):
    note = trained_autoencoder(find_images(folder), Autoencoder(), preprocessing=NOTHING, directory=tmp_path).note
    assert "only 110 different pictures; 500" in note


def cut_off(path):
    path.write_bytes(path.read_bytes()[:-200])


def change_a_byte(path):
    content = bytearray(path.read_bytes())
    content[500_000] ^= 255
    path.write_bytes(content)


def without_a_layer(path):
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files if name != "weights_3"}
    np.savez(path, **arrays)


def of_another_shape(path):
    with np.load(path) as file:
        np.savez(path, **{**file, "weights_7": np.zeros(65, dtype=np.float32)})


def not_a_number(path):
    with np.load(path) as file:
        np.savez(path, **{**file, "weights_7": np.full(64, np.nan, dtype=np.float32)})


def with_objects(path):
    with np.load(path) as file:
        np.savez(path, **{**file, "history": np.array([{}, []], dtype=object)})


@pytest.mark.parametrize(
    "damage",
    [
        cut_off,
        change_a_byte,
        without_a_layer,
        of_another_shape,
        not_a_number,
        with_objects,
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"no arrays"),
        lambda path: np.save(path.open("wb"), np.zeros(3)),
    ],
)
def test_a_damaged_file_is_trained_anew(folder, tmp_path, trainings, damage):
    kept = {"preprocessing": NOTHING, "directory": tmp_path / "models"}
    first = trained_autoencoder(find_images(folder), Autoencoder(), **kept)
    (path,) = (tmp_path / "models").iterdir()
    whole = path.read_bytes()
    damage(path)
    assert read_learned(path) is None
    assert trained_autoencoder(find_images(folder), Autoencoder(), **kept).id == first.id
    assert len(trainings) == 2 and path.read_bytes() == whole


def test_a_directory_that_cannot_be_written_to_is_named(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    learned = learned_from(np.zeros((1, 64, 64, 3), dtype=np.uint8))
    with pytest.raises(StoreError, match="cannot be kept in"):
        write_learned(tmp_path / "file" / "autoencoder-1.npz", learned)

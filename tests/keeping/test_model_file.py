"""A model in a file: the same before and after, and nothing of what somebody else wrote into one is trusted."""

import io
import zipfile
from dataclasses import fields, is_dataclass, replace

import numpy as np
import pytest
from kept_models import NAMES, some_learned, some_model

from imgcluster.errors import FolderError, ParameterError, ProjectError
from imgcluster.extractors.networks.applications import KerasApplication
from imgcluster.keeping.archive import read_archive, write_archive
from imgcluster.keeping.models.model_file import load_model, save_model
from imgcluster.predicting.predict import predict
from imgcluster.spaces.options import SPACES

SPACE_NAMES = [space.name for space in SPACES if space.name not in ("map", "umap")]


def assert_equal(one, other):
    """Compare everything in two results, arrays to the last bit."""
    assert type(one) is type(other)
    if is_dataclass(one):
        for field in fields(one):
            assert_equal(getattr(one, field.name), getattr(other, field.name))
    elif isinstance(one, np.ndarray):
        assert (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes())
    elif isinstance(one, tuple):
        assert len(one) == len(other)
        for mine, others in zip(one, other, strict=True):
            assert_equal(mine, others)
    else:
        assert one == other


@pytest.fixture
def path(tmp_path):
    return tmp_path / "m.imgcluster"


@pytest.fixture
def edited(path):
    """Write a model's file with some of its header and arrays exchanged, and return its path."""

    def edit(header=None, model=None, **arrays):
        save_model(path, model or some_model())
        old_header, old_arrays = read_archive(path, kind="model", version=1)
        write_archive(
            path,
            kind="model",
            version=1,
            header=old_header | (header or {}),
            arrays={name: array for name, array in (old_arrays | arrays).items() if array is not None},
        )
        return path

    return edit


@pytest.mark.parametrize("space", SPACE_NAMES)
def test_everything_comes_back_to_the_last_bit(path, space):
    model = some_model(space=space)
    save_model(path, model)
    loaded = load_model(path)
    assert_equal(loaded, model)
    new = np.random.default_rng(3).uniform(0, 2, size=(12, 30)).astype(np.float32)
    assert_equal(predict(loaded, new), predict(model, new))


@pytest.mark.parametrize(
    "model",
    [
        pytest.param(lambda: some_model(1, names=()), id="one image of no group"),
        pytest.param(lambda: some_model(3, names=("one",), space="diffusion"), id="too few for a graph"),
        pytest.param(lambda: some_model(20, space="diffusion"), id="a graph"),
        pytest.param(lambda: some_model(scaling="l2", method="hdbscan", names=None), id="by neighbours"),
        pytest.param(lambda: some_model(features="autoencoder", learned=some_learned()), id="trained"),
        pytest.param(lambda: some_model(method="folders", features="quick+colour:0.3|grayscale"), id="combined"),
    ],
)
def test_odd_models_come_back_too(path, model):
    save_model(path, model())
    assert_equal(load_model(path), model())


def test_zscores_come_back_also_of_columns_that_hardly_vary(path):
    model = some_model(space="none")
    space = replace(model.space, scaling="zscore", feature_means=np.full(30, 0.1), feature_factors=np.full(30, 1e30))
    save_model(path, replace(model, space=space))
    assert_equal(load_model(path), replace(model, space=space))


def test_the_map_and_umap_come_back(path):
    """Both place new pictures among the neighbours, and the map is a space of two dimensions."""
    model = some_model(space="spectral", n_images=30)
    space = replace(model.space, method="umap")
    save_model(path, replace(model, space=space))
    assert_equal(load_model(path), replace(model, space=space))


def test_the_same_model_is_the_same_bytes_and_arrays_are_read_only(path, tmp_path):
    save_model(path, some_model())
    save_model(tmp_path / "again.imgcluster", some_model())
    assert path.read_bytes() == (tmp_path / "again.imgcluster").read_bytes()
    loaded = load_model(str(path))
    assert not any(array.flags.writeable for array in (loaded.labels, loaded.vectors, loaded.space.mean))


def test_names_keep_no_control_characters(path):
    model = some_model(names=("a\x1b]0;owned\x07", "line\nbreak", "\u202egnp.exe", "x" * 500))
    paths = ("odd\r\nname.png", *model.paths[1:])
    save_model(path, replace(model, paths=paths, name="\0"))
    loaded = load_model(path)
    assert loaded.names == ("a�]0;owned�", "line�break", "�gnp.exe", "x" * 200)
    assert (loaded.name, loaded.paths[0], loaded.paths[1:]) == ("�", "odd��name.png", model.paths[1:])


def test_it_takes_less_than_6_kb_for_each_image(path):
    model = some_model(100)
    rows = np.ones((100, 1280))
    wide = replace(
        model,
        vectors=rows.astype(np.float16),
        space=replace(
            model.space, mean=rows[0].astype(np.float32), axes=np.zeros((1280, model.space.n_dims), dtype=np.float32)
        ),
    )
    save_model(path, wide)
    fixed = wide.space.axes.nbytes + 64_000  # whatever the number of images
    assert path.stat().st_size < fixed + 100 * 6_000


@pytest.mark.parametrize(
    "features", ["vectors=/etc/passwd", 'resnet50(weights="/etc/passwd")', 'colour+vgg16(weights="x.h5")']
)
def test_a_model_that_names_a_file_is_neither_written_nor_read(edited, path, monkeypatch, features):
    edited({"features": features})
    monkeypatch.setattr(KerasApplication, "id", property(lambda self: pytest.fail("it looks at the file")))
    with pytest.raises(ProjectError, match="file of this computer opened"):
        load_model(path)
    path.unlink()
    with pytest.raises(ParameterError, match="that file"):
        save_model(path, replace(some_model(), features=features))
    assert not path.exists()


def test_no_file_has_weights_fetched(edited, monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    with pytest.raises(ProjectError, match=r"VGG16|vgg16|58|fetch") as error:
        load_model(edited({"features": "vgg16"}))
    assert "--extractor" in error.value.hint


NONSENSE = {
    "features of nothing": {"features": "magic"},
    "features of many": {"features": "hog+" * 100},
    "no features": {"features": None},
    "a list of features": {"features": ["colour"]},
    "an untrained network": {"features": "autoencoder"},
    "a name of another type": {"name": 3},
    "a control character": {"name": "\x1b[2J"},
    "a long name": {"name": "x" * 201},
    "a long id": {"extractor": "x" * 1001},
    "names of another type": {"names": "dogs"},
    "names that are none": {"names": [1, 2, 3, 4]},
    "a name with a control character": {"names": ["a", "b", "c", "d\n"]},
    "too few names": {"names": list(NAMES[:3])},
    "too many names": {"names": [*NAMES, "fifth"]},
    "another scaling": {"scaling": "zscore"},
    "a scaling of another type": {"scaling": ["l2"]},
    "no method": {"method": None},
    "no space": {"space": None},
    "trained by nothing": {"learned_from": 500},
}


@pytest.mark.parametrize("header", NONSENSE.values(), ids=NONSENSE)
def test_a_header_that_makes_no_sense_is_refused(edited, header):
    with pytest.raises(ProjectError, match="makes no sense") as error:
        load_model(edited(header))
    assert error.value.hint


@pytest.mark.parametrize(
    ("method", "facts"),
    [
        *(("pca", {"n_dims": n_dims}) for n_dims in (0, -1, 1, 10**12, True, 2.0, "2", None)),
        *(("diffusion", {"n_neighbors": number}) for number in (0, 1, 1001, 42, 15.0)),
        *(("pca", {"method": name}) for name in ("map", "none", "kernel_pca", "lle", "umap", "magic", 3)),
        *(("kernel_pca", {"gamma": gamma}) for gamma in (-1.0, 1e16, "1", None)),
        ("pca", {"rounding": -0.5}),
        ("pca", {"scaling": "zscore"}),
        ("pca", {"scaling": "magic"}),
        ("pca", {"unknown": 1}),
    ],
)
def test_a_space_that_makes_no_sense_is_refused(edited, path, method, facts):
    model = some_model(space=method)
    save_model(path, model)
    header, _ = read_archive(path, kind="model", version=1)
    with pytest.raises(ProjectError, match="makes no sense"):
        load_model(edited({"space": header["space"] | facts}, model))


def changed(array, value):
    array = array.copy()
    array.reshape(-1)[array.size // 2] = value
    return array


def test_arrays_that_make_no_sense_are_refused(edited):
    model = some_model(space="kernel_pca")
    spoilt = [{"labels": changed(model.labels, value)} for value in (-2, 4, 2**31 - 1, -(2**31))]
    spoilt += [{"labels": model.labels.astype(np.int64)}, {"labels": model.labels[None]}, {"labels": model.labels[:0]}]
    spoilt += [{"labels": np.zeros_like(model.labels)}, {"labels": model.labels[:-1]}]
    for name in ("coordinates", "vectors"):
        array = getattr(model, name)
        spoilt += [{name: array[:-1]}, {name: array[:, :-1]}, {name: array.reshape(-1)}, {name: array.astype("f8")}]
        spoilt += [{name: changed(array, value)} for value in (np.nan, np.inf, -np.inf)]
    spoilt += [{"coordinates": changed(model.coordinates, -2e15)}]
    spoilt += [{"novelties": model.novelties[1:]}, {"novelties": changed(model.novelties, np.nan)}]
    spoilt += [{"hashes": np.zeros((40, 15), dtype=np.uint8)}, {"hashes": np.zeros((40, 16), dtype=np.int8)}]
    for text in (b"", b"a\0" * 39, b"a\0" * 41, b"a\0" * 39 + b"b", b"a\0" * 39 + b"\xff\0", b"a\0" * 39 + b"\x1b\0"):
        spoilt.append({"paths": np.frombuffer(text, dtype=np.uint8)})
    spoilt += [{"paths": np.frombuffer(b"a\0" * 39 + b"a" * 1025 + b"\0", dtype=np.uint8)}]
    for name in ("mean", "axes", "known", "carried", "factors", "offsets"):
        array = getattr(model.space, name)
        spoilt += [{f"space_{name}": each} for each in (array[:-1], array[None], changed(array, np.nan), array[:0])]
    spoilt += [{"space_feature_means": np.zeros(30)}, {"labels": None}, {"extra": np.zeros(3)}]
    spoilt += [{f"learned_{index}": array for index, array in enumerate(some_learned().weights)}]
    for arrays in spoilt:
        with pytest.raises(ProjectError, match="makes no sense") as error:
            load_model(edited(model=model, **arrays))
        assert error.value.hint and len(str(error.value)) < 400


def test_what_was_learned_is_checked(edited):
    model = some_model(features="autoencoder", learned=some_learned())
    history, kernel = model.learned.history, model.learned.weights[0]
    spoilt = [{"learned_0": changed(kernel, np.nan)}, {"learned_0": kernel[:-1]}, {"learned_0": kernel.astype("f8")}]
    spoilt += [{"learned_3": None}, {"learned_history": history[:, :1]}, {"learned_history": np.zeros((1001, 2))}]
    for arrays in spoilt:
        with pytest.raises(ProjectError, match="makes no sense"):
            load_model(edited(model=model, **arrays))
    for n_images in (0, -3, 2.5, "many", 10**12):
        with pytest.raises(ProjectError, match="makes no sense"):
            load_model(edited({"learned_from": n_images}, model))


def test_another_kind_of_file_is_said_to_be_one(path):
    write_archive(path, kind="project", version=1, header={}, arrays={})
    with pytest.raises(ProjectError, match="holds a project, and a model is needed"):
        load_model(path)


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path):
    with pytest.raises(FolderError):
        save_model(tmp_path / "missing" / "m.imgcluster", some_model())
    (tmp_path / "folder.imgcluster").mkdir()
    with pytest.raises(FolderError):
        save_model(tmp_path / "folder.imgcluster", some_model())
    assert [each.name for each in tmp_path.iterdir()] == ["folder.imgcluster"]


def mutated(good, rng):
    """Return the bytes of a good file with one thing wrong, or with several."""
    how = rng.integers(6)
    data = bytearray(good)
    if how == 0:
        for at in rng.integers(len(data), size=rng.integers(1, 4)):
            data[at] ^= 1 << rng.integers(8)
    elif how == 1:
        del data[rng.integers(len(data)) :]
    elif how == 2:
        start, length = rng.integers(len(data)), rng.integers(1, 200)
        data[start : start + length] = rng.bytes(rng.integers(200))
    elif how == 3:  # the ends are where a ZIP file keeps its table
        at = len(data) - 1 - rng.integers(1500)
        data[at] = rng.integers(256)
    else:
        return rezipped(good, rng, swap=how == 4)
    return bytes(data)


def rezipped(good, rng, *, swap):
    """Return a ZIP file that is whole, with members exchanged or with something else in its JSON."""
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    names = sorted(members)
    if swap:
        one, other = rng.choice(names, 2, replace=False)
        members[one], members[other] = members[other], members[one]
    else:
        text = members["manifest.json"].decode()
        at = rng.integers(len(text))
        new = ("", "9", '"', "null", "-1", "1e999", "[", "\\ud800", "true", "2147483648")[rng.integers(10)]
        members["manifest.json"] = (text[:at] + new + text[at + rng.integers(3) :]).encode()
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return file.getvalue()


def test_any_damage_is_refused_or_does_no_harm(path):
    """What loads all the same has the arrays of the good one; texts in its JSON may be others."""
    model = some_model(16, features="colour+hog")
    save_model(path, model)
    good = path.read_bytes()
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(500):
        path.write_bytes(mutated(good, rng))
        try:
            loaded = load_model(path)
        except ProjectError as error:
            refused += 1
            assert error.hint and "\n" not in str(error) and len(str(error)) < 600
            continue
        assert_equal(loaded.vectors, model.vectors)
        assert_equal((loaded.labels, loaded.coordinates), (model.labels, model.coordinates))
        assert len(predict(loaded, np.ones((2, 30), dtype=np.float32))) == 2
    assert 400 < refused < 500

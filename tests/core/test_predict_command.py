"""From groups to a model, and from the model to where new pictures belong: in Python and on the command line."""

import csv
import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
from fake_extractor import write_images
from PIL import Image

import imgcluster
from imgcluster.__main__ import main
from imgcluster.cache import Workspace
from imgcluster.errors import FolderError, NoImagesError, ParameterError, ProjectError
from imgcluster.features.options import FeatureOptions
from imgcluster.grouping.methods import METHODS, MethodOptions
from imgcluster.keeping.export import prediction_table
from imgcluster.spaces.options import SPACES, SpaceOptions

pytestmark = pytest.mark.usefixtures("network")

COLOURS = {"red": (220, 30, 30), "green": (30, 200, 30), "blue": (30, 30, 220)}


def paint(folder, name, colour, n, seed, spread=12):
    """Write pictures of nearly one colour; for the extractor of these tests that is all there is to see."""
    folder.mkdir(exist_ok=True)
    rng = np.random.default_rng(seed)
    for index in range(n):
        pixels = np.clip(np.array(colour) + rng.normal(0, 8, (12, 16, 3)) + rng.normal(0, spread, 3), 0, 255)
        Image.fromarray(pixels.astype(np.uint8)).save(folder / f"{name} {index}.png")


@pytest.fixture
def photos(tmp_path):
    for number, (name, colour) in enumerate(COLOURS.items()):
        paint(tmp_path / "photos", name, colour, 14, number)
    return tmp_path / "photos"


@pytest.fixture
def arrivals(tmp_path):
    """Pictures of the same colours, a grey stranger, and a file that is no picture."""
    for number, (name, colour) in enumerate(COLOURS.items()):
        paint(tmp_path / "new", name, colour, 3, 10 + number, spread=3)
    paint(tmp_path / "new", "grey", (130, 130, 130), 1, 20)
    (tmp_path / "new" / "broken.jpg").write_text("no picture", encoding="utf-8")
    return tmp_path / "new"


@pytest.fixture
def model(photos, tmp_path, capsys):
    path = tmp_path / "photos.imgcluster"
    assert main(["cluster", str(photos), "--k", "3", "--model", str(path)]) == 0
    assert f"Written to {path}." in capsys.readouterr().out
    return path


def run_json(capsys, *arguments):
    assert main(["predict", *map(str, arguments), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_new_pictures_go_to_the_group_of_their_colour(photos, arrivals, model, network, capsys):
    seen = network.seen
    result = run_json(capsys, "--model", model, arrivals)
    assert network.seen == seen + 10  # nothing of the old ones is looked at again
    assert (result["n_images"], result["n_clusters"], result["model"]) == (10, 3, "photos")
    assert [skipped["path"] for skipped in result["skipped"]] == ["broken.jpg"]
    group_of = {}
    for image in result["images"]:
        colour = image["path"].split()[0]
        if colour != "grey":
            assert image["nearest"].split()[0] == colour and not image["none_of_these"]
            assert group_of.setdefault(colour, image["group"]) == image["group"]
            assert image["probability"] > 0.9
    assert sorted(group_of.values()) == ["Group 1", "Group 2", "Group 3"] == result["groups"]
    (grey,) = (image for image in result["images"] if image["path"].startswith("grey"))
    assert grey["none_of_these"] and result["n_none_of_these"] == 1


def test_sentences_and_a_file(arrivals, model, tmp_path, capsys):
    out = tmp_path / "p.csv"
    assert main(["predict", "--model", str(model), str(arrivals), "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    lines = printed.splitlines()
    assert lines[0] == "10 pictures and the 3 groups of photos; 1 belongs to none of these:"
    assert sum(line.startswith("  grey 0.png") and "none of these" in line for line in lines) == 1
    assert sum("red 1.png" in line.split("most like")[0] and "(100 %)" in line for line in lines) == 1
    assert "1 file could not be used:" in printed and "  broken.jpg: " in printed
    assert lines[-1] == f"Written to {out}."
    found = imgcluster.predict_images(model, arrivals)
    header, rows = prediction_table(found.collection.paths, found.model, found.prediction)
    with out.open(newline="", encoding="utf-8") as file:
        written = list(csv.DictReader(file))
    assert [row["path"] for row in written] == list(found.collection.paths)
    assert [row["group"] for row in written] == [dict(zip(header, row, strict=True))["group"] for row in rows]
    assert {row["none_of_these"] for row in written} == {"true", "false"}


def test_one_file_several_files_or_a_zip(arrivals, model, tmp_path, capsys):
    everything = {image["path"]: image for image in run_json(capsys, "--model", model, arrivals)["images"]}
    (one,) = run_json(capsys, "--model", model, arrivals / "red 0.png")["images"]
    assert one == everything["red 0.png"]
    two = run_json(capsys, "--model", model, arrivals / "red 0.png", arrivals / "blue 2.png", tmp_path / "missing.png")
    assert sorted(image["path"] for image in two["images"]) == ["new/blue 2.png", "new/red 0.png"]
    assert [skipped["path"] for skipped in two["skipped"]] == ["missing.png"]
    packed = shutil.make_archive(str(tmp_path / "packed"), "zip", arrivals)
    assert {image["path"]: image for image in run_json(capsys, "--model", model, packed)["images"]} == everything


def test_a_smaller_quantile_refuses_more(arrivals, model, capsys):
    refused = [
        run_json(capsys, "--model", model, arrivals, "--quantile", q)["n_none_of_these"] for q in (0, 0.5, 0.95, 1)
    ]
    assert refused == sorted(refused, reverse=True) and refused[0] > refused[-1]
    assert main(["predict", "--model", str(model), str(arrivals), "--quantile", "1.5"]) == 1
    assert "1.5" in capsys.readouterr().err


def test_the_answers_are_the_same_by_the_model_and_by_its_file(photos, arrivals, model):
    groups = imgcluster.cluster_images(photos, n_clusters=3)
    by_file = imgcluster.predict_images(model, arrivals)
    by_model = imgcluster.predict_images(groups.to_model(), imgcluster.open_collection(arrivals))
    assert isinstance(by_model.model, imgcluster.ClusterModel)
    for name in by_file.prediction.__dataclass_fields__:
        assert np.array_equal(getattr(by_file.prediction, name), getattr(by_model.prediction, name))
    assert imgcluster.load_model(model).names == by_model.model.names
    groups.save_model(model.with_name("again.imgcluster"))
    assert model.with_name("again.imgcluster").read_bytes() == model.read_bytes()


@pytest.mark.parametrize("method", [method.name for method in METHODS])
def test_known_pictures_go_where_they_are(photos, tmp_path, method):
    n_clusters = 3 if method in ("kmeans", "spherical", "agglomerative") else "auto"
    groups = imgcluster.cluster_images(photos, n_clusters=n_clusters, method=MethodOptions(method=method))
    groups.save_model(tmp_path / "m.imgcluster")
    found = imgcluster.predict_images(tmp_path / "m.imgcluster", photos)
    assert np.array_equal(found.prediction.labels, groups.clustering.labels)
    assert not found.prediction.is_none.any()


@pytest.mark.parametrize("space", [space.name for space in SPACES if space.name not in ("umap", "map")])
def test_every_space_has_a_model(photos, tmp_path, space):
    groups = imgcluster.cluster_images(photos, n_clusters=3, space=SpaceOptions(method=space))
    groups.save_model(tmp_path / "m.imgcluster")
    found = imgcluster.predict_images(str(tmp_path / "m.imgcluster"), photos / "red 3.png")
    assert found.prediction.labels[0] == groups.clustering.labels[groups.collection.paths.index("red 3.png")]


@pytest.mark.parametrize("n_images", [1, 2, 5])
def test_very_small_folders_have_models_too(tmp_path, capsys, n_images):
    write_images(tmp_path / "few", n_images)
    model = tmp_path / "m.imgcluster"
    assert main(["cluster", str(tmp_path / "few"), "--model", str(model)]) == 0
    write_images(tmp_path / "new", 3, seed=9)
    assert run_json(capsys.readouterr() and capsys, "--model", model, tmp_path / "new")["n_images"] == 3


def test_vectors_from_elsewhere_make_no_model(photos, tmp_path, network, capsys):
    np.save(tmp_path / "v.npy", np.random.default_rng(0).normal(size=(42, 8)))
    model = tmp_path / "m.imgcluster"
    assert main(["cluster", str(photos), "--vectors", str(tmp_path / "v.npy"), "--model", str(model)]) == 1
    printed = capsys.readouterr().err
    assert len(printed.strip().splitlines()) == 1 and "v.npy" in printed and "--model" in printed
    assert not model.exists() and network.seen == 0
    groups = imgcluster.cluster_images(photos, n_clusters=3, extractor=FeatureOptions(vectors=str(tmp_path / "v.npy")))
    with pytest.raises(ParameterError, match="file"):
        groups.save_model(model)
    assert not model.exists()


def test_another_version_of_the_extractor_is_noticed(photos, arrivals, model, network, capsys):
    seen = network.seen
    network.id = "fake-2"
    assert main(["predict", "--model", str(model), str(arrivals)]) == 1
    printed = capsys.readouterr().err
    assert "fake-1" in printed and "fake-2" in printed and network.seen == seen


@pytest.mark.parametrize(
    ("model", "pictures", "fragment"),
    [
        ("missing.imgcluster", "new", "missing.imgcluster cannot be read"),
        ("new", "new", "no ordinary file"),
        ("new/red 0.png", "new", "is damaged, or no model"),
        ("photos.imgcluster", "nowhere", "nowhere"),
        ("photos.imgcluster", "new/broken.jpg", "broken.jpg"),
    ],
)
def test_what_cannot_be_opened_is_said_in_one_sentence(
    arrivals, tmp_path, monkeypatch, capsys, model, pictures, fragment
):
    monkeypatch.chdir(tmp_path)
    write_images(tmp_path / "photos", 5)
    assert main(["cluster", "photos", "--k", "2", "--model", "photos.imgcluster"]) == 0
    capsys.readouterr()
    assert main(["predict", "--model", model, pictures]) == 1
    printed = capsys.readouterr()
    assert fragment in printed.err and len(printed.err.strip().splitlines()) == 1 and printed.out == ""


def test_errors_in_python(model, arrivals, tmp_path):
    with pytest.raises(ProjectError):
        imgcluster.predict_images(arrivals / "red 0.png", arrivals)
    with pytest.raises(FolderError):
        imgcluster.predict_images(model, tmp_path / "nowhere")
    with pytest.raises(NoImagesError):
        imgcluster.predict_images(model, arrivals / "broken.jpg")
    (tmp_path / "aside").mkdir()
    found = imgcluster.predict_images(model, [arrivals / "red 0.png"], workspace=Workspace(tmp_path / "aside"))
    assert len(found.prediction) == 1 and (tmp_path / "aside" / "store.sqlite").exists()


def test_a_hostile_name_stays_on_its_line(photos, arrivals, tmp_path, capsys):
    groups = imgcluster.cluster_images(photos, n_clusters=3)
    model = replace(groups.to_model(), names=("a\x1b[2J", "=1+1", "<script>"))
    imgcluster.keeping.models.model_file.save_model(tmp_path / "m.imgcluster", model)
    assert main(["predict", "--model", str(tmp_path / "m.imgcluster"), str(arrivals)]) == 0
    assert "\x1b" not in capsys.readouterr().out


def test_help_names_the_model(capsys):
    with pytest.raises(SystemExit):
        main(["predict", "--help"])
    printed = capsys.readouterr().out
    for word in ("--model FILE.imgcluster", "--quantile", "none_of_these", "examples:", "predict --model"):
        assert word in printed

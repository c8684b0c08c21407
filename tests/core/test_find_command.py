"""The command that finds similar pictures: against brute force, from inside and outside, and what it refuses."""

import csv
import json
import shutil
import zipfile

import numpy as np
import pytest
from fake_extractor import write_images
from PIL import Image

from imgcluster.__main__ import main
from imgcluster.cache import Workspace
from imgcluster.features.options import FeatureOptions
from imgcluster.features.scaling import fit_scaling
from imgcluster.pictures.finding import find_images
from imgcluster.stages import searching
from imgcluster.stages.looking import embed_images
from imgcluster.stages.searching import search_images

pytestmark = pytest.mark.usefixtures("network")


@pytest.fixture
def photos(tmp_path):
    write_images(tmp_path / "photos", 60)
    (tmp_path / "photos" / "empty.png").touch()
    return tmp_path / "photos"


@pytest.fixture
def stranger(tmp_path):
    (path,) = write_images(tmp_path / "elsewhere", 1, seed=77)
    return path


def run_json(capsys, *arguments):
    status = main(["find", *map(str, arguments), "--json"])
    printed = capsys.readouterr()
    assert status == 0, printed.err
    return json.loads(printed.out)


def slowly(photos, query, metric):
    """Return the distances of all pictures of the folder from one, by their paths."""
    everything = find_images([*sorted(photos.glob("0*.png")), query])
    vectors = embed_images(everything, workspace=Workspace.default())[0].features.vectors
    rows = fit_scaling(vectors, "hellinger").apply(vectors).astype(np.float64)
    if metric == "cosine":
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    own = next(index for index, image in enumerate(everything.images) if image.source == query)
    gaps = 1 - rows @ rows[own] if metric == "cosine" else np.linalg.norm(rows - rows[own], axis=1)
    return {image.source.name: gap for image, gap in zip(everything.images, gaps, strict=True) if image.source != query}


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
@pytest.mark.parametrize("inside", [True, False])
def test_the_nearest_are_those_of_brute_force(photos, stranger, capsys, metric, inside):
    query = photos / "0007.png" if inside else stranger
    (found,) = run_json(capsys, query, "--in", photos, "--k", "12", "--metric", metric)["queries"]
    expected = slowly(photos, query, metric)
    nearest = sorted(expected, key=expected.get)
    listed = [similar["path"] for similar in found["similar"]]
    assert listed[:12] == nearest[:12] and listed == nearest[: len(listed)]
    for similar in found["similar"]:
        assert similar["distance"] == pytest.approx(expected[similar["path"]], abs=1e-6)
    assert found["n_compared"] == (59 if inside else 60)
    assert found["own"] == ("0007.png" if inside else None)


def test_sentences_and_a_table(photos, stranger, tmp_path, capsys):
    twin = Image.open(photos / "0003.png")
    twin.putpixel((0, 0), (0, 0, 0))
    twin.save(photos / "twin.png")
    out = tmp_path / "found.csv"
    queries = [str(photos / "0003.png"), str(stranger)]
    assert main(["find", *queries, "--in", str(photos), "--k", "4", "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    assert f"{stranger}, compared with 61 pictures of photos:" in printed
    assert f"{queries[0]}, compared with 60 pictures of photos (there it is 0003.png, and left out):" in printed
    first = next(line for line in printed.splitlines() if "twin.png" in line)
    assert first.split()[0] == "1" and "*" in first
    assert "nearer than chance (*: adjusted p-value below 0.05)" in printed and "1 file could not be used" in printed
    assert printed.endswith(f"Written to {out}.\n")
    with out.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["query", "rank", "path", "distance", "p_value", "significant"]
    mine = [row for row in rows if row["query"] == queries[0]]
    assert (mine[0]["path"], mine[0]["rank"], mine[0]["significant"]) == ("twin.png", "1", "true")
    assert float(mine[0]["p_value"]) < 0.05 and [*dict.fromkeys(row["query"] for row in rows)] == queries


def test_a_copy_from_elsewhere_is_known_and_its_twins_are_found(photos, tmp_path, capsys):
    shutil.copy(photos / "0005.png", photos / "copy of 5.png")
    query = tmp_path / "renamed.png"
    shutil.copy(photos / "0005.png", query)
    (found,) = run_json(capsys, query, "--in", photos)["queries"]
    assert found["own"] == "0005.png" and found["similar"][0]["path"] == "copy of 5.png"
    assert found["similar"][0]["distance"] == pytest.approx(0, abs=1e-7)
    (found,) = run_json(capsys, photos / "copy of 5.png", "--in", photos)["queries"]
    assert found["own"] == "copy of 5.png" and found["similar"][0]["path"] == "0005.png"


def test_a_zip_file_is_searched_as_well(photos, stranger, tmp_path, capsys):
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
        for path in sorted(photos.glob("0*.png")):
            archive.write(path, path.name)
    assert (
        run_json(capsys, stranger, "--in", tmp_path / "photos.zip")["queries"]
        == run_json(capsys, stranger, "--in", photos)["queries"]
    )
    (found,) = run_json(capsys, photos / "0001.png", "--in", tmp_path / "photos.zip")["queries"]
    assert found["own"] == "0001.png"


@pytest.mark.parametrize("n_images", [1, 2, 3])
def test_hardly_anything_to_compare_with(tmp_path, stranger, capsys, n_images):
    paths = write_images(tmp_path / "few", n_images)
    assert main(["find", str(paths[0]), str(stranger), "--in", str(tmp_path / "few")]) == 0
    printed = capsys.readouterr().out
    assert ("there is no other picture" in printed) == (n_images == 1)
    assert "too few different distances" in printed
    inside, outside = sorted(
        run_json(capsys, paths[0], stranger, "--in", tmp_path / "few")["queries"],
        key=lambda found: found["own"] is None,
    )
    assert (len(inside["similar"]), len(outside["similar"])) == (n_images - 1, n_images)
    assert all(found["p_value"] is None and not found["significant"] for found in outside["similar"])


def test_what_cannot_be_used_is_said_and_the_others_are_found(photos, stranger, tmp_path, capsys):
    damaged, text = tmp_path / "damaged.png", tmp_path / "text.png"
    damaged.write_bytes(stranger.read_bytes()[:120])
    text.write_text("no picture")
    queries = [damaged, text, tmp_path / "nowhere.png", stranger]
    assert main(["find", *map(str, queries), "--in", str(photos)]) == 0
    printed = capsys.readouterr()
    assert f"{stranger}, compared with" in printed.out
    assert "nowhere.png: there is no such file" in printed.err
    assert "text.png: " in printed.err and "damaged.png: " in printed.err
    for query, reason in [(damaged, "damaged.png: "), (text, "text.png: "), (queries[2], "there is no such file")]:
        assert main(["find", str(query), "--in", str(photos)]) == 1
        printed = capsys.readouterr().err
        assert "There is no picture to search for: " in printed and reason in printed


def test_queries_are_named_as_they_were_asked_for(photos, stranger, capsys, monkeypatch):
    monkeypatch.chdir(photos)
    names = ["../elsewhere/0000.png", "0002.png", "./0002.png", "empty.png"]
    found = run_json(capsys, *names, "--in", ".")
    assert [query["query"] for query in found["queries"]] == names[:2]
    assert found["skipped_queries"] == [{"path": "empty.png", "reason": "the file is empty"}]
    assert [query["own"] for query in found["queries"]] == [None, "0002.png"]


def test_refusals_come_before_the_work(photos, stranger, tmp_path, capsys, network):
    for arguments, message in [
        (["--k", "0"], "n_neighbors=0 should be 1 or more"),
        (["--alpha", "0"], "alpha=0 should be between 0 and 1"),
        (["--alpha", "nan"], "alpha=nan should be between 0 and 1"),
    ]:
        assert main(["find", str(stranger), "--in", str(photos), *arguments]) == 1
        assert message in capsys.readouterr().err
    assert main(["find", str(stranger), "--in", str(tmp_path / "nowhere")]) == 1
    assert network.seen == 0


@pytest.fixture
def vectors(photos, tmp_path):
    """Vectors made elsewhere: pictures of neighbouring numbers are alike."""
    angles = np.linspace(0, np.pi / 2, 60)
    path = tmp_path / "clip.npz"
    names = np.array([f"{number:04d}.png" for number in range(60)])
    np.savez(path, paths=names, vectors=np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32))
    return path


def test_vectors_made_elsewhere(photos, stranger, vectors, capsys, network):
    (found,) = run_json(capsys, photos / "0020.png", "--in", photos, "--vectors", vectors, "--k", "2")["queries"]
    assert {similar["path"] for similar in found["similar"][:2]} == {"0019.png", "0021.png"}
    assert main(["find", str(photos / "0001.png"), str(stranger), "--in", str(photos), "--vectors", str(vectors)]) == 1
    printed = capsys.readouterr().err
    assert f"{stranger} is not among the pictures whose vectors are in" in printed
    assert "nothing here can make a vector of it" in printed and network.seen == 0


def test_what_was_learned_from_the_folder_looks_at_the_stranger(photos, stranger, monkeypatch):
    """As a trained extractor would be used: with the weights that made the folder's own vectors."""
    seen = []

    def learned_of(features, options, *, workspace):
        return f"what made {len(features.vectors)} vectors"

    def embed_new_images(collection, options, *, learned, workspace, **kept):
        seen.append((collection.paths, learned))
        return embed_images(collection, options, workspace=workspace)[0]

    monkeypatch.setattr(searching, "learned_of", learned_of)
    monkeypatch.setattr(searching, "embed_new_images", embed_new_images)
    queries = find_images([photos / "0002.png", stranger])
    search = search_images(find_images(photos), queries, FeatureOptions(), workspace=Workspace.default())
    assert seen == [(("elsewhere/0000.png",), "what made 60 vectors")]
    assert [found.own for found in search.found] == [None, 2]

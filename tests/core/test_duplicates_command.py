"""The command that finds copies: what it prints, what it writes, what it leaves alone."""

import csv
import json

import numpy as np
import pytest
from PIL import Image

from benchmarks.planting import photo_like
from imgcluster.__main__ import main
from imgcluster.cache import Workspace
from imgcluster.features.store import Store
from imgcluster.finding.copies.pairs import PIXELS
from imgcluster.keeping.decisions import add_kept, add_not_same
from imgcluster.pipeline import open_collection
from imgcluster.stages import copies
from imgcluster.stages.copies import find_copies
from imgcluster.stages.looking import embed_images, look_closely

pytestmark = pytest.mark.usefixtures("network")


@pytest.fixture
def photos(tmp_path):
    """Two pictures; of the first a copy of the file, one of half the size and one as PNG."""
    folder = tmp_path / "photos"
    (folder / "more").mkdir(parents=True)
    rng = np.random.default_rng(4)
    first, second = photo_like(rng), photo_like(rng)
    first.save(folder / "a.jpg", quality=92)
    second.save(folder / "b.jpg", quality=92)
    (folder / "more" / "a (1).jpg").write_bytes((folder / "a.jpg").read_bytes())
    first.resize((120, 90)).save(folder / "more" / "small.jpg")
    Image.open(folder / "a.jpg").save(folder / "z.png")
    (folder / "empty.png").touch()
    return folder


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def hashes(folder):
    with Store(Workspace.default().store_path) as store:
        collection = open_collection(folder)
        return dict(zip(collection.paths, store.hashes(collection.images), strict=True))


def test_copies_are_listed_and_left_out_of_the_new_folder(photos, tmp_path, capsys):
    before, out, table = contents(photos), tmp_path / "clean", tmp_path / "d.csv"
    assert main(["duplicates", str(photos), "--copy-to", str(out), "--out", str(table)]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("1 group of copies among 5 pictures; 3 would not be missed (")
    assert "a.jpg  (keep: the same" in printed and "more/a (1).jpg  (the same file)" in printed
    assert "z.png  (the same pixels)" in printed and "more/small.jpg  (nearly the same: 9" in printed
    assert f"2 pictures copied to {out}, leaving out 3." in printed
    assert contents(photos) == before
    assert contents(out) == {name: before[name] for name in ("a.jpg", "b.jpg")}
    rows = list(csv.DictReader(table.open(encoding="utf-8")))
    assert [(row["path"], row["kind"], row["keep"]) for row in rows] == [
        ("a.jpg", "", "true"),
        ("z.png", "pixels", "false"),
        ("more/a (1).jpg", "exact", "false"),
        ("more/small.jpg", "near", "false"),
    ]
    assert [(row["group"], row["width"], row["height"]) for row in rows][3] == ("1", "120", "90")
    assert rows[0]["reason"] and not rows[1]["reason"] and int(rows[0]["bytes"]) == len(before["a.jpg"])


def test_sub_folders_are_kept(photos, tmp_path):
    (photos / "more" / "c.jpg").write_bytes((photos / "b.jpg").read_bytes())
    (photos / "b.jpg").unlink()
    assert main(["duplicates", str(photos), "--copy-to", str(tmp_path / "out")]) == 0
    assert set(contents(tmp_path / "out")) == {"a.jpg", "more/c.jpg"}


def test_json(photos, capsys):
    assert main(["duplicates", str(photos), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["n_images"], result["n_groups"], result["n_left_out"], result["n_not_same"]) == (5, 1, 3, 0)
    assert [image["path"] for image in result["groups"][0]["images"] if image["keep"]] == ["a.jpg"]
    assert result["skipped"] == [{"path": "empty.png", "reason": "the file is empty"}] and result["out"] is None


def test_the_slider(photos, capsys):
    assert main(["duplicates", str(photos), "--near", "1", "--json"]) == 0
    images = json.loads(capsys.readouterr().out)["groups"][0]["images"]
    assert "more/small.jpg" not in [image["path"] for image in images]


def test_decisions_are_respected(photos, capsys):
    assert main(["duplicates", str(photos)]) == 0
    known, directory = hashes(photos), Workspace.default().directory
    add_not_same(directory, known["more/small.jpg"], known["a.jpg"])
    add_kept(directory, known["z.png"])
    capsys.readouterr()
    assert main(["duplicates", str(photos)]) == 0
    printed = capsys.readouterr().out
    assert "z.png  (keep: you chose it)" in printed and "small" not in printed
    assert "1 pair that you called not the same: kept apart." in printed


def test_where_there_are_no_copies(tmp_path, capsys):
    (tmp_path / "one").mkdir()
    photo_like(np.random.default_rng(0)).save(tmp_path / "one" / "a.jpg")
    assert main(["duplicates", str(tmp_path / "one"), "--copy-to", str(tmp_path / "out")]) == 0
    assert capsys.readouterr().out.startswith("No copies among 1 picture.")
    assert set(contents(tmp_path / "out")) == {"a.jpg"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--near", "0.3"], "--near 0.3 should be from 0.5 to 1"),
        (["--near", "nan"], "--near nan should be from 0.5 to 1"),
        (["--copy-to", "{photos}/more"], "to which nothing is ever added"),
        (["--copy-to", "{photos}/../used"], "is not empty"),
    ],
)
def test_refusals(photos, capsys, options, message):
    (photos.parent / "used").mkdir()
    (photos.parent / "used" / "file").touch()
    before = contents(photos)
    assert main(["duplicates", str(photos), *(option.format(photos=photos) for option in options)]) == 1
    assert message in capsys.readouterr().err
    assert contents(photos) == before


def test_large_pictures_with_the_same_pixels_and_a_second_run(tmp_path, monkeypatch):
    """A JPEG of that size is looked at reduced, a PNG is not: only all their pixels tell."""
    large = photo_like(np.random.default_rng(2), (1400, 1100))
    large.save(tmp_path / "a.jpg", quality=95)
    Image.open(tmp_path / "a.jpg").save(tmp_path / "b.png", compress_level=1)
    workspace = Workspace(tmp_path / "workspace")
    extraction, _ = embed_images(open_collection([tmp_path / "a.jpg", tmp_path / "b.png"]), workspace=workspace)
    collection, looks = look_closely(extraction.collection, workspace=workspace)
    assert (looks.digests[0] != looks.digests[1]).any()
    pairs = find_copies(collection, extraction.features, looks, workspace=workspace)
    assert pairs.kinds.tolist() == [PIXELS] and pairs.similarities.tolist() == [1.0]
    monkeypatch.setattr(copies, "find_pairs", None)
    again = find_copies(collection, extraction.features, looks, workspace=workspace)
    assert again.first.tolist() == [0] and not again.first.flags.writeable

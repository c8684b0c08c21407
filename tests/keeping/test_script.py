"""The script makes the groups again, with what was changed by hand; and no name in it is ever run."""

import ast
import os
import runpy
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from finished_groups import HARMFUL, finished
from PIL import Image

from imgcluster.cache import Workspace
from imgcluster.editing.edits import Merge, Move, Rename
from imgcluster.editing.groups import groups_of
from imgcluster.editing.history import History
from imgcluster.grouping.methods import MethodOptions
from imgcluster.keeping.script import python_script
from imgcluster.pipeline import cluster_images
from imgcluster.spaces.options import SpaceOptions

ROOT = Path(__file__).parents[2]
INJECTION = '"""+__import__("os").system("touch harmed")+"""'
NAMES = (INJECTION, "line\nbreak", "{braces} $source ${names} %s", "\\", "'\"", "# no comment", "a\u2028b", "\ud800")


@pytest.fixture
def photos(tmp_path):
    """Draw stripes that lean in three ways, 8 pictures each."""
    folder, rng = tmp_path / "my photos", np.random.default_rng(0)
    folder.mkdir()
    rows, columns = np.mgrid[:48, :48]
    for kind, lean in enumerate((rows, columns, rows + columns)):
        for number in range(8):
            pixels = 128 + 90 * np.sign(np.sin(lean / 3 + number)) + rng.normal(0, 10, (48, 48))
            Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(folder / f"{kind}-{number}.png")
    return folder


def run(script, path, *arguments):
    """Run a script in a process of its own, and return the paths that it prints below each name."""
    path.write_text(script, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(path), *arguments]
    done = subprocess.run(
        command, cwd=path.parent, env=environment, capture_output=True, encoding="utf-8", check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    printed, name = {}, ""
    for line in done.stdout.splitlines():
        if line.startswith("  "):
            printed[name].add(line.strip())
        elif line:
            name = line.rpartition(": ")[0]
            printed[name] = set()
    return printed


def defined(script, path):
    """Return what a script defines, here and now."""
    path.write_text(script, encoding="utf-8")
    return runpy.run_path(str(path))


def expected(final):
    paths = np.array([image.path for image in final.images])
    labels = [*range(final.groups.n_groups), -1]
    return {final.title(label): {*paths[final.groups.labels == label].tolist()} for label in labels}


def literals(script):
    """Return what a script sets, without running any of it."""
    tree = ast.parse(script)
    return {node.targets[0].id: ast.literal_eval(node.value) for node in tree.body if isinstance(node, ast.Assign)}


@pytest.mark.parametrize(
    ("extractor", "space", "method"),
    [
        ("hog", SpaceOptions(method="pca", n_dims=3), MethodOptions(n_clusters=3)),
        ("pixels|grayscale", SpaceOptions(), MethodOptions(method="agglomerative", n_clusters=5, linkage="average")),
        ("hog", SpaceOptions(method="none", scaling="l2"), MethodOptions(method="hdbscan", min_cluster_size=3)),
    ],
)
def test_it_makes_the_same_groups(photos, tmp_path, extractor, space, method):
    workspace = Workspace(tmp_path / "own")
    result = cluster_images(photos, extractor=extractor, space=space, method=method, workspace=workspace)
    final = result.to_final()
    again = defined(python_script(final, source=str(photos)), tmp_path / "script.py")["grouped"](str(photos))
    assert list(again) == [image.path for image in final.images]
    assert list(again.values()) == [final.number(label) for label in final.groups.labels.tolist()]


def test_it_does_what_was_changed_by_hand(photos, tmp_path):
    options = {"extractor": "hog", "n_clusters": 4, "random_state": 3}
    result = cluster_images(photos, workspace=Workspace(tmp_path / "own"), **options)
    groups = groups_of(result.clustering.labels)
    members = [tuple(groups.members(label).tolist()) for label in range(4)]
    edits = (
        Rename(group=members[0], name=INJECTION),
        Merge(groups=(members[2], members[1])),
        Move(images=(members[0][1], members[2][0]), target="new"),
        Move(images=(members[3][0],), target=None),
    )
    final = result.to_final(History(edits=edits, n_done=4))
    script = python_script(final, source="not there")
    assert len(literals(script)["MOVED"]) == 3
    assert run(script, tmp_path / "script.py", str(photos)) == expected(final)
    assert not (tmp_path / "harmed").exists()


def test_another_collection_is_said(photos, tmp_path):
    final = cluster_images(photos, extractor="pixels", n_clusters=2, workspace=Workspace(tmp_path / "own")).to_final()
    for path in photos.glob("0-*"):
        path.unlink()
    again = defined(python_script(final, source=str(photos)), tmp_path / "script.py")["grouped"]
    with pytest.raises(SystemExit, match=r"0-0\.png is not there: these are other pictures"):
        again(str(photos))


@pytest.mark.parametrize("name", NAMES)
def test_no_name_and_no_path_becomes_code(name):
    paths = tuple(f"{name}{number}" for number in range(16))
    final, _ = finished(paths=paths, proposals=(name, f"{name} 2", f"{name} 3"))
    plain = python_script(finished(paths=tuple(f"{number}" for number in range(16)))[0], source="photos")
    script = python_script(final, source=name)
    set_to = literals(script)
    assert set_to["SOURCE"] == name
    assert set_to["NAMES"] == {1: final.title(0), 2: f"{name} 2", 3: f"{name} 3", -1: "No group"}
    assert {*set_to["MOVED"]} <= {*paths} and {*set_to["FOUND"]} <= {*paths}
    script.encode("utf-8")
    assert shape(script) == shape(plain)


def shape(script):
    """Return a script without the texts and numbers in it."""
    tree = ast.parse(script)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            node.value = None
    return ast.dump(tree)


def test_harmful_paths_stay_paths():
    final, _ = finished()
    set_to = literals(python_script(final, source="photos"))
    assert set_to["MOVED"] == {HARMFUL[0]: 2}
    assert set_to["FOUND"] == {HARMFUL[0]: 1, HARMFUL[6]: 2, HARMFUL[10]: 3, HARMFUL[13]: 3}


def test_what_cannot_be_made_again_is_said(tmp_path):
    final, _ = finished()
    assert "\n# The " not in python_script(final, source="photos")
    learned = python_script(replace(final, likeness="autoencoder"), source="photos")
    assert "\n# The network learns from the pictures anew" in learned
    outside = python_script(replace(final, likeness="vectors=my\nfile.npz"), source="photos")
    assert (
        "\n# The vectors come from a file on the computer" in outside and "extractor='vectors=my\\nfile.npz'" in outside
    )
    zipped = replace(final, images=tuple(replace(image, member="a.png") for image in final.images))
    assert "\n# The pictures were in a ZIP file" in python_script(zipped, source="photos.zip")


def test_a_sample_is_opened_by_its_name():
    script = python_script(finished()[0], source="digits", is_sample=True)
    assert "imgcluster.open_collection(source, sample=True)," in script

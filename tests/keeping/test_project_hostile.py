"""Projects that are damaged, of another version or made to do harm: opened right or refused with one sentence."""

import copy
import random
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from archive_parts import put_together, taken_apart
from kept_models import some_learned
from some_projects import SCRIPT, some_parts, some_project, some_thumbnails

from imgcluster.editing.edits import Hide, Lock, Merge, Move, Rename, Split
from imgcluster.editing.groups import groups_of
from imgcluster.editing.history import History, carried_out
from imgcluster.errors import ProjectError
from imgcluster.keeping.archive import read_archive, write_archive
from imgcluster.keeping.projects.history_file import _to_plain
from imgcluster.keeping.projects.project_file import OpenedProject, load_project, save_project

N_IMAGES = 24
WORDS = (SCRIPT, "../../etc/passwd", "\x1b[2J", "\u202e", "", "x" * 10_000, "vectors=/etc/passwd", "=cmd|'/c calc'!A1")
VALUES = (None, True, -1, 0, 1, 3, 2**31, 2**63, 10**300, 1e300, -0.5, [], {}, [[]], {"a": 1}, ["a"] * 50, *WORDS)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "p.imgcluster"


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """Header and arrays of a project with all that there can be in one."""
    path = tmp_path_factory.mktemp("good") / "p.imgcluster"
    project = some_project(N_IMAGES)
    save_project(
        path, project, parts=some_parts(), thumbnails=some_thumbnails(project), learned=some_learned(), private=False
    )
    return path.read_bytes(), read_archive(path, kind="project", version=1)


def write(path, header, arrays):
    write_archive(path, kind="project", version=1, header=header, arrays=arrays)


def opened_or_refused(path) -> bool:
    """Return whether a file is opened; where it is, all of it must be usable."""
    try:
        opened = load_project(path)
    except ProjectError as error:
        assert error.hint and "\n" not in str(error) and len(str(error)) < 600
        return False
    use(opened)
    return True


def use(opened: OpenedProject):
    project, parts = opened.project, opened.parts
    carried_out(groups_of(np.arange(project.n_images) % 3), project.history)
    assert len(project.paths) == len(project.hashes) == project.n_images
    assert project.location == "" and {*opened.thumbnails} <= {*project.hashes}
    if parts is not None:
        assert len(parts.vectors) == len(parts.space.coordinates) == len(parts.sizes) == project.n_images
        parts.space.coordinates[parts.space.neighbors]
        for labels in parts.series:
            groups_of(labels)


@pytest.mark.parametrize("seed", range(150))
def test_bytes_changed_anywhere(path, good, seed):
    rng = random.Random(seed)
    data = bytearray(good[0])
    for _ in range(rng.choice([1, 1, 3, 40])):
        at = rng.choice([rng.randrange(len(data)), rng.randrange(9000), len(data) - 1 - rng.randrange(3000)])
        match rng.choice(["change", "cut", "insert", "zero"]):
            case "change":
                data[at] ^= 1 << rng.randrange(8)
            case "cut":
                del data[at : at + rng.choice([1, 8, 1000])]
            case "insert":
                data[at:at] = rng.randbytes(rng.choice([1, 8, 1000]))
            case "zero":
                data[at : at + 16] = bytes(len(data[at : at + 16]))
    path.write_bytes(data)
    opened_or_refused(path)


def places(value, way=()):
    """Give the way to every value in a header."""
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield (*way, key)
            yield from places(inner, (*way, key))


@pytest.mark.parametrize("seed", range(250))
def test_a_header_with_other_values_and_the_right_checksums(path, good, seed):
    rng = random.Random(seed)
    header, arrays = copy.deepcopy(good[1][0]), good[1][1]
    for _ in range(rng.choice([1, 1, 2])):
        *way, last = rng.choice([*places(header)])
        inner = header
        for key in way:
            inner = inner[key]
        match rng.choice(["value", "value", "value", "away", "more"]):
            case "value":
                inner[last] = rng.choice(VALUES)
            case "away":
                del inner[last]
            case "more" if isinstance(inner, dict):
                inner[rng.choice(WORDS)] = rng.choice(VALUES)
            case _:
                inner.append(rng.choice(VALUES))
    write(path, header, arrays)
    opened_or_refused(path)


def spoilt(array, rng):
    """Return an array with other numbers, of another shape or type, or without its end."""
    match rng.choice(["number", "number", "shape", "type", "cut", "empty", "longer"]):
        case "number" if array.size:
            array = array.copy()
            extremes = [np.nan, np.inf, -1e30] if array.dtype.kind == "f" else [-1, 0, np.iinfo(array.dtype).max]
            with np.errstate(over="ignore"):
                array.reshape(-1)[rng.randrange(array.size)] = np.array(rng.choice(extremes)).astype(array.dtype)
            return array
        case "shape":
            return array.reshape((1, *array.shape)) if array.ndim < 4 else array.reshape(-1)
        case "type":
            return array.astype(rng.choice(["<f8", "<f2", "|i1", "<i8", "|u1", "<i2"]), casting="unsafe")
        case "longer":
            return np.concatenate([array, array])
        case "cut":
            return array[:-1]
        case _:
            return array[:0]


@pytest.mark.parametrize("seed", range(250))
@pytest.mark.filterwarnings("ignore:invalid value", "ignore:overflow")
def test_arrays_with_other_values_and_the_right_checksums(path, good, seed):
    rng = random.Random(seed)
    header, arrays = good[1]
    names = [name for name in arrays if not name.startswith("learned") or rng.random() < 0.1]
    name = rng.choice(names)
    match rng.choice(["spoil", "spoil", "spoil", "away", "swap"]):
        case "spoil":
            changed = arrays | {name: spoilt(arrays[name], rng)}
        case "away":
            changed = {key: array for key, array in arrays.items() if key != name}
        case "swap":
            changed = arrays | {name: arrays[rng.choice(names)]}
    write(path, header, changed)
    opened_or_refused(path)


def test_the_good_one_is_opened(path, good):
    path.write_bytes(good[0])
    assert opened_or_refused(path)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"format": 2}, "newer version"),
        ({"format": 0}, "older version"),
        ({"kind": "model"}, "holds a model, and a project is needed"),
        ({"program": "other"}, "another program"),
    ],
)
def test_other_versions_and_kinds(path, good, facts, words):
    path.write_bytes(good[0])
    manifest, members = taken_apart(path)
    put_together(path, manifest | facts, members)
    with pytest.raises(ProjectError, match=words):
        load_project(path)


@pytest.mark.parametrize("name", ["../evil.npy", "/etc/evil.npy", "C:\\evil.npy"])
def test_nothing_is_unpacked_anywhere(path, good, name):
    path.write_bytes(good[0])
    manifest, members = taken_apart(path)
    put_together(path, manifest, {**members, name: b"x"})
    assert not opened_or_refused(path)
    assert [each.name for each in path.parent.iterdir()] == [path.name]


HOSTILE = {
    "many images that are not there": ({"n_images": 2_000_001}, {}),
    "fewer images": ({"n_images": 23}, {}),
    "a label between that is unused": ({}, {"part_series": np.full((1, N_IMAGES), 5, dtype=np.int16)}),
    "a label below -1": ({}, {"part_series": np.full((1, N_IMAGES), -2, dtype=np.int16)}),
    "edits of no pictures": ({}, {"edit_images": np.zeros(0, dtype=np.int32)}),
    "an edit of a picture that is not there": ({}, {"edit_images": np.full(200, N_IMAGES, dtype=np.int32)}),
    "thumbnails of others": ({}, {"thumbnail_hashes": np.zeros((N_IMAGES, 16), dtype=np.uint8)}),
    "thumbnails one over the other": ({}, {"thumbnail_offsets": np.zeros(N_IMAGES + 1, dtype=np.int64)}),
    "a path with a line break": ({}, {"paths": np.frombuffer(b"a\nb\0" * N_IMAGES, dtype=np.uint8)}),
    "paths of no text": ({}, {"paths": np.frombuffer(b"\xff\0" * N_IMAGES, dtype=np.uint8)}),
    "features beyond what can be computed with": (
        {"parts": {"factor": 2.0**60}},
        {"part_vectors": np.full((N_IMAGES, 30), 6e4, dtype=np.float16)},
    ),
    "a skipped file without a reason": ({}, {"skipped": np.frombuffer(b"a.png\0", dtype=np.uint8)}),
    "a skipped file with a line break": ({}, {"skipped": np.frombuffer(b"a\nb\0no\0", dtype=np.uint8)}),
    "a long reason": ({}, {"skipped": np.frombuffer(b"a\0" + b"x" * 1001 + b"\0", dtype=np.uint8)}),
    "skipped files of no text": ({}, {"skipped": np.frombuffer(b"\xff\0\xff\0", dtype=np.uint8)}),
    "skipped files without an end": ({}, {"skipped": np.frombuffer(b"a\0b\0c", dtype=np.uint8)}),
    "skipped files as numbers": ({}, {"skipped": np.zeros(2, dtype=np.int64)}),
    "more skipped files than any folder has": ({}, {"skipped": np.zeros(200_002, dtype=np.uint8)}),
    "a place that is opened": ({}, {"features": np.frombuffer(b"vectors=//evil/share/x.npz", dtype=np.uint8)}),
}


@pytest.mark.parametrize(("facts", "changed"), HOSTILE.values(), ids=HOSTILE)
def test_what_makes_no_sense_is_refused(path, good, facts, changed):
    header, arrays = good[1]
    if "parts" in facts:
        facts = {"parts": header["parts"] | facts["parts"]}
    write(path, header | facts, arrays | changed)
    assert not opened_or_refused(path)


def test_every_edit_that_is_none_is_refused(path, good):
    header, arrays = good[1]
    for at, facts in enumerate(header["history"]["edits"]):
        for change in (
            {"kind": "run"},
            {"name": "a\nb"},
            {"n_groups": 10**9},
            {"n_parts": -1},
            {"target": "x"},
            {"more": 1},
        ):
            edits = list(header["history"]["edits"])
            edits[at] = facts | change
            write(path, header | {"history": {"n_done": 1, "edits": edits}}, arrays)
            assert not opened_or_refused(path)


TWICE = {
    "in a name": Rename(group=(0, 1, 0), name="a"),
    "in a lock": Lock(group=(3, 3)),
    "in a move": Move(images=(5, 5, 5), target=None),
    "in the group moved to": Move(images=(5,), target=(1, 2, 1)),
    "in two parts": Split(group=(0, 1, 2), parts=((0, 1), (), (1, 2))),
    "in all parts": Split(group=(0, 1, 2), parts=((0, 1, 2), (0, 1, 2))),
    "in the group divided": Split(group=(0, 1, 1), parts=((0,), (1,))),
    "in two groups": Merge(groups=((0, 1), (2,), (3, 0))),
}


@pytest.mark.parametrize("edit", TWICE.values(), ids=TWICE)
def test_an_edit_that_names_a_picture_twice_is_refused(path, good, edit):
    edits = (Lock(group=(0, 1)), edit, Lock(group=(0, 1)))
    with pytest.raises(ProjectError, match="names a picture twice"):
        save_project(path, some_project(N_IMAGES, history=History(edits=edits, n_done=3)), private=True)
    said = [_to_plain(each) for each in edits]
    lists = [images for _, each in said for images in each]
    header = good[1][0] | {"history": {"n_done": 3, "edits": [facts for facts, _ in said]}}
    arrays = {
        "edit_images": np.array([image for images in lists for image in images], dtype=np.int32),
        "edit_offsets": np.cumsum([0, *map(len, lists)], dtype=np.int64),
    }
    write(path, header, good[1][1] | arrays)
    with pytest.raises(ProjectError, match="names a picture twice"):
        load_project(path)


def test_other_edits_may_name_it_again(path):
    edits = (
        Split(group=(0, 1, 2), parts=((2,), (), (0, 1))),
        Merge(groups=((0, 1), (2,))),
        Move(images=(0, 1), target=(1, 2)),
        Lock(group=(2, 1, 0)),
    )
    project = some_project(N_IMAGES, history=History(edits=edits, n_done=4))
    save_project(path, project, private=False)
    assert load_project(path).project.history == project.history


@pytest.mark.parametrize("below", [10**9 + 1, 2 * 10**9, 10**30])
def test_hiding_below_any_number_can_be_saved(path, below):
    project = some_project(N_IMAGES, history=History(edits=(Hide(below=below),), n_done=1))
    save_project(path, project, private=True)
    (edit,) = load_project(path, own=True).project.history.edits
    assert N_IMAGES < edit.below <= 10**9


def test_memory_is_bounded_by_the_length_of_the_file(path):
    """Long lists of edits of no length, and edits that name the same images over and over."""
    n_images = 2000
    project = some_project(n_images)
    save_project(path, replace(project, history=replace(project.history, edits=(), n_done=0)), private=False)
    header, arrays = read_archive(path, kind="project", version=1)
    n_parts = 2_000_000
    header["history"]["edits"] = [{"kind": "split", "n_parts": n_parts}]
    offsets = np.ones(n_parts + 2, dtype=np.int64)
    offsets[0] = 0
    write(path, header, arrays | {"edit_images": np.zeros(1, dtype=np.int32), "edit_offsets": offsets})
    assert not opened_or_refused(path)
    n_edits = n_parts // n_images
    images = np.tile(np.arange(n_images, dtype=np.int32), n_edits)
    header["history"]["edits"] = [{"kind": "rename", "name": "a"}] * n_edits
    write(path, header, arrays | {"edit_images": images, "edit_offsets": np.arange(n_edits + 1) * n_images})
    tracemalloc.start()
    load_project(path)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 16 * path.stat().st_size
